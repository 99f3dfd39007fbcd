/** What a search is for. */
export type SearchKind =
  | "address"
  | "sender"
  | "recipient"
  | "domain"
  | "messageId"
  | "traceId"
  | "number"
  | "ip"
  | "subject"
  | "several";

/** All of them, in the order in which they are offered. */
export const SEARCH_KINDS: readonly SearchKind[] = [
  "address",
  "sender",
  "recipient",
  "domain",
  "messageId",
  "traceId",
  "number",
  "ip",
  "subject",
  "several",
];

/** A search as it was understood. */
export interface Search {
  readonly kind: SearchKind;
  /** Without what only marks its kind: quotes, `Message-ID:`, the name before an address. */
  readonly text: string;
}

/** As long as the server takes. */
export const SEARCH_CHARACTERS_MAX = 1024;

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const NUMBER = /^(?:#|(?:[^\\\s]*\\){1,2})?(\d{1,15})$/;
const IPV4 = /^(?:\d{1,3}|\*)(?:\.(?:\d{1,3}|\*)){1,3}$/;
const IPV6 = /^(?=[^:]*:[^:]*:)[\da-f:.*]+$/i;
const LABEL = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?`;
const HOST = new RegExp(String.raw`^(?:\*\.)?(?:${LABEL}\.)+(?:xn--[\w-]+|\p{L}{2,})$`, "u");
/** Words with a dot in them that are names of files, and stand in subjects. */
const FILE_ENDING =
  /\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|html?|jpe?g|png|gif|eml|msg|exe|zip|rar|log|xml|json|ics)$/i;
const LONG_LOCAL_PART = 20;
/** Hosts that only write ids, never addresses. */
const ID_HOSTS = /@(?:mail\.gmail\.com|.*\.prod\.outlook\.com|.*\.eurprd\d\d\.\S*|localhost)$/i;

/** What a text is taken for; `undefined` when there is none. It is never wrong for long: see it. */
export function parseSearch(text: string): Search | undefined {
  const trimmed = text.slice(0, SEARCH_CHARACTERS_MAX).trim();
  if (trimmed === "") return undefined;
  const quoted = /^"([^"]+)"$/.exec(trimmed)?.[1];
  if (quoted !== undefined) return { kind: "subject", text: quoted.trim() };
  const labelled = /^(message-id|subject|from|to|sender|recipient)\s*:\s*(\S.*)$/i.exec(trimmed);
  if (labelled !== null) return parseLabelled(labelled[1] ?? "", labelled[2] ?? "");
  if (GUID.test(trimmed)) return { kind: "traceId", text: trimmed };
  const number = NUMBER.exec(trimmed)?.[1];
  if (number !== undefined) return { kind: "number", text: number };
  if (trimmed === "<>") return { kind: "sender", text: trimmed };
  if (/^<[^<>\s]+>$/.test(trimmed)) return { kind: "messageId", text: trimmed };
  const ip = trimmed.replace(/^\[(?:IPv6:)?(.*)\]$/i, "$1");
  if (IPV4.test(ip) || IPV6.test(ip)) return { kind: "ip", text: ip };
  return parseName(trimmed);
}

/** A line that was copied out of a header. */
function parseLabelled(label: string, rest: string): Search {
  switch (label.toLowerCase()) {
    case "message-id":
      return { kind: "messageId", text: rest };
    case "subject":
      return { kind: "subject", text: rest };
    case "from":
    case "sender":
      return { kind: "sender", text: bareAddress(rest) };
    default:
      return { kind: "recipient", text: bareAddress(rest) };
  }
}

/** Addresses, ids without their brackets, domains; what is none of them is a subject. */
function parseName(text: string): Search {
  const address = bareAddress(text);
  if (/^@[^\s@]+$/.test(address)) return { kind: "domain", text: address.slice(1) };
  const at = address.lastIndexOf("@");
  if (at > 0 && !/[\s<>,]/.test(address) && at < address.length - 1) {
    return { kind: isMessageId(address) ? "messageId" : "address", text: address };
  }
  if (HOST.test(text) && !FILE_ENDING.test(text)) return { kind: "domain", text };
  return { kind: severalOf(text) === undefined ? "subject" : "several", text };
}

/** Addresses and domains, each of which has to do with the message, and words of its subject. */
export interface Several {
  readonly participants: readonly string[];
  readonly words: string;
}

const SEVERAL_MAX = 10;

/** A text that is made of addresses or domains, and of words; `undefined`: it is not. */
export function severalOf(text: string): Several | undefined {
  const pieces = text.split(/[\s,;]+/).filter((piece) => piece !== "");
  const isParticipant = (piece: string) =>
    /^[^\s@<>()"]+@[^\s@<>()"]+\.[^\s@<>()"]+$/.test(piece) ||
    /^@[^\s@]+$/.test(piece) ||
    (HOST.test(piece) && !FILE_ENDING.test(piece));
  const participants = pieces.filter(isParticipant);
  // Subjects, too, have names of hosts in them: only an @ says that somebody is meant.
  const isOne = pieces.length < 2 || !participants.some((one) => one.includes("@"));
  if (isOne || participants.length > SEVERAL_MAX) return undefined;
  // An address says more than its domain: what is looked for first comes first.
  const isDomain = (one: string) => Number(one.indexOf("@") < 1);
  return {
    participants: participants.toSorted((one, other) => isDomain(one) - isDomain(other)),
    words: pieces.filter((piece) => !isParticipant(piece)).join(" "),
  };
}

/** `mailto:` and `Alice <alice@contoso.com>` without what is around the address. */
function bareAddress(text: string): string {
  const inner = /^[^<>]*<([^<>\s]+@[^<>\s]+)>$/.exec(text)?.[1];
  return (inner ?? text).replace(/^mailto:/i, "").trim();
}

/** Programs write ids of digits and random letters; people have no such addresses. */
function isMessageId(text: string): boolean {
  if (ID_HOSTS.test(text)) return true;
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  if (local.includes("*")) return false;
  // A host without a dot writes ids, not mail.
  if (!text.slice(at + 1).includes(".")) return true;
  // Return paths that name their recipient are as long, but say so.
  if (/^(?:bounce|srs[01]|prvs|msprvs)|[=+].*[=-]/i.test(local)) return false;
  const digits = local.replaceAll(/\D/g, "").length;
  return local.length >= LONG_LOCAL_PART && digits * 3 >= local.length;
}
