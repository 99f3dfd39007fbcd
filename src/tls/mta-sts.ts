import { fault, ok, type Result } from "../base/result.ts";
import { SECOND } from "../base/units.ts";
import { isSubdomain, parseHostName } from "../dns/host-name.ts";

/** A policy of a domain about TLS with its hosts (RFC 8461 §3.2). */
export interface StsPolicy {
  readonly mode: "enforce" | "testing" | "none";
  /** Hosts, or `*.` and a domain; at least one unless the mode is none. */
  readonly mx: readonly string[];
  /** How long it may be kept, in ms; at most a year. */
  readonly maxAgeMs: number;
}

/** RFC 8461 §3.2: about one year. */
const MAX_AGE_SECONDS_MAX = 31_557_600;
/** A policy with more is no policy of a mail server. */
const MX_MAX = 256;
const LINES_MAX = 1024;

/** A field of the record: sts-id or an extension (RFC 8461 §3.1). */
const FIELD = /^[a-z0-9][a-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/i;
const FIELDS_MAX = 32;

/**
 * Reads the TXT records at `_mta-sts.DOMAIN`. `undefined`: the domain has no MTA-STS. Not exactly
 * one of this version, or a malformed one, is that too (RFC 8461 §3.1).
 * @returns the id of the policy: another one means that the policy has changed
 */
export function parseStsRecord(records: readonly string[]): string | undefined {
  const [record, ...others] = records.filter((text) => text.startsWith("v=STSv1"));
  if (record === undefined || others.length > 0) return undefined;
  const [version, ...fields] = record.split(";").map(trimBlank);
  // The last field may end in a semicolon too.
  if (fields.at(-1) === "") fields.pop();
  if (version !== "v=STSv1" || fields.length > FIELDS_MAX) return undefined;
  if (!fields.every((field) => FIELD.test(field))) return undefined;
  const ids = fields.filter((field) => field.startsWith("id="));
  const id = ids.length === 1 ? ids[0]?.slice("id=".length) : undefined;
  return id !== undefined && /^[A-Za-z0-9]{1,32}$/.test(id) ? id : undefined;
}

/** WSP of the grammar: blanks and tabs, no other white space. */
function trimBlank(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** Reads the file (RFC 8461 §3.2). Of a key that comes twice, other than mx, the first counts. */
export function parseStsPolicy(text: string): Result<StsPolicy, string> {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > LINES_MAX) return fault("too many lines");
  const values = new Map<string, string>();
  const mx: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const [key, value] = [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1).trim()];
    if (!KEY.test(key) || value === "" || CONTROL.test(value)) {
      return fault(`${JSON.stringify(line.slice(0, LINE_SHOWN))} is no field`);
    }
    if (key !== "mx") {
      if (!values.has(key)) values.set(key, value);
      continue;
    }
    const pattern = parsePattern(value);
    if (pattern === undefined) return fault(`mx ${JSON.stringify(value.slice(0, LINE_SHOWN))}`);
    mx.push(pattern);
  }
  return build(values, mx);
}

const KEY = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,31}$/;
const CONTROL = /[^\P{Cc}\t]/u;
const LINE_SHOWN = 80;

function build(
  values: ReadonlyMap<string, string>,
  mx: readonly string[],
): Result<StsPolicy, string> {
  if (values.get("version") !== "STSv1") return fault("version is not STSv1");
  const mode = values.get("mode");
  if (mode !== "enforce" && mode !== "testing" && mode !== "none") return fault("no such mode");
  const maxAge = values.get("max_age");
  if (maxAge === undefined || !/^\d{1,10}$/.test(maxAge)) return fault("max_age is no number");
  if (mx.length === 0 && mode !== "none") return fault("no mx");
  if (mx.length > MX_MAX) return fault("too many mx");
  const maxAgeMs = Math.min(Number(maxAge), MAX_AGE_SECONDS_MAX) * SECOND;
  return ok({ mode, mx, maxAgeMs });
}

/** A host name, or one with `*` for its first label; A-labels only. */
function parsePattern(text: string): string | undefined {
  const isWildcard = text.startsWith("*.");
  const name = parseHostName(isWildcard ? text.slice(2) : text);
  if (name === undefined || !name.split(".").every((label) => LABEL.test(label))) return undefined;
  return isWildcard ? `*.${name}` : name;
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Whether the policy allows that MX host (RFC 8461 §4.1): by name, or by a wildcard, which stands
 * for exactly the first label.
 */
export function isAllowedMx(policy: StsPolicy, host: string): boolean {
  const name = parseHostName(host);
  if (name === undefined) return false;
  return policy.mx.some((pattern) => {
    if (!pattern.startsWith("*.")) return pattern === name;
    const domain = pattern.slice(2);
    return isSubdomain(name, domain) && !name.slice(0, -domain.length - 1).includes(".");
  });
}
