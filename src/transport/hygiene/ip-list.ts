import type { IPListEntry } from "../../org/connection-filter-settings.ts";
import { rangeHolds } from "./address-number.ts";

/** Entries in the order of their first addresses, with what spares looking at most of them. */
interface Compiled {
  readonly entries: readonly IPListEntry[];
  /** By index: the highest last address of this entry and all before it. */
  readonly lastSoFar: readonly bigint[];
}

const COMPILED = new WeakMap<readonly IPListEntry[], Compiled>();

/**
 * The entry that holds the address and has not expired, the narrowest of several; found in a
 * number of steps that grows with the entries around it, not with all of them.
 */
export function findEntry(
  entries: readonly IPListEntry[],
  address: bigint,
  nowMs: number,
): IPListEntry | undefined {
  if (entries.length === 0) return undefined;
  let compiled = COMPILED.get(entries);
  if (compiled === undefined) {
    compiled = compile(entries);
    COMPILED.set(entries, compiled);
  }
  return findIn(compiled, address, nowMs);
}

function compile(entries: readonly IPListEntry[]): Compiled {
  const sorted = entries.toSorted((one, other) => (one.name.first < other.name.first ? -1 : 1));
  let last = 0n;
  const lastSoFar = sorted.map(({ name }) => {
    if (name.last > last) last = name.last;
    return last;
  });
  return { entries: sorted, lastSoFar };
}

function findIn(
  { entries, lastSoFar }: Compiled,
  address: bigint,
  nowMs: number,
): IPListEntry | undefined {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.name.first ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  let found: IPListEntry | undefined;
  for (let index = low - 1; index >= 0; index -= 1) {
    if ((lastSoFar[index] ?? 0n) < address) break;
    const entry = entries[index];
    if (entry === undefined || !rangeHolds(entry.name, address)) continue;
    if (isExpired(entry, nowMs)) continue;
    if (found === undefined || width(entry) < width(found)) found = entry;
  }
  return found;
}

function width({ name }: IPListEntry): bigint {
  return name.last - name.first;
}

/** Whether the entry counts no longer. */
export function isExpired({ expirationTime }: IPListEntry, nowMs: number): boolean {
  return expirationTime !== undefined && Date.parse(expirationTime) <= nowMs;
}
