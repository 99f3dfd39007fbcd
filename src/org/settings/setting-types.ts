import { DAY, GiB, HOUR, KiB, MINUTE, MiB, SECOND } from "../../base/units.ts";
import { type Address, type Domain, parseAddress, parseDomain } from "../../mail/address.ts";
import type { ConfigValue } from "../config-value.ts";
import { formatSuggestion } from "../suggestion.ts";
import type { Report, SettingForm, SettingTable, SettingType, ValuesOf } from "./setting.ts";

/** Exchange's largest integer. */
export const INTEGER_MAX = 2_147_483_647;
/** Characters of an object's name (reference §2.4). */
export const NAME_CHARACTERS_MAX = 64;

/** Limits of a number; `unlimited` allows that word, which is `Infinity`. */
export interface Limits {
  readonly min: number;
  readonly max: number;
  readonly unlimited?: boolean;
}

/** A type that is one scalar; `parse` returns the value or a Problem. */
export function scalarType<Value, Suffix extends "" | "Ms">(options: {
  readonly label: string;
  readonly suffix: Suffix;
  readonly isSecret?: boolean;
  readonly form?: SettingForm;
  readonly parse: (text: string) => Value | Problem;
}): SettingType<Value, Suffix> {
  const { label, suffix, isSecret = false, form = { kind: "text" }, parse } = options;
  return {
    label,
    suffix,
    isSecret,
    form,
    read(value, report) {
      if (value.kind !== "scalar") return void report(value, `is not a single value (${label})`);
      const parsed = parse(value.text);
      return parsed instanceof Problem ? void report(value, parsed.problem) : parsed;
    },
  };
}

/** What is wrong with a text, and what would be right: `is not a size; write …`. */
export class Problem {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

/** `true` or `false`. */
export function bool(): SettingType<boolean> {
  return scalarType({
    label: "true or false",
    suffix: "",
    form: { kind: "boolean" },
    parse(text) {
      const folded = text.toLowerCase();
      if (folded === "true") return true;
      return folded === "false" ? false : new Problem("is neither true nor false");
    },
  });
}

/** A whole number. */
export function integer(limits: Limits): SettingType<number> {
  const label = `integer ${formatLimits(limits, String)}`;
  const { min, max, unlimited: isUnlimited = false } = limits;
  return scalarType({
    label,
    suffix: "",
    form: { kind: "number", min, max, isWhole: true, isUnlimited },
    parse: (text) =>
      readLimited(text, limits, {
        number: /^-?\d{1,15}$/.test(text) ? Number(text) : undefined,
        what: label,
      }),
  });
}

/** A share from 0 to 1. */
export function share(): SettingType<number> {
  const limits = { min: 0, max: 1 };
  return scalarType({
    label: "number 0–1",
    suffix: "",
    form: { kind: "number", ...limits, isWhole: false, isUnlimited: false },
    parse: (text) =>
      readLimited(text, limits, {
        number: /^\d{1,3}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined,
        what: "number 0–1, as in 0.1",
      }),
  });
}

const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ["KB", KiB],
  ["MB", MiB],
  ["GB", GiB],
]);

/** A size in bytes; `KB`, `MB` and `GB` are powers of 1024, as in Exchange. */
export function bytes(limits: Limits): SettingType<number> {
  const { min, max, unlimited: isUnlimited = false } = limits;
  return scalarType({
    label: `size ${formatLimits(limits, formatBytes)}`,
    suffix: "",
    form: { kind: "bytes", min, max, isUnlimited },
    parse(text) {
      const match = /^(\d{1,15})(?:\.(\d{1,3}))? ?([A-Za-z]{0,2})$/.exec(text);
      const unit = BYTE_UNITS.get((match?.[3] ?? "").toUpperCase());
      const size = Number(`${match?.[1]}.${match?.[2] ?? 0}`) * (unit ?? Number.NaN);
      return readLimited(text, limits, {
        number: Number.isNaN(size) ? undefined : Math.round(size),
        what: `size ${formatLimits(limits, formatBytes)}, as in 36MB`,
      });
    },
  });
}

/** A span of time, `hh:mm:ss`, days before and a fraction behind: `2.00:00:00`, `00:00:00.200`. */
export function span(limits: {
  readonly min: number;
  readonly max: number;
}): SettingType<number, "Ms"> {
  const label = `span ${formatLimits(limits, formatSpan)}`;
  return scalarType({
    label,
    suffix: "Ms",
    form: { kind: "span", minMs: limits.min, maxMs: limits.max },
    parse: (text) => readLimited(text, limits, { number: parseSpanMs(text), what: label }),
  });
}

/** Reads a span as a file writes it; milliseconds, `undefined` when it is none. */
export function parseSpanMs(text: string): number | undefined {
  const match = /^(?:(\d{1,5})\.)?(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.(\d{1,7}))?$/.exec(text);
  if (match === null) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0", fraction = "0"] = match;
  // .NET reads 24:00:00 as 24 days; we ask for 1.00:00:00 instead.
  if (Number(hours) > 23) return undefined;
  const wholeMs = Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE;
  return Math.round(wholeMs + Number(`${seconds}.${fraction}`) * SECOND);
}

/** As a file writes it; the inverse of reading a span. */
export function formatSpan(spanMs: number): string {
  const days = Math.floor(spanMs / DAY);
  const two = (number: number): string => String(Math.floor(number)).padStart(2, "0");
  const clock = [(spanMs % DAY) / HOUR, (spanMs % HOUR) / MINUTE, (spanMs % MINUTE) / SECOND];
  const fraction = spanMs % SECOND;
  return (
    (days > 0 ? `${days}.` : "") +
    clock.map(two).join(":") +
    (fraction > 0 ? `.${String(fraction).padStart(3, "0")}` : "")
  );
}

/** The largest unit that divides the size. */
export function formatBytes(size: number): string {
  for (const [name, unit] of [...BYTE_UNITS].toReversed()) {
    if (size >= unit && size % unit === 0 && unit > 1) return `${size / unit}${name}`;
  }
  return String(size);
}

function formatLimits(limits: Limits, format: (number: number) => string): string {
  const word = limits.unlimited === true ? " or unlimited" : "";
  return `${format(limits.min)}–${format(limits.max)}${word}`;
}

function readLimited(
  text: string,
  limits: Limits,
  parsed: { readonly number: number | undefined; readonly what: string },
): number | Problem {
  const { number, what } = parsed;
  if (limits.unlimited === true && text.toLowerCase() === "unlimited") return Infinity;
  if (number === undefined) return new Problem(`is not valid; write: ${what}`);
  if (number >= limits.min && number <= limits.max) return number;
  return new Problem(`is out of range; write: ${what}`);
}

/** One of a few words, in any case. */
export function oneOf<const Word extends string>(words: readonly Word[]): SettingType<Word> {
  return scalarType({
    label: words.join(", "),
    suffix: "",
    form: { kind: "choice", choices: words },
    parse(text) {
      const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
      if (found !== undefined) return found;
      const suggestion = formatSuggestion(text, words);
      return new Problem(`is not one of ${words.join(", ")}${suggestion}`);
    },
  });
}

/** One line of text. */
export function line(limits: { readonly max: number }): SettingType<string> {
  return scalarType({
    label: `text, at most ${limits.max} characters`,
    suffix: "",
    form: { kind: "text", charactersMax: limits.max },
    parse: (text) => checkLine(text, limits),
  });
}

/** A path on the server's disk, relative to the data directory. */
export function serverPath(): SettingType<string> {
  return { ...line({ max: 1024 }), isServerPath: true };
}

/** Text of any number of lines. */
export function longText(limits: { readonly max: number }): SettingType<string> {
  return scalarType({
    label: `text, at most ${limits.max} characters`,
    suffix: "",
    form: { kind: "text", charactersMax: limits.max, isMultiline: true },
    parse: (text) =>
      text.length > limits.max ? new Problem(`is longer than ${limits.max} characters`) : text,
  });
}

/** The name of an object. */
export function name(): SettingType<string> {
  return scalarType({
    label: `name, at most ${NAME_CHARACTERS_MAX} characters`,
    suffix: "",
    form: { kind: "text", charactersMax: NAME_CHARACTERS_MAX },
    parse(text) {
      if (text.trim() === text && text !== "") return checkLine(text, { max: NAME_CHARACTERS_MAX });
      return new Problem("is not a name; it must not be empty nor begin or end with a space");
    },
  });
}

/** No control characters: the text may reach a reply, a header or a log line. */
export function checkLine(text: string, limits: { readonly max: number }): string | Problem {
  if (text.length > limits.max) return new Problem(`is longer than ${limits.max} characters`);
  const isClean = !/[\p{Cc}\u2028\u2029]/u.test(text) && text.isWellFormed();
  return isClean ? text : new Problem("must be one line without control characters");
}

/** An e-mail address; a local part in UTF-8 is fine (RFC 6531). */
export function address(): SettingType<Address> {
  return scalarType({
    label: "address",
    suffix: "",
    parse: (text) =>
      parseAddress(text, { smtpUtf8: true }) ??
      new Problem("is not an address; write one as in alice@contoso.com"),
  });
}

/** A host or domain name, U-labels allowed. */
export function domain(): SettingType<Domain> {
  return scalarType({ label: "domain name", suffix: "", parse: parseDomainName });
}

/** As `parseDomain`, but no address literal: `[192.0.2.1]` names no domain of ours. */
export function parseDomainName(text: string): Domain | Problem {
  const parsed = text.startsWith("[") ? undefined : parseDomain(text);
  return parsed ?? new Problem("is not a domain name; write one as in mail.contoso.com");
}

/** A list of up to `max` values. */
export function listOf<Value>(
  item: SettingType<Value>,
  limits: { readonly min?: number; readonly max: number },
): SettingType<readonly Value[]> {
  return {
    label: `list of ${item.label}`,
    suffix: "",
    isList: true,
    isSecret: item.isSecret === true,
    form: { kind: "list", items: item.form ?? { kind: "text" }, itemsMax: limits.max },
    read(value, report) {
      const items = listItems(value);
      if (items === undefined) return void report(value, `is not a list of ${item.label}`);
      if (items.length > limits.max)
        return void report(value, `has more than ${limits.max} entries`);
      if (items.length < (limits.min ?? 0)) return void report(value, "must not be empty");
      return readItems(item, items, report);
    },
  };
}

/** A single value stands for a list of one, as in the cmdlets. */
function listItems(value: ConfigValue): readonly ConfigValue[] | undefined {
  if (value.kind === "list") return value.items;
  return value.kind === "scalar" ? [value] : undefined;
}

function readItems<Value>(
  type: SettingType<Value>,
  items: readonly ConfigValue[],
  report: Report,
): readonly Value[] | undefined {
  const values: Value[] = [];
  for (const item of items) {
    if (item.kind === "null") {
      report(item, `is no ${type.label}`);
      continue;
    }
    const value = type.read(item, report);
    if (value !== undefined) values.push(value);
  }
  return values.length === items.length ? values : undefined;
}

/** A mapping with settings of its own; `readProperties` reads what is in it. */
export function section<Table extends SettingTable>(table: Table): SettingType<ValuesOf<Table>> {
  return {
    label: "mapping",
    suffix: "",
    form: { kind: "map" },
    isSecret: hasSecret(table),
    table,
    read(value, report) {
      if (value.kind !== "map") return void report(value, "is not a mapping");
      const defaults = Object.entries(table).map(
        ([name, row]) => [name + row.type.suffix, row.defaultValue] as const,
      );
      // Each value came from the row of its name: what ValuesOf says.
      return Object.fromEntries(defaults) as ValuesOf<Table>;
    },
  };
}

/** A list of mappings with settings of their own; `readProperties` reads what is in them. */
export function sectionList<Table extends SettingTable>(
  table: Table,
  limits: { readonly max: number },
): SettingType<readonly ValuesOf<Table>[]> {
  return {
    label: "list of mappings",
    suffix: "",
    form: { kind: "list", items: { kind: "map" }, itemsMax: limits.max },
    isSecret: hasSecret(table),
    table,
    listMax: limits.max,
    read(value, report) {
      // Only a default comes here, and only an empty one needs no reader for what is inside.
      if (value.kind === "list" && value.items.length === 0) return [];
      return void report(value, "is not a list of mappings");
    },
  };
}

/** What was written in place of the mapping may be the secret that belongs in it. */
function hasSecret(table: SettingTable): boolean {
  return Object.values(table).some(({ type }) => type.isSecret === true);
}
