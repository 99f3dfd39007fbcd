import { fault, ok, type Result } from "../base/result.ts";
import { quoted, type ScanFault } from "./scan-fault.ts";

const ACTIONS = [
  "no action",
  "greylist",
  "add header",
  "rewrite subject",
  "soft reject",
  "reject",
  "discard",
  "quarantine",
] as const;

/** What rspamd advises; `other`: an action of the operator's own making. */
export type RspamdAction = (typeof ACTIONS)[number] | "other";

/** A rule that matched. */
export interface RspamdSymbol {
  readonly name: string;
  readonly score: number;
}

/** A field that rspamd wants to see in the message. */
export interface RspamdField {
  readonly name: string;
  /** One or more lines, parted by LF or CRLF; hostile text. */
  readonly value: string;
  /** Where among the fields from the top, 0 being the first; `undefined`: anywhere. */
  readonly position: number | undefined;
}

/** rspamd's rating. */
export interface RspamdRating {
  /** It had reasons of its own not to look. */
  readonly isSkipped: boolean;
  readonly action: RspamdAction;
  readonly score: number;
  /** From this score on it advises to reject. */
  readonly requiredScore: number;
  /** At most 500. */
  readonly symbols: readonly RspamdSymbol[];
  /** What to tell the client, fit for a reply line. */
  readonly smtpMessage: string | undefined;
  /** In place of the subject, for `rewrite subject`; hostile text. */
  readonly subject: string | undefined;
  readonly addFields: readonly RspamdField[];
  /** `index`: which one of that name from the top, from 1 on; 0: all of them. */
  readonly removeFields: readonly { readonly name: string; readonly index: number }[];
}

const SYMBOLS_MAX = 500;
const FIELDS_MAX = 100;
const VALUE_MAX = 16_384;
const NAME = /^[!-9;-~]{1,100}$/;

/** Reads the answer to /checkv2. What is not of the form that the protocol gives it is left out. */
export function parseRspamdAnswer(body: Uint8Array): Result<RspamdRating, ScanFault> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return fault({ kind: "protocol", text: "the answer is not JSON" });
  }
  if (!isRecord(parsed)) return fault({ kind: "protocol", text: "the answer is no object" });
  const { score, action, error } = parsed;
  if (typeof error === "string") return fault({ kind: "refused", text: quoted(error) });
  const isSkipped = parsed["is_skipped"] === true;
  if (typeof action !== "string" || (!isSkipped && !isNumber(score))) {
    return fault({ kind: "protocol", text: "the answer has no action or no score" });
  }
  const messages = recordOf(parsed["messages"]);
  const milter = recordOf(parsed["milter"]);
  return ok({
    isSkipped,
    action: ACTIONS.find((known) => known === action) ?? "other",
    score: numberOf(score),
    requiredScore: numberOf(parsed["required_score"]),
    symbols: symbolsOf(recordOf(parsed["symbols"])),
    smtpMessage: optionalText(messages["smtp_message"], quoted),
    subject: optionalText(parsed["subject"], (text) => text.slice(0, VALUE_MAX)),
    addFields: fieldsOf(recordOf(milter["add_headers"])),
    removeFields: removalsOf(recordOf(milter["remove_headers"])),
  });
}

type Json = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function numberOf(value: unknown): number {
  return isNumber(value) ? value : 0;
}

function optionalText(value: unknown, clean: (text: string) => string): string | undefined {
  return typeof value === "string" && value !== "" ? clean(value) : undefined;
}

function symbolsOf(symbols: Json): readonly RspamdSymbol[] {
  return Object.entries(symbols)
    .slice(0, SYMBOLS_MAX)
    .flatMap(([name, symbol]) => {
      const score = recordOf(symbol)["score"];
      return NAME.test(name) && isNumber(score) ? [{ name, score }] : [];
    });
}

/** A value is text, an object with its place, or a list of either for several fields. */
function fieldsOf(added: Json): readonly RspamdField[] {
  const all = Object.entries(added)
    .slice(0, FIELDS_MAX)
    .flatMap(([name, given]) => {
      const values = Array.isArray(given) ? given.slice(0, FIELDS_MAX) : [given];
      return NAME.test(name) ? values.flatMap((value) => fieldOf(name, value)) : [];
    });
  return all.slice(0, FIELDS_MAX);
}

function fieldOf(name: string, given: unknown): readonly RspamdField[] {
  const { value, order } = isRecord(given) ? given : { value: given, order: undefined };
  if (typeof value !== "string" || value.length > VALUE_MAX) return [];
  const position = isNumber(order) && Number.isInteger(order) && order >= 0 ? order : undefined;
  return [{ name, value, position }];
}

function removalsOf(removed: Json): RspamdRating["removeFields"] {
  return Object.entries(removed)
    .slice(0, FIELDS_MAX)
    .flatMap(([name, index]) => {
      const isFit = isNumber(index) && Number.isInteger(index) && index >= 0 && NAME.test(name);
      return isFit ? [{ name, index }] : [];
    });
}
