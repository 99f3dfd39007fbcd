import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { FORCE, planOf } from "../../cmdlet/object-change.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { changeRecipient } from "./change-recipients.ts";
import { findRecipient, recipientIdentity } from "./find-recipient.ts";
import { fitCredentials } from "./fit-credentials.ts";
import { generatePassword } from "./generated-password.ts";
import { RECIPIENT_CHANGERS } from "./recipient-noun.ts";
import type { RecipientServices } from "./services.ts";

type Run = Invocation<RecipientServices>;

const MAILBOX_PASSWORD = {
  name: "MailboxPassword",
  properties: {
    Identity: { kind: "text", doc: "The mailbox." },
    Password: { kind: "text", doc: "Its new password; shown this once, and stored nowhere." },
  },
  table: ["Identity", "Password"],
} as const satisfies OutputType;

/** Another password, made up by the server. */
export const resetMailboxPassword = defineCmdlet({
  name: "Reset-MailboxPassword",
  summary: "Gives a mailbox a new random password, and shows it once.",
  notes: [
    "The old one is worth nothing from now on; app passwords stay. To choose the password, use " +
      "Set-Mailbox -Password.",
  ],
  roles: RECIPIENT_CHANGERS,
  effect: "changes",
  confirmation: "asks",
  examples: [{ command: "Reset-MailboxPassword alice", doc: "Alice has forgotten hers." }],
  parameters: { Identity: recipientIdentity("Mailbox", "mailbox"), Force: FORCE },
  output: MAILBOX_PASSWORD,
  plan: async (run: Run, input) => planOf((await reset(run, input, "show")).edits),
  async *run(run: Run, input) {
    const { name, password } = await reset(run, input, "store");
    yield { Identity: name, Password: password };
  },
});

async function reset(
  run: Run,
  { identity, force }: { readonly identity: string; readonly force: boolean },
  mode: "store" | "show",
) {
  const where = { kinds: ["mailbox"] as const, parameter: "Identity" };
  const mailbox = await findRecipient(run.services.organization, identity, where);
  const password = generatePassword();
  const edits = await changeRecipient(run, mailbox, {
    mode,
    isForced: force,
    change: (stored) => fitCredentials({ ...stored, password }, new Set(["password"])),
  });
  return { name: mailbox.name, password, edits };
}
