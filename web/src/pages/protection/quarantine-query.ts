import type { ParametersOf } from "../../api/run-cmdlet.ts";

type Type = NonNullable<ParametersOf<"Get-QuarantineMessage">["Type"]>;

/** The compiler sees to it that this has all that the cmdlet knows, and nothing else. */
const TYPE_NAMES: Readonly<Record<Type, true>> = {
  ...{ Spam: true, Bulk: true, Phish: true, HighConfPhish: true, Malware: true },
  ...{ FileTypeBlock: true, TransportRule: true, Dmarc: true, Policy: true },
};

/** What keeps mail, as Get-QuarantineMessage names it. */
// Object.keys forgets the type of the keys it returns.
export const TYPES = Object.keys(TYPE_NAMES) as readonly Type[];

const OFTEN_NAMES = ["type", "sender", "recipient", "subject", "within"] as const;
/** Conditions that are asked for more rarely, by their names in the address of the page. */
export const MORE_NAMES = [
  ...(["domain", "policy", "messageid", "direction", "from", "until"] as const),
  ...(["expires", "filter"] as const),
];
const NAMES = [...OFTEN_NAMES, ...MORE_NAMES];

type State = Readonly<Record<string, string | undefined>>;

/** What the address of the page asks the quarantine for. */
export function quarantineQuery(state: State) {
  const { type, sender, recipient, subject, within, filter } = state;
  const { domain, policy, messageid, direction, from, until, expires } = state;
  const wanted = TYPES.find((one) => one === type);
  const way = (["Inbound", "Outbound"] as const).find((one) => one === direction);
  const start = from ?? (within && `-${within}`);
  return {
    ...(wanted && { Type: wanted }),
    ...(sender && { SenderAddress: [part(sender)] }),
    ...(recipient && { RecipientAddress: [part(recipient)] }),
    ...(subject && { Subject: subject }),
    ...(domain && { Domain: [domain] }),
    ...(policy && { PolicyName: part(policy) }),
    ...(messageid && { MessageId: messageid }),
    ...(way && { Direction: way }),
    ...(start && { StartReceivedDate: start }),
    ...(until && { EndReceivedDate: until }),
    ...(expires && { EndExpiresDate: `now+${expires}` }),
    ...(filter && { Filter: filter }),
  };
}

/** Whether the address asks for some messages only. */
export function isFiltered(state: State): boolean {
  return NAMES.some((name) => state[name] !== undefined);
}

/** Asks for all again. */
export const NO_FILTER: State = Object.fromEntries(NAMES.map((name) => [name, undefined]));

/** What is typed stands for a part of a text, unless it says itself where it is open. */
function part(text: string): string {
  return /[*?]/.test(text) ? text : `*${text}*`;
}
