import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { line, listOf } from "../../org/settings/setting-types.ts";
import type { HeldPlace, KeptMessage, QuarantineServices } from "./services.ts";

/** Messages that one command names. */
const IDENTITIES_MAX = 1000;
/** Characters of an identity. */
export const IDENTITY_CHARACTERS_MAX = 320;

/** `-Identity` of a message in quarantine. */
export function identityParameter(traits: { readonly excludes?: readonly string[] } = {}) {
  return optionalParameter(
    line({ max: IDENTITY_CHARACTERS_MAX }),
    "The message, as Get-QuarantineMessage shows it.",
    { position: 0, pipeline: "property", ...traits },
  );
}

/** `-Identity` and `-Identities` of the cmdlets that act on messages. */
export const IDENTITY_PARAMETERS = {
  Identity: identityParameter(),
  Identities: optionalParameter(
    listOf(line({ max: IDENTITY_CHARACTERS_MAX }), { max: IDENTITIES_MAX }),
    "Several messages; with it, Identity counts for nothing.",
  ),
};

/** The values of IDENTITY_PARAMETERS in a handler. */
export interface NamedMessages {
  readonly identity: string | undefined;
  readonly identities: readonly string[] | undefined;
}

/**
 * The name of a message in quarantine: the GUID that all its copies keep, and its own number.
 */
export function formatIdentity({ networkMessageId, id }: HeldPlace): string {
  return `${networkMessageId}\\${id}`;
}

/**
 * The messages that a command names, each as it is looked at; says how far that is.
 * @throws CmdletFault
 */
export async function* namedMessages(
  run: Pick<Invocation<QuarantineServices>, "services" | "signal" | "progress">,
  { identity, identities }: NamedMessages,
): AsyncGenerator<KeptMessage> {
  const names = identities ?? (identity === undefined ? [] : [identity]);
  if (names.length === 0) {
    const text = "say which message: give -Identity, as Get-QuarantineMessage shows it";
    throw new CmdletFault("bad-parameter", text, { parameter: "Identity" });
  }
  const parameter = identities === undefined ? "Identity" : "Identities";
  const wanted = [...new Set(names)];
  for (const [done, name] of wanted.entries()) {
    run.signal.throwIfAborted();
    run.progress({ activity: "Messages", done, total: wanted.length, unit: "messages" });
    yield await findMessage(run, name, parameter);
  }
}

/** The message of that name. @throws CmdletFault */
export async function findMessage(
  { services }: Pick<Invocation<QuarantineServices>, "services">,
  identity: string,
  parameter: "Identity" | "Identities",
): Promise<KeptMessage> {
  // The number alone is enough, as Get-Message shows it.
  const match = /^(?:([\da-f-]{36})\\|.*\\)?(\d{1,15})$/i.exec(identity.trim());
  if (match === null) {
    const text = `${JSON.stringify(identity)} is no identity; write GUID\\number, as it is shown`;
    throw new CmdletFault("bad-parameter", text, { parameter });
  }
  const [, guid, number] = match;
  const [kept] = await services.quarantine.find([Number(number)]);
  const isIt = guid === undefined || guid.toLowerCase() === kept?.message.networkMessageId;
  if (kept !== undefined && isIt) return kept;
  const text = `there is no message ${identity} in quarantine; it was released, deleted or expired`;
  throw new CmdletFault("not-found", text, { parameter });
}
