import { type Address, parseAddress } from "./address.ts";
import { textOf } from "./header-values.ts";

/** Octets of a text, from the first to before the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where an address stands in the value of a field. */
export interface AddressPlace {
  readonly address: Address;
  /** Its local part as written, with quotes, and without what is around it. */
  readonly local: Span;
  readonly domain: Span;
}

const UTF8 = { smtpUtf8: true };
/** Addresses looked at in one field; what comes behind them is passed over. */
export const PLACES_MAX = 10_000;

type TokenKind = "word" | "quoted" | "literal" | "at" | "space";
interface Token extends Span {
  readonly kind: TokenKind;
}

/**
 * Finds the addresses in the value of an address field (RFC 5322 §3.4), in order, without changing
 * a thing: names, comments, groups, folds and encoded words are around them. `value` is octets as
 * Latin 1, so that places are octets; what is no address that mail could be sent to is passed over.
 * Total, and linear in the length of the value.
 */
export function findAddressPlaces(value: string): readonly AddressPlace[] {
  const found: AddressPlace[] = [];
  let plain: Token[] = [];
  let angle: Token[] | undefined;
  const flush = (): void => {
    const place = placeOf(value, angle ?? plain);
    if (place !== undefined) found.push(place);
    plain = [];
    angle = undefined;
  };
  for (let at = 0; at < value.length && found.length < PLACES_MAX; ) {
    const octet = value[at] ?? "";
    if (octet === "," || octet === ";") {
      flush();
      at += 1;
    } else if (octet === ":") {
      // What stood before is the name of a group.
      plain = [];
      at += 1;
    } else if (octet === "<") {
      const inside = readAngle(value, at);
      // What never ends, readers read in many ways.
      if (inside === undefined) return found;
      // Of two pairs of brackets the first counts, as it does where senders are checked.
      angle ??= inside.tokens;
      at = inside.to;
    } else {
      const token = readToken(value, at);
      if (token === undefined) return found;
      if (token !== "comment") plain.push(token);
      at = token === "comment" ? endOfComment(value, at) : token.to;
    }
  }
  if (found.length < PLACES_MAX) flush();
  return found;
}

/** What is between brackets, a source route left out (RFC 5322 §4.4). */
function readAngle(
  value: string,
  open: number,
): { readonly tokens: Token[]; readonly to: number } | undefined {
  let tokens: Token[] = [];
  for (let at = open + 1; at < value.length; ) {
    if (value[at] === ">") return { tokens, to: at + 1 };
    if (value[at] === ":") {
      tokens = [];
      at += 1;
      continue;
    }
    if (/[,;<]/.test(value[at] ?? "")) {
      // In a route; anywhere else it makes an address of nothing that stands there.
      tokens.push({ kind: "quoted", from: at, to: at + 1 });
      at += 1;
      continue;
    }
    const token = readToken(value, at);
    if (token === undefined) return undefined;
    if (token !== "comment") tokens.push(token);
    at = token === "comment" ? endOfComment(value, at) : token.to;
  }
  return undefined;
}

const SPACE = /[ \t\r\n]+/y;
const WORD = /[^ \t\r\n()<>[\]"@,;:\\]+/y;
const QUOTED = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const LITERAL = /\[[^[\]\\]*(?:\\[\s\S][^[\]\\]*)*\]/y;

/** `undefined`: something begins there that does not end. */
function readToken(value: string, at: number): Token | "comment" | undefined {
  const octet = value[at] ?? "";
  if (octet === "(") return endOfComment(value, at) < 0 ? undefined : "comment";
  if (octet === "@") return { kind: "at", from: at, to: at + 1 };
  if (octet === '"') return match(QUOTED, "quoted", { value, at });
  if (octet === "[") return match(LITERAL, "literal", { value, at });
  return (
    match(SPACE, "space", { value, at }) ??
    match(WORD, "word", { value, at }) ??
    // A bracket or backslash that belongs to nothing: no address has one.
    ({ kind: "quoted", from: at, to: at + 1 } as const)
  );
}

function match(
  pattern: RegExp,
  kind: TokenKind,
  { value, at }: { readonly value: string; readonly at: number },
): Token | undefined {
  pattern.lastIndex = at;
  return pattern.test(value) ? { kind, from: at, to: pattern.lastIndex } : undefined;
}

/** Comments nest (RFC 5322 §3.2.2); -1: it does not end. */
function endOfComment(value: string, open: number): number {
  let depth = 0;
  for (let at = open; at < value.length; at += 1) {
    const octet = value[at];
    if (octet === "\\") at += 1;
    else if (octet === "(") depth += 1;
    else if (octet === ")") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** The address that the tokens of one entry are; white space is allowed around dots and the at. */
function placeOf(value: string, tokens: readonly Token[]): AddressPlace | undefined {
  const at = tokens.findLastIndex(({ kind }) => kind === "at");
  if (at < 0) return undefined;
  const local = spanOf(value, tokens.slice(0, at));
  const domain = spanOf(value, tokens.slice(at + 1));
  if (local === undefined || domain === undefined) return undefined;
  const address = parseAddress(`${textOf(local.text)}@${textOf(domain.text)}`, UTF8);
  return address && { address, local: local.span, domain: domain.span };
}

function spanOf(
  value: string,
  tokens: readonly Token[],
): { readonly span: Span; readonly text: string } | undefined {
  let text = "";
  let span: Span | undefined;
  let isApart = false;
  for (const { kind, from, to } of tokens) {
    if (kind === "space") {
      isApart = true;
      continue;
    }
    const part = value.slice(from, to);
    // Two words with a space between them are no local part.
    if (isApart && text !== "" && !text.endsWith(".") && !part.startsWith(".")) return undefined;
    text += part;
    span = { from: span?.from ?? from, to };
    isApart = false;
  }
  return span && { span, text };
}
