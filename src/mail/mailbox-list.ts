import { type Address, addressKey, parseAddress } from "./address.ts";

/** One entry of an address list as found. */
export interface ListedMailbox {
  /** `undefined` when what stands there is no address that mail could be sent to. */
  readonly address: Address | undefined;
  /** The address as written, without display name, comments or brackets; may be hostile. */
  readonly text: string;
  /** What stands before the brackets, quotes and encoded words as they are; `""` without one. */
  readonly name: string;
}

const USUAL = /^(?:[\w .,'&/-]*|"[^"\\\r\n]*")\s*<([^\s<>@"(),:;\\]+@[^\s<>@"(),:;\\]+)>$/;
const UTF8 = { smtpUtf8: true };
/** Quoted strings, and words that are encoded (RFC 2047 §2): whatever is in them is a name. */
const ENCLOSED = /"(?:[^"\\]|\\.)*"|=\?[^?\s]{1,80}\?[bq]\?[^?\s]*\?=/gis;

const NAME_LENGTH_MAX = 2000;

/** Where the quoted string, comment or domain literal that starts at `start` ends; -1 = never. */
function endOfEnclosed(text: string, start: number): number {
  const open = text[start];
  const close = open === "(" ? ")" : open === "[" ? "]" : '"';
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\\") index += 1;
    else if (character === close && (index > start || close !== '"')) {
      depth -= open === "(" ? 1 : 0;
      if (depth <= 0) return index;
    } else if (character === open && open === "(") depth += 1;
  }
  return -1;
}

/** Each run of white space is looked at from its beginning only, or long ones would be slow. */
const SPACE_BEFORE = /(?<![\t\r\n ])[\t\r\n ]+(?=[.@])/g;
const SPACE_AFTER = /([.@])[\t\r\n ]+/g;

/** White space is allowed around the dots and the at sign of old (RFC 5322 §4.4), nowhere else. */
function toMailbox(raw: string, name: string): ListedMailbox | undefined {
  const text = raw.trim();
  if (text === "") return undefined;
  const compact = text.startsWith('"')
    ? text
    : text.replace(SPACE_BEFORE, "").replace(SPACE_AFTER, "$1");
  const routed = compact.startsWith("@") ? compact.slice(compact.indexOf(":") + 1) : compact;
  return { address: parseAddress(routed, UTF8), text: routed, name };
}

/** What an address field says, and whether it says only that. */
export interface ReadMailboxList {
  readonly mailboxes: readonly ListedMailbox[];
  /** False when another reader could find another address in it. */
  readonly isClear: boolean;
}

/**
 * Reads the value of a From, Sender, To, Cc or Bcc field (RFC 5322 §3.4), tolerant of what clients
 * write: names are skipped, groups dissolved, empty entries passed over. Stops
 * after `mailboxesMax`.
 */
export function parseMailboxList(value: string, mailboxesMax: number): readonly ListedMailbox[] {
  return readMailboxList(value, mailboxesMax).mailboxes;
}

/**
 * As `parseMailboxList`, for those who decide by what they read. Readers differ over a second pair
 * of brackets, something that does not end, and an at sign in a name without quotes, which is no
 * name (RFC 5322 §3.2.3) but common where it repeats the address.
 */
export function readMailboxList(value: string, mailboxesMax: number): ReadMailboxList {
  const found: ListedMailbox[] = [];
  let isClear = true;
  let plain = "";
  let angle: string | undefined;
  const flush = () => {
    const mailbox = toMailbox(angle ?? plain, angle === undefined ? "" : plain.trim());
    if (mailbox !== undefined) found.push(mailbox);
    if (angle !== undefined && !isNameOf(mailbox, plain)) isClear = false;
    plain = "";
    angle = undefined;
  };
  for (let index = 0; index < value.length && found.length < mailboxesMax; index += 1) {
    const character = value[index] ?? "";
    switch (character) {
      case "(":
      case '"':
      case "[": {
        const end = endOfEnclosed(value, index);
        if (end < 0) isClear = false;
        const stop = end < 0 ? value.length : end;
        if (character !== "(") plain += value.slice(index, stop + 1);
        index = stop;
        break;
      }
      case "<": {
        const end = endOfAngle(value, index);
        if (angle !== undefined || end === value.length) isClear = false;
        angle ??= value.slice(index + 1, end);
        index = end;
        break;
      }
      case ",":
      case ";":
        flush();
        break;
      case ":":
        // What stood before is the name of a group.
        if (!isNameOf(undefined, plain)) isClear = false;
        plain = "";
        break;
      default:
        plain += character;
    }
  }
  if (found.length < mailboxesMax) flush();
  return { mailboxes: found, isClear: isClear && (found.length > 0 || !value.includes("@")) };
}

/** Whether what stands beside an address is a name, or at most the same address once more. */
function isNameOf(mailbox: ListedMailbox | undefined, plain: string): boolean {
  if (!plain.includes("@")) return true;
  // Nobody's name is as long; what is made to confuse is not worth the time.
  if (plain.length > NAME_LENGTH_MAX) return false;
  const name = plain.replace(ENCLOSED, "").trim();
  if (!name.includes("@")) return true;
  const own = mailbox?.address;
  const named = parseAddress(name, UTF8);
  return own !== undefined && named !== undefined && addressKey(named) === addressKey(own);
}

/** Index of the `>` that closes the `<` at `start`, or the length of the text. */
function endOfAngle(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === ">") return index;
    if (text[index] === '"') {
      const end = endOfEnclosed(text, index);
      if (end < 0) return text.length;
      index = end;
    }
  }
  return text.length;
}

/** The first address in the value of an address field, `""` when there is none to be sent to. */
export function firstMailbox(value: string): Address | "" {
  const usual = USUAL.exec(value.trim());
  if (usual !== null) return parseAddress(usual[1] ?? "", UTF8) ?? "";
  return parseMailboxList(value, 1)[0]?.address ?? "";
}
