import { textOf } from "../base/text-of.ts";
import type { AnyCall } from "./run-cmdlet.ts";

/** Shown in place of secrets: the command line then asks for them. */
const SECRET_WORD = "-";
/** Nothing in it is a sign of PowerShell's. */
const PLAIN_ITEM = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._:/\\@-]*[\p{L}\p{N}])?$/u;

/**
 * The command line that does the same, for a POSIX shell. Secrets are left out: `-Password -` asks
 * for it.
 */
export function formatCommandLine(
  { cmdlet, parameters }: AnyCall,
  secrets: ReadonlySet<string> = new Set(),
): string {
  const words = Object.entries(parameters).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (secrets.has(name) && value !== null) return [`-${name}`, SECRET_WORD];
    if (typeof value === "boolean") return [`-${name}:${value}`];
    const text = formatValue(value);
    // What looks like a name is joined to the parameter that it is a value of.
    return /^-[A-Za-z?]/.test(text) ? [protect(`-${name}:${text}`)] : [`-${name}`, protect(text)];
  });
  return ["postrider", cmdlet, ...words].join(" ");
}

function formatValue(value: unknown): string {
  if (value === null) return "$null";
  if (Array.isArray(value)) {
    const [only] = value as readonly unknown[];
    // One plain word is a list of itself.
    if (value.length === 1 && typeof only === "string" && PLAIN_ITEM.test(only)) return only;
    return `@(${value.map(formatItem).join(",")})`;
  }
  if (typeof value === "object") return formatHash(value);
  const text = textOf(value);
  return text;
}

function formatHash(value: object): string {
  const entries = Object.entries(value).map(
    ([name, one]) => `${/^[\w-]+$/.test(name) ? name : quote(name)}=${formatItem(one)}`,
  );
  return `@{${entries.join("; ")}}`;
}

function formatItem(value: unknown): string {
  if (typeof value === "boolean") return `$${value}`;
  if (typeof value === "string") return quote(value);
  return formatValue(value);
}

/** As PowerShell quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Kept from what a POSIX shell would make of it. */
function protect(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
