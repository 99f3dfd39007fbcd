import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { parseFilter } from "../../cmdlet/filter.ts";
import { FORCE, planOf } from "../../cmdlet/object-change.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, RESULT_SIZE_DEFAULT, RESULT_SIZE_MAX } from "../../cmdlet/paging.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
} from "../../cmdlet/parameter.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import { configText } from "../../org/config-value.ts";
import type { ObjectProperties, RecipientObject } from "../../org/organization-editor.ts";
import { integer, line, oneOf } from "../../org/settings/setting-types.ts";
import { changeRecipient, putOutNothing } from "./change-recipients.ts";
import {
  ALL_RECIPIENT_KINDS,
  findRecipient,
  IDENTITY_MAX,
  recipientIdentity,
  resolveAddress,
} from "./find-recipient.ts";
import { RECIPIENT_CHANGERS, RECIPIENT_READERS } from "./recipient-noun.ts";
import { RECIPIENT } from "./recipient-output.ts";
import type { RecipientServices } from "./services.ts";

type Run = Invocation<RecipientServices>;

const RECIPIENT_PERMISSION = {
  name: "RecipientPermission",
  properties: {
    Identity: { kind: "text", doc: "The recipient." },
    Trustee: { kind: "text", doc: "Address of the mailbox whose user may." },
    AccessRights: { kind: "choice", doc: "What he may.", choices: ["SendAs"] },
  },
  table: ["Identity", "Trustee", "AccessRights"],
} as const satisfies OutputType;

const IDENTITY = recipientIdentity("Recipient", "recipient");
const ACCESS_RIGHTS = defaultedParameter(oneOf(["SendAs"]), "SendAs", "The right; there is one.");

/** Who may send as whom. */
export const getRecipientPermission = defineCmdlet({
  name: "Get-RecipientPermission",
  summary: "Shows who may send as somebody else.",
  roles: RECIPIENT_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-RecipientPermission team", doc: "Who may send as the team." },
    { command: "Get-RecipientPermission -Trustee alice", doc: "As whom Alice may send." },
  ],
  parameters: {
    Identity: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Name or address of one recipient; absent: all.",
      { position: 0, completion: "Recipient", pipeline: "property" },
    ),
    Trustee: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Only the rights of this mailbox, by name or address.",
      { completion: "Mailbox" },
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: RESULT_SIZE_MAX, unlimited: true }),
      String(RESULT_SIZE_DEFAULT),
      "The most rights to put out, or Unlimited.",
    ),
  },
  output: RECIPIENT_PERMISSION,
  async *run(run: Run, { identity, trustee, resultSize }) {
    const wanted = trustee === undefined ? undefined : await resolveTrustee(run, trustee);
    let count = 0;
    for await (const recipient of holders(run, identity)) {
      for (const holder of sendAsOf(recipient.properties)) {
        if (wanted !== undefined && holder.toLowerCase() !== addressKey(wanted)) continue;
        count += 1;
        if (count > resultSize) {
          run.warn(moreResultsWarning(resultSize));
          return;
        }
        yield permission(recipient, holder);
      }
    }
  },
});

const CHANGE_PARAMETERS = {
  Identity: IDENTITY,
  Trustee: requiredParameter(
    line({ max: IDENTITY_MAX }),
    "Name or address of the mailbox whose user it is about.",
    { position: 1, completion: "Mailbox", pipeline: "property" },
  ),
  AccessRights: ACCESS_RIGHTS,
  Force: FORCE,
};

/** Lets a user send as a recipient. */
export const addRecipientPermission = defineCmdlet({
  ...({ roles: RECIPIENT_CHANGERS, effect: "changes", output: RECIPIENT_PERMISSION } as const),
  name: "Add-RecipientPermission",
  summary: "Lets the user of a mailbox send as another recipient.",
  confirmation: "none",
  examples: [
    {
      command: "Add-RecipientPermission team -Trustee alice",
      doc: "Alice may write From: the team.",
    },
  ],
  parameters: CHANGE_PARAMETERS,
  plan: async (run: Run, input) => planOf((await grant(run, input, "show")).edits),
  async *run(run: Run, input) {
    const { recipient, trustee } = await grant(run, input, "store");
    yield permission(recipient, trustee);
  },
});

/** Ends that. */
export const removeRecipientPermission = defineCmdlet({
  ...({ roles: RECIPIENT_CHANGERS, effect: "changes", output: RECIPIENT_PERMISSION } as const),
  name: "Remove-RecipientPermission",
  summary: "The user of a mailbox may no longer send as another recipient.",
  confirmation: "asks",
  examples: [
    { command: "Remove-RecipientPermission team -Trustee alice", doc: "Alice has left the team." },
  ],
  parameters: CHANGE_PARAMETERS,
  plan: async (run: Run, input) => planOf((await revoke(run, input, "show")).edits),
  run: (run: Run, input) => putOutNothing(() => revoke(run, input, "store")),
});

interface Wish {
  readonly identity: string;
  readonly trustee: string;
  readonly force: boolean;
}

async function grant(run: Run, wish: Wish, mode: "store" | "show") {
  const { organization: editor } = run.services;
  const where = { kinds: ["mailbox"] as const, parameter: "Trustee" };
  // Only the user of a mailbox logs on: a right for anybody else would be a mistake.
  const mailbox = await findRecipient(editor, wish.trustee, where);
  const trustee = configText(mailbox.properties["primarySmtpAddress"]);
  return change(run, wish, {
    mode,
    trustee,
    edit: (before) => (before.some((one) => isSame(one, trustee)) ? before : [...before, trustee]),
  });
}

async function revoke(run: Run, wish: Wish, mode: "store" | "show") {
  const trustee = await resolveTrustee(run, wish.trustee);
  return change(run, wish, {
    mode,
    trustee,
    edit(before) {
      const kept = before.filter((one) => !isSame(one, trustee));
      if (kept.length === before.length) run.warn(`${trustee} had no such right`);
      return kept;
    },
  });
}

async function change(
  run: Run,
  { identity, force }: Wish,
  how: {
    readonly mode: "store" | "show";
    readonly trustee: string;
    readonly edit: (before: readonly string[]) => readonly string[];
  },
) {
  const where = { kinds: ALL_RECIPIENT_KINDS, parameter: "Identity" };
  const recipient = await findRecipient(run.services.organization, identity, where);
  const edits = await changeRecipient(run, recipient, {
    mode: how.mode,
    isForced: force,
    change: (properties) => ({ ...properties, sendAs: how.edit(sendAsOf(properties)) }),
  });
  return { recipient, trustee: how.trustee, edits };
}

async function* holders(
  { services, clock, signal }: Run,
  identity: string | undefined,
): AsyncGenerator<RecipientObject> {
  if (identity !== undefined) {
    const where = { kinds: ALL_RECIPIENT_KINDS, parameter: "Identity" };
    yield await findRecipient(services.organization, identity, where);
    return;
  }
  const filter = parseFilter("SendAs -ne $null", RECIPIENT);
  const { root, properties } = filter.ok
    ? filter.value
    : { root: undefined, properties: undefined };
  const query = {
    view: "recipient",
    kinds: ALL_RECIPIENT_KINDS,
    nowMs: clock.nowMs(),
    ...(root && properties && { filter: { root, properties } }),
  } as const;
  for await (const { recipients } of services.recipients.search(query)) {
    signal.throwIfAborted();
    yield* recipients;
  }
}

function resolveTrustee({ services }: Run, text: string): Promise<Address> {
  const where = { kinds: ["mailbox"] as const, parameter: "Trustee" };
  return resolveAddress(services.organization, text, where);
}

/** One that stands alone need not be a list. */
function sendAsOf({ sendAs }: ObjectProperties): readonly string[] {
  return [sendAs ?? []].flat().map(String);
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function permission(
  { name }: Pick<RecipientObject, "name">,
  trustee: string,
): OutputOf<typeof RECIPIENT_PERMISSION> {
  return { Identity: name, Trustee: trustee, AccessRights: "SendAs" };
}
