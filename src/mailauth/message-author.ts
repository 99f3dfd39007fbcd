import { type Domain, domainOf, parseDomain } from "../mail/address.ts";
import { decodeEncodedWords } from "../mail/encoded-word.ts";
import { readHeaderSection } from "../mail/header-section.ts";
import { textOf } from "../mail/header-values.ts";
import { readMailboxList } from "../mail/mailbox-list.ts";

/** What a message says of its author (RFC 5322 §3.6.2), and whether all readers see the same. */
export interface MessageAuthor {
  /** From fields; one is right. */
  readonly fieldCount: number;
  /** Addresses of the first From field that mail could be sent to, as far as they were read. */
  readonly addresses: readonly string[];
  /** Name beside the first address: decoded, one line, cut; `""` without one. Hostile text. */
  readonly displayName: string;
  /** The domain of all addresses; `undefined` without exactly one. */
  readonly domain: Domain | undefined;
  /** No common reader finds another author in it than we do. */
  readonly isClear: boolean;
}

/** Addresses that one From field may name; DMARC is not meant for more. */
const ADDRESSES_MAX = 20;
/** Octets of one From field; a longer one is not clear. */
const FIELD_OCTETS_MAX = 8192;
const DISPLAY_NAME_CHARACTERS_MAX = 256;

const NOBODY: MessageAuthor = {
  fieldCount: 0,
  addresses: [],
  displayName: "",
  domain: undefined,
  isClear: false,
};

/**
 * Reads who wrote a message from its header; more of the content may follow. Readers differ over
 * comments, groups, routes, escapes, encoded words and odd line ends, so a field that has any of
 * them and could be read in another way is not clear. Total and linear.
 */
export function readAuthor(content: Uint8Array): MessageAuthor {
  const { fields, end } = readHeaderSection(content);
  const places = fields.filter(({ name }) => name === "from");
  const [first] = places;
  if (first === undefined) return NOBODY;
  const raw = Buffer.from(content.buffer, content.byteOffset + first.from, first.to - first.from);
  const isShort = raw.length <= FIELD_OCTETS_MAX;
  const octets = raw.toString("latin1", 0, FIELD_OCTETS_MAX);
  const value = textOf(octets.slice(octets.indexOf(":") + 1).replace(/\r?\n(?=[ \t])/g, "")).trim();
  const list = readMailboxList(value, ADDRESSES_MAX + 1);
  const addresses = list.mailboxes.flatMap(({ address }) => (address === undefined ? [] : address));
  const domains = new Set(addresses.map(domainOf));
  const [domain] = domains;
  const isWhole =
    isShort &&
    list.isClear &&
    addresses.length === list.mailboxes.length &&
    addresses.length <= ADDRESSES_MAX;
  const isClear =
    isWhole &&
    places.length === 1 &&
    !hasOddLineEnds(content, end) &&
    list.mailboxes.every(({ text }) => value.includes(text)) &&
    domains.size === 1 &&
    domain !== undefined &&
    readersAgree(value, domain);
  return {
    fieldCount: places.length,
    addresses: addresses.slice(0, ADDRESSES_MAX),
    displayName: displayNameOf(value),
    domain: domains.size === 1 ? domain : undefined,
    isClear,
  };
}

/** A CR or LF alone, or a NUL: some readers end a line or a header there, and others don't. */
function hasOddLineEnds(content: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; at += 1) {
    const octet = content[at];
    if (octet === 0) return true;
    if (octet === 13 && content[at + 1] !== 10) return true;
    if (octet === 10 && content[at - 1] !== 13) return true;
  }
  return false;
}

const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const IN_BRACKETS = /<[^<>]*>?/g;
const QUOTED = /"(?:[^"\\]|\\.)*"/gs;
const COMMENT = /\((?:[^()\\]|\\.)*\)/gs;
const DOMAIN_AT = /[@\uff20]\s*([^\s@\uff20<>"(),:;\\]*)/g;

/**
 * Whether every way of reading the value leads to `domain`: with encoded words decoded before the
 * addresses are looked for, with quotes and escapes unknown, with the first or the last brackets,
 * with comments taken for text.
 */
function readersAgree(value: string, domain: Domain): boolean {
  if (CONTROL.test(value.replaceAll("\t", " "))) return false;
  const agrees = (text: string) =>
    [...text.matchAll(DOMAIN_AT)].every(([, name = ""]) => parseDomain(name) === domain);
  const decoded = decodeEncodedWords(value);
  const bare = value.replace(/\\/g, "");
  for (const variant of [value, decoded, bare]) {
    if (!(variant.match(IN_BRACKETS) ?? []).every(agrees)) return false;
    if (!(withoutQuoted(variant).match(COMMENT) ?? []).every(agrees)) return false;
  }
  // What an encoded word hides must not be a list, a group or a quote to who decodes first.
  if (decoded !== value && !agrees(withoutQuoted(decoded)) && /[<>,;:"]/.test(added(value))) {
    return false;
  }
  // An escape is where readers disagree on where a quoted name ends.
  if (value.includes("\\") && !agrees(value)) return false;
  // Who does not know comments takes one that touches the domain for a part of it.
  const isTouched = /@[^\s<>"(),]*\(/.test(withoutQuoted(value));
  return !isTouched && !isGroup(value) && !/<\s*@/.test(value);
}

function withoutQuoted(text: string): string {
  return text.replace(QUOTED, "");
}

/** The words of a value that were encoded, decoded. */
function added(value: string): string {
  return (value.match(/=\?[^?\s]{1,80}\?[bq]\?[^?\s]*\?=/gi) ?? [])
    .map(decodeEncodedWords)
    .join(" ");
}

/** RFC 6854 allows groups in From; half of all readers show nobody for them, or the group. */
function isGroup(value: string): boolean {
  return value.replace(QUOTED, "").replace(COMMENT, "").replace(IN_BRACKETS, "").includes(":");
}

/** What stands beside the first address, or after it as a comment. */
function displayNameOf(value: string): string {
  const open = value.replace(QUOTED, (quoted) => " ".repeat(quoted.length)).indexOf("<");
  const beside = open > 0 ? value.slice(0, open) : "";
  const comment = beside.trim() === "" ? (COMMENT_ONCE.exec(value)?.[1] ?? "") : beside;
  const text = comment.trim().replace(/^"([\s\S]*)"$/, (_, inner: string) => unescaped(inner));
  return decodeEncodedWords(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, DISPLAY_NAME_CHARACTERS_MAX)
    .toWellFormed();
}

const COMMENT_ONCE = /\(((?:[^()\\]|\\.)*)\)/s;

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, "$1");
}
