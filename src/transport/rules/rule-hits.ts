/** How often one rule has held. */
export interface RuleHitCount {
  readonly name: string;
  /** Messages for which it held, of whatever mode it is. */
  readonly count: number;
  /** The last of them, epoch ms. */
  readonly lastMs: number;
}

/** What one thread, or all of them, have counted. */
export interface RuleHitReport {
  /** Since when all of it is known, epoch ms. */
  readonly sinceMs: number;
  readonly hits: readonly RuleHitCount[];
}

/** More rules than any organization has; those that come after so many names are not counted. */
const NAMES_MAX = 10_000;

/** Counts in memory for how many messages each rule has held; it begins anew with the thread. */
export class RuleHits {
  readonly #sinceMs: number;
  readonly #hits = new Map<string, { count: number; lastMs: number }>();

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** One more message for which that rule held. */
  count(name: string, nowMs: number): void {
    const known = this.#hits.get(name);
    if (known !== undefined) {
      known.count += 1;
      known.lastMs = nowMs;
    } else if (this.#hits.size < NAMES_MAX) {
      this.#hits.set(name, { count: 1, lastMs: nowMs });
    }
  }

  report(): RuleHitReport {
    const hits = [...this.#hits].map(([name, hit]) => ({ name, ...hit }));
    return { sinceMs: this.#sinceMs, hits };
  }
}

/** All threads' counts as one; what one knows only since later is known only since then. */
export function joinRuleHits(reports: readonly RuleHitReport[]): RuleHitReport {
  const joined = new Map<string, RuleHitCount>();
  for (const hit of reports.flatMap(({ hits }) => hits)) {
    const { count, lastMs } = joined.get(hit.name) ?? { count: 0, lastMs: 0 };
    const last = Math.max(lastMs, hit.lastMs);
    joined.set(hit.name, { name: hit.name, count: count + hit.count, lastMs: last });
  }
  const sinceMs = Math.max(0, ...reports.map((report) => report.sinceMs));
  return { sinceMs, hits: [...joined.values()] };
}
