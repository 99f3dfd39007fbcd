import { type HeaderField, valuesOf } from "./header-fields.ts";
import { parseMailDate } from "./mail-date.ts";

/** A server that took a message, by the Received field that it wrote. */
export interface Hop {
  /** Who sent it there, as it called itself. */
  readonly from: string;
  /** What the server found out about that one: its name and address. */
  readonly fromFacts: string;
  readonly by: string;
  /** The protocol: `ESMTPS`. */
  readonly with: string;
  readonly id: string;
  readonly for: string;
  /** Epoch ms; `undefined` when the date cannot be read. */
  readonly atMs: number | undefined;
  /** The field as it is. */
  readonly raw: string;
}

/** A hop, and how long it was since the one before. */
export interface TimedHop extends Hop {
  /** Negative: the clocks of the two differ. */
  readonly delayMs: number | undefined;
}

/** The way of a message by its header. */
export interface Journey {
  /** When its author says that it was written. */
  readonly writtenMs: number | undefined;
  /** The first server first. */
  readonly hops: readonly TimedHop[];
  /** From the first known time to the last. */
  readonly totalMs: number | undefined;
}

/** Servers give a message up long before. */
export const HOPS_MAX = 200;
const VALUE_CHARACTERS_MAX = 4000;
const PART_CHARACTERS_MAX = 500;
const CLAUSES = ["from", "by", "via", "with", "id", "for"] as const;
type Clause = (typeof CLAUSES)[number];

/** The way of a message, from the oldest Received field to the newest. */
export function journeyOf(fields: readonly HeaderField[]): Journey {
  const [date] = valuesOf(fields, "Date");
  const writtenMs = date === undefined ? undefined : parseMailDate(date);
  const hops: TimedHop[] = [];
  let beforeMs = writtenMs;
  // Each server writes its own above those that are there.
  for (const value of valuesOf(fields, "Received").slice(0, HOPS_MAX).toReversed()) {
    const hop = parseReceived(value);
    const { atMs } = hop;
    const delayMs = atMs === undefined || beforeMs === undefined ? undefined : atMs - beforeMs;
    hops.push({ ...hop, delayMs });
    beforeMs = atMs ?? beforeMs;
  }
  const times = [writtenMs, ...hops.map(({ atMs }) => atMs)].filter((one) => one !== undefined);
  const [first, last] = [times[0], times.at(-1)];
  const isTimed = first !== undefined && last !== undefined && times.length > 1;
  return { writtenMs, hops, totalMs: isTimed ? last - first : undefined };
}

/** Reads one Received field (RFC 5321 §4.4). Total: what is not there is "". */
export function parseReceived(value: string): Hop {
  const raw = value.slice(0, VALUE_CHARACTERS_MAX);
  const { words, dateText } = cutWords(raw);
  const parts: Record<Clause, string> = { from: "", by: "", via: "", with: "", id: "", for: "" };
  const facts: Record<Clause, string> = { ...parts };
  let clause: Clause | undefined;
  for (const { text, isComment } of words) {
    const next = isComment ? undefined : CLAUSES.find((one) => one === text.toLowerCase());
    if (next !== undefined && parts[next] === "") {
      clause = next;
    } else if (clause !== undefined) {
      const into = isComment ? facts : parts;
      into[clause] = `${into[clause]} ${text}`.trim().slice(0, PART_CHARACTERS_MAX);
    }
  }
  return {
    from: parts.from,
    fromFacts: facts.from,
    by: parts.by,
    with: parts.with,
    id: parts.id,
    for: parts.for.replace(/^<(.*)>$/, "$1"),
    atMs: parseMailDate(dateText),
    raw,
  };
}

interface Word {
  readonly text: string;
  readonly isComment: boolean;
}

/** Words and comments in one pass; the date is what stands behind the last `;`. */
function cutWords(value: string): { readonly words: readonly Word[]; readonly dateText: string } {
  let words: Word[] = [];
  let text = "";
  let depth = 0;
  let dateAt = -1;
  let wordsBefore = 0;
  const end = (isComment: boolean) => {
    if (text.trim() !== "") words.push({ text: text.trim(), isComment });
    text = "";
  };
  for (let at = 0; at < value.length; at += 1) {
    const sign = value.charAt(at);
    if (sign === "(") {
      if (depth === 0) end(false);
      else text += sign;
      depth += 1;
    } else if (sign === ")" && depth > 0) {
      depth -= 1;
      if (depth === 0) end(true);
      else text += sign;
    } else if (depth === 0 && sign === ";") {
      end(false);
      dateAt = at;
      wordsBefore = words.length;
    } else if (depth === 0 && /\s/.test(sign)) {
      end(false);
    } else {
      text += sign;
    }
  }
  end(depth > 0);
  if (dateAt < 0) return { words, dateText: "" };
  words = words.slice(0, wordsBefore);
  // Zones are named in comments behind dates.
  return { words, dateText: value.slice(dateAt + 1).replace(/\(.*$/, "") };
}

/** Whether it came there over TLS, by the protocol's name (RFC 3848, RFC 8314 §7.4). */
export function isSecured({ with: protocol }: Pick<Hop, "with">): boolean {
  return /^(?:UTF8)?(?:E?SMTP|LMTP)SA?\b|^https\b/i.test(protocol);
}

/** What a server found when it looked who the sender is. */
export interface AuthenticationResult {
  /** `spf`, `dkim`, `dmarc`, … */
  readonly method: string;
  /** `pass`, `fail`, `none`, … */
  readonly result: string;
  /** Who says so. */
  readonly by: string;
}

const RESULTS_MAX = 100;
const METHOD = /(?:^|;)\s*([a-z][\w-]{0,30})(?:\/\d)?\s*=\s*([a-z]{1,20})/gi;

/** The results of all Authentication-Results fields (RFC 8601 §2.2), the topmost first. */
export function authenticationResults(
  fields: readonly HeaderField[],
): readonly AuthenticationResult[] {
  const results: AuthenticationResult[] = [];
  for (const value of valuesOf(fields, "Authentication-Results")) {
    const text = value.slice(0, VALUE_CHARACTERS_MAX);
    const by = /^[^\s;]{1,255}/.exec(text)?.[0] ?? "";
    for (const [, method = "", result = ""] of text.matchAll(METHOD)) {
      if (results.length >= RESULTS_MAX) return results;
      results.push({ method: method.toLowerCase(), result: result.toLowerCase(), by });
    }
  }
  return results;
}
