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
  /** Those with the least count when they were last looked for. */
  readonly #rarest: string[] = [];
  #least = 0;

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
    const rarest = this.#rarestName();
    const least = this.#entries.get(rarest)?.count ?? 0;
    this.#entries.delete(rarest);
    this.#entries.set(name, { count: least + by, excess: least });
  }

  /** Counts only grow: who was among the rarest and has not grown still is. */
  #rarestName(): string {
    for (let name = this.#rarest.pop(); name !== undefined; name = this.#rarest.pop()) {
      if (this.#entries.get(name)?.count === this.#least) return name;
    }
    this.#least = Number.POSITIVE_INFINITY;
    for (const { count } of this.#entries.values()) this.#least = Math.min(this.#least, count);
    for (const [name, { count }] of this.#entries) {
      if (count === this.#least) this.#rarest.push(name);
    }
    return this.#rarest.pop() ?? "";
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
