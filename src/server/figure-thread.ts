import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { SECOND } from "../base/units.ts";
import { DayCalendar } from "../figures/day-calendar.ts";
import { FigureKeeper, type FigureSample, type TimeSpan } from "../figures/figure-keeper.ts";
import type { FigureRow, Resolution } from "../figures/figures.ts";
import type { TopCategory, TopSpan } from "../figures/top-categories.ts";
import type { TopCount } from "../figures/top-counts.ts";
import { TopReader } from "../figures/top-reader.ts";
import { openFigureStore, setAsideFigures } from "../store/figure-sqlite.ts";
import { measureLoad } from "./processor-load.ts";

/** What the main thread may have kept, and ask for, of figures; all reject with what failed. */
export type FigureCalls = {
  /** Durable once it resolves; a sample that was kept before is not kept twice. */
  readonly keepFigures: (sample: FigureSample) => void;
  readonly figureRows: (
    span: TimeSpan & { readonly resolution: Resolution },
  ) => readonly FigureRow[];
  /** As `FigureKeeper.days`, of a time zone that there is. */
  readonly figureDays: (
    span: TimeSpan & { readonly timeZone: string },
  ) => Promise<readonly FigureRow[]>;
  readonly topLists: (
    wanted: TimeSpan & { readonly category: TopCategory; readonly span: TopSpan },
  ) => readonly (readonly TopCount[])[];
};

/** How often the tracking log is looked at for what is new. */
const LOOK_INTERVAL_MS = 10 * SECOND;

/** Figures of mail flow in the log thread, which may wait for the disk. */
export class FigureThread {
  readonly #keeper: FigureKeeper;
  readonly #reader: TopReader;

  constructor(parts: {
    readonly dataDirectory: string;
    readonly clock: Clock;
    readonly diagnostics: Diagnostics;
    /** A test may not want to wait. */
    readonly lookIntervalMs: number | undefined;
  }) {
    const { dataDirectory, clock, diagnostics, lookIntervalMs = LOOK_INTERVAL_MS } = parts;
    const path = join(dataDirectory, "figures.db");
    this.#keeper = new FigureKeeper({
      open: () =>
        openFigureStore(path, (reason) => diagnostics.warn("figures-set-aside", { reason })),
      setAside: () => setAsideFigures(path),
      clock,
      diagnostics,
    });
    this.#reader = new TopReader({
      directory: join(dataDirectory, "logs", "MessageTracking"),
      keeper: this.#keeper,
      ...{ clock, diagnostics, lookIntervalMs },
      busyShare: measureLoad(clock),
    });
    void this.#reader.run().catch((error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      diagnostics.error("top-lists-ended", { reason });
    });
  }

  /** What the link serves. */
  readonly calls: FigureCalls = {
    keepFigures: (sample) => this.#keeper.keep(sample),
    figureRows: ({ resolution, ...span }) => this.#keeper.rows(resolution, span),
    figureDays: ({ timeZone, ...span }) => this.#keeper.days(new DayCalendar(timeZone), span),
    topLists: ({ category, ...span }) => this.#keeper.tops(category, span),
  };

  close(): void {
    this.#reader.stop();
    this.#keeper.close();
  }
}
