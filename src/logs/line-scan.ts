import { matchesQuery, type TrackingQuery } from "./tracking-query.ts";
import { parseTrackingLine, type TrackingRecord } from "./tracking-record.ts";

const LF = 0x0a;
const CR = 0x0d;

/** What lines are held against. */
export interface LineFilter {
  readonly query: TrackingQuery;
  /** As `needlesOf` says. */
  readonly needles: readonly string[];
}

/**
 * The events asked for in bytes that hold whole lines, in their order. Lines without a needle are
 * never made into strings of their own.
 */
export function scanLines(bytes: Buffer, filter: LineFilter): readonly TrackingRecord[] {
  const found: TrackingRecord[] = [];
  const look = (from: number, to: number) => {
    const record = parseTrackingLine(bytes.toString("utf8", from, lineEnd(bytes, from, to)));
    if (record !== undefined && matchesQuery(filter.query, record)) found.push(record);
  };
  const find = finderOf(filter.needles);
  if (find === undefined) {
    for (let from = 0; from < bytes.length; ) {
      const to = nextLine(bytes, from);
      look(from, to);
      from = to;
    }
    return found;
  }
  // An octet a character, so that places stay the same; what folds two octets wrongly finds lines
  // too many, never too few.
  const folded = bytes.toString("latin1").toLowerCase();
  for (let hit = find(folded, 0); hit >= 0; ) {
    const to = nextLine(bytes, hit);
    look(folded.lastIndexOf("\n", hit) + 1, to);
    hit = find(folded, to);
  }
  return found;
}

/** Where the next of the needles begins, or -1; `undefined` without any. */
function finderOf(
  needles: readonly string[],
): ((text: string, from: number) => number) | undefined {
  const [only = "", ...others] = needles;
  if (only === "") return undefined;
  if (others.length === 0) return (text, from) => text.indexOf(only, from);
  const escaped = needles.map((needle) => needle.replace(/[^a-z0-9,]/g, "\\$&"));
  const any = new RegExp(escaped.join("|"), "g");
  return (text, from) => {
    any.lastIndex = from;
    return any.exec(text)?.index ?? -1;
  };
}

/** Where the line behind the one at `from` begins. */
function nextLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? bytes.length : end + 1;
}

function lineEnd(bytes: Buffer, from: number, to: number): number {
  let end = to;
  if (end > from && bytes[end - 1] === LF) end -= 1;
  if (end > from && bytes[end - 1] === CR) end -= 1;
  return end;
}

/** The event at the beginning of `bytes`; `undefined` when its line is not whole or is none. */
export function firstRecord(bytes: Buffer): TrackingRecord | undefined {
  const end = bytes.indexOf(LF);
  return end < 0 ? undefined : parseTrackingLine(bytes.toString("utf8", 0, lineEnd(bytes, 0, end)));
}
