import { type Address, parseAddress } from "../../mail/address.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Reply } from "../../smtp/reply.ts";
import { QUARANTINE_TYPES, type QuarantineType } from "../../store/quarantine-mark.ts";
import type { Findings } from "./receive-agent.ts";

/** Entries of any list that an answer has. */
const LIST_MAX = 1000;
const EDITS_MAX = 100;
const EDIT_CHARACTERS_MAX = 16_384;
const REPLY_LINES_MAX = 10;
/** RFC 5321 §4.5.3.1.5, with room for the code and the status. */
const REPLY_CHARACTERS_MAX = 490;
/** RFC 5322 §2.1.1 */
const LINE_OCTETS_MAX = 998;
const REASON_CHARACTERS_MAX = 200;

/** An answer that is none: the message names the field, what it is and what would be right. */
export class BadAnswer extends Error {}

/** A value within an answer. */
export interface Field {
  readonly value: unknown;
  /** Where it is: `answer.reply.code`. */
  readonly at: string;
}

type Read<Value> = (field: Field) => Value;

function bad({ at, value }: Field, wanted: string): BadAnswer {
  return new BadAnswer(`${at} is ${describe(value)}; it has to be ${wanted}`);
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "{…}";
  return typeof value === "function" ? "a function" : String(value);
}

/** An object with only these properties. @throws BadAnswer */
export function readRecord(
  field: Field,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const { value, at } = field;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(field, `an object with ${names.join(", ")}`);
  }
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue;
    throw new BadAnswer(`${at}.${name} is not known; ${at} may have ${names.join(", ")}`);
  }
  // An object by the check above.
  return value as Readonly<Record<string, unknown>>;
}

/** The `kind` of an object, one of these. @throws BadAnswer */
export function readKind<Kind extends string>(field: Field, kinds: readonly Kind[]): Kind {
  const { value, at } = field;
  if (typeof value !== "object" || value === null || !("kind" in value)) {
    throw bad(field, `an object whose kind is ${kinds.join(", ")}`);
  }
  return readChoice({ value: value.kind, at: `${at}.kind` }, kinds);
}

function readChoice<Word extends string>(field: Field, words: readonly Word[]): Word {
  const found = words.find((word) => word === field.value);
  if (found === undefined) throw bad(field, words.join(" or "));
  return found;
}

/** Fields of an object that need not be there; `undefined` is as if they were not. */
export function optional<Name extends string, Value>(
  record: Readonly<Record<string, unknown>>,
  at: string,
  readers: { readonly [Key in Name]: Read<Value> },
): { readonly [Key in Name]?: Value } {
  const found: { [Key in Name]?: Value } = {};
  for (const [name, read] of Object.entries<Read<Value>>(readers)) {
    const value = record[name];
    if (value !== undefined) found[name as Name] = read({ value, at: `${at}.${name}` });
  }
  return found;
}

/** A list of what `read` reads. @throws BadAnswer */
export function readList<Value>(
  field: Field,
  read: Read<Value>,
  itemsMax = LIST_MAX,
): readonly Value[] {
  const { value, at } = field;
  if (!Array.isArray(value)) throw bad(field, "a list");
  if (value.length > itemsMax) {
    throw new BadAnswer(`${at} has ${value.length} entries; it may have ${itemsMax}`);
  }
  return value.map((item: unknown, index) => read({ value: item, at: `${at}[${index}]` }));
}

/** One line. @throws BadAnswer */
export function readLine(field: Field, charactersMax = REASON_CHARACTERS_MAX): string {
  const { value } = field;
  const isLine =
    typeof value === "string" &&
    value.length <= charactersMax &&
    !/[\p{Cc}\u2028\u2029]/u.test(value) &&
    value.isWellFormed();
  if (!isLine) throw bad(field, `one line of at most ${charactersMax} characters`);
  return value;
}

/** A line with something in it. @throws BadAnswer */
export function readReason(field: Field): string {
  const text = readLine(field);
  if (text.trim() === "") throw bad(field, "a reason");
  return text;
}

/** True, or nothing. @throws BadAnswer */
export function readFlag(field: Field): boolean {
  if (typeof field.value !== "boolean") throw bad(field, "true or false");
  return field.value;
}

function readWhole(field: Field, limits: { readonly min: number; readonly max: number }): number {
  const { value } = field;
  const { min, max } = limits;
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw bad(field, `a whole number from ${min} to ${max}`);
  }
  return value;
}

/** The place of a recipient or field. @throws BadAnswer */
export function readPosition(field: Field): number {
  return readWhole(field, { min: 0, max: Number.MAX_SAFE_INTEGER });
}

/** Spam confidence. @throws BadAnswer */
export function readScl(field: Field): number {
  return readWhole(field, { min: -1, max: 9 });
}

/** An address. @throws BadAnswer */
export function readAddress(field: Field): Address {
  const { value } = field;
  const address = typeof value === "string" ? parseAddress(value, { smtpUtf8: true }) : undefined;
  if (address === undefined) throw bad(field, "an address, local@domain");
  return address;
}

/** An address or "". @throws BadAnswer */
export function readSender(field: Field): Address | "" {
  return field.value === "" ? "" : readAddress(field);
}

/** A status of that class (RFC 3463). @throws BadAnswer */
export function readStatus(field: Field, statusClass: "4" | "5"): string {
  const { value } = field;
  const isStatus = typeof value === "string" && /^[45]\.\d{1,3}\.\d{1,3}$/.test(value);
  if (!isStatus || !value.startsWith(statusClass)) throw bad(field, `${statusClass}.x.x`);
  return value;
}

/** A line of a reply. @throws BadAnswer */
export function readReplyLine(field: Field): string {
  const text = readLine(field, REPLY_CHARACTERS_MAX);
  if (!/^[ -~]*$/.test(text)) throw bad(field, "printable ASCII");
  return text;
}

/** A 4xx or 5xx. @throws BadAnswer */
export function readReply(field: Field): Reply {
  const { at } = field;
  const { code, status, lines } = readRecord(field, ["code", "status", "lines"]);
  const number = readWhole({ value: code, at: `${at}.code` }, { min: 400, max: 599 });
  const texts = readList({ value: lines, at: `${at}.lines` }, readReplyLine, REPLY_LINES_MAX);
  if (texts.length === 0) throw bad({ value: lines, at: `${at}.lines` }, "a line at least");
  const read = readStatus({ value: status, at: `${at}.status` }, number < 500 ? "4" : "5");
  return { code: number, status: read, lines: texts };
}

/** What agents tell those after them. @throws BadAnswer */
export function readFindings(field: Field): Findings {
  const record = readRecord(field, ["isAllowed", "scl", "report"]);
  return {
    ...optional(record, field.at, { isAllowed: readFlag }),
    ...optional(record, field.at, { scl: readScl }),
    ...optional(record, field.at, {
      report: (one) => readList(one, (pair) => readLine(pair), EDITS_MAX),
    }),
  };
}

/** Why a message is held back. @throws BadAnswer */
export function readQuarantineType(field: Field): QuarantineType {
  return readChoice(field, QUARANTINE_TYPES);
}

const EDIT_KINDS = ["prepend", "append", "remove", "removeAt", "rename"] as const;

/** Changes to a header. @throws BadAnswer */
export function readEdits(field: Field): readonly HeaderEdit[] {
  return readList(field, readEdit, EDITS_MAX);
}

function readEdit(field: Field): HeaderEdit {
  const { at } = field;
  const kind = readKind(field, EDIT_KINDS);
  switch (kind) {
    case "prepend":
    case "append": {
      const { text } = readRecord(field, ["kind", "text"]);
      return { kind, text: readHeaderLines({ value: text, at: `${at}.text` }) };
    }
    case "remove": {
      const { name } = readRecord(field, ["kind", "name"]);
      return { kind, name: readFieldName({ value: name, at: `${at}.name` }) };
    }
    case "removeAt": {
      const { name, positions } = readRecord(field, ["kind", "name", "positions"]);
      return {
        kind,
        name: readFieldName({ value: name, at: `${at}.name` }),
        positions: readList({ value: positions, at: `${at}.positions` }, readPosition),
      };
    }
    case "rename": {
      const { from, to } = readRecord(field, ["kind", "from", "to"]);
      return {
        kind,
        from: readFieldName({ value: from, at: `${at}.from` }),
        to: readFieldName({ value: to, at: `${at}.to` }),
      };
    }
  }
}

/** RFC 5322 §3.6.8 */
function readFieldName(field: Field): string {
  const { value } = field;
  const isName = typeof value === "string" && /^[!-9;-~]{1,76}$/.test(value);
  if (!isName) throw bad(field, "the name of a header field");
  return value;
}

/** Whole fields, folded or not: nothing that would end the header or begin another line. */
function readHeaderLines(field: Field): string {
  const { value } = field;
  const wanted = "header lines `Name: value`, each ending in CRLF";
  if (typeof value !== "string" || value.length > EDIT_CHARACTERS_MAX) throw bad(field, wanted);
  if (!value.endsWith("\r\n") || !value.isWellFormed()) throw bad(field, wanted);
  for (const [index, text] of value.slice(0, -2).split("\r\n").entries()) {
    const isField = /^[!-9;-~]{1,76}:/.test(text) || (index > 0 && /^[ \t]+[^ \t]/.test(text));
    const isClean = !/[\0\r\n]/.test(text) && Buffer.byteLength(text) <= LINE_OCTETS_MAX;
    if (!isField || !isClean) throw bad(field, wanted);
  }
  return value;
}

const NUL = 0;
const LF = 10;
const CR = 13;

/**
 * A whole message. A bare CR or LF in it would be taken for the end of a line by one server and not
 * by the next (RFC 5321 §2.3.8). @throws BadAnswer
 */
export function readContent(field: Field, bytesMax: number): readonly Uint8Array[] {
  const { value, at } = field;
  const pieces: readonly unknown[] = Array.isArray(value) ? value : [value];
  let bytes = 0;
  let last = 0;
  const read = pieces.map((piece) => {
    if (!(piece instanceof Uint8Array)) throw bad(field, "a Uint8Array, or a list of them");
    bytes += piece.length;
    if (bytes > bytesMax) throw new BadAnswer(`${at} is longer than ${bytesMax} octets`);
    for (const octet of piece) {
      const isBare = (octet === LF) !== (last === CR);
      if (isBare || octet === NUL) {
        throw new BadAnswer(`${at} has a bare CR, a bare LF or a NUL; lines end in CRLF`);
      }
      last = octet;
    }
    // What is a view of something larger would take all of that along.
    return new Uint8Array(piece);
  });
  if (last === CR) throw new BadAnswer(`${at} ends in a bare CR; lines end in CRLF`);
  if (bytes === 0) throw bad(field, "a whole message");
  return read;
}
