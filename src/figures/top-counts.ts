/** One name in a list of the most frequent. */
export interface TopCount {
  readonly name: string;
  /** How often it was counted: never too few. */
  readonly count: number;
  /** By how many it may be too many. */
  readonly excess: number;
}

/** Names that are counted at one time. */
export const TOP_NAMES_MAX = 200;

/**
 * The most frequent names out of any number, in bounded memory (space-saving: Metwally, Agrawal and
 * El Abbadi, 2005). A name that makes up more than a two-hundredth of all is in it for certain.
 */
export class TopCounts {
  readonly #entries = new Map<string, { count: number; excess: number }>();
  readonly #max: number;

  constructor(known: readonly TopCount[] = [], max: number = TOP_NAMES_MAX) {
    this.#max = max;
    for (const { name, count, excess } of known.slice(0, max)) {
      this.#entries.set(name, { count, excess });
    }
  }

  /** Counts a name `by` times. */
  add(name: string, by: number): void {
    const known = this.#entries.get(name);
    if (known !== undefined) {
      known.count += by;
      return;
    }
    if (this.#entries.size < this.#max) {
      this.#entries.set(name, { count: by, excess: 0 });
      return;
    }
    // Takes the place of the rarest: it may have been counted before as often as that one.
    let rarest = "";
    let least = Number.POSITIVE_INFINITY;
    for (const [other, { count }] of this.#entries) {
      if (count >= least) continue;
      rarest = other;
      least = count;
    }
    this.#entries.delete(rarest);
    this.#entries.set(name, { count: least + by, excess: least });
  }

  /** The most frequent first. */
  list(): readonly TopCount[] {
    return [...this.#entries]
      .map(([name, entry]) => ({ name, ...entry }))
      .sort((left, right) => right.count - left.count || compareNames(left.name, right.name));
  }
}

/** Several lists as one, each name with its sums; the most frequent first. */
export function mergeTops(lists: readonly (readonly TopCount[])[]): readonly TopCount[] {
  const sums = new Map<string, TopCount>();
  for (const { name, count, excess } of lists.flat()) {
    const known = sums.get(name);
    sums.set(name, {
      name,
      count: (known?.count ?? 0) + count,
      excess: (known?.excess ?? 0) + excess,
    });
  }
  return [...sums.values()].sort(
    (left, right) => right.count - left.count || compareNames(left.name, right.name),
  );
}

function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
