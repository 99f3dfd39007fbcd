import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Metrics } from "../base/metrics.ts";
import { MINUTE, SECOND } from "../base/units.ts";
import { TrackingIndex, type TrackingIndexStatus } from "../logs/tracking-index.ts";
import type { UpdateState } from "../logs/tracking-log.ts";
import type { TrackingQuery } from "../logs/tracking-query.ts";
import { type SearchBatch, type SearchOrder, TrackingSearch } from "../logs/tracking-search.ts";
import type { TransportService } from "../org/organization.ts";
import { withoutTrackingIndex } from "../store/tracking-index-none.ts";
import { openTrackingIndex, removeTrackingIndex } from "../store/tracking-index-sqlite.ts";
import type { TrackingIndexStore } from "../store/tracking-index-store.ts";
import { measureLoad } from "./processor-load.ts";

/** What the main thread may ask about the message tracking log. */
export type TrackingCalls = {
  /** Begins a search, which does nothing until it is asked for its next batch. */
  readonly openTrackingSearch: (search: {
    readonly query: TrackingQuery;
    readonly order: SearchOrder;
  }) => number;
  /** Rejects for a search that is not open, or has not been asked for minutes. */
  readonly nextTrackingBatch: (search: number) => SearchBatch;
  readonly closeTrackingSearch: (search: number) => void;
  readonly trackingStatus: (nothing: undefined) => TrackingIndexStatus;
  /** Begins an update of the index, or joins the one under way. */
  readonly startTrackingUpdate: (how: { readonly rebuild: boolean }) => void;
  readonly trackingUpdateState: (nothing: undefined) => UpdateState;
  readonly stopTrackingUpdate: (nothing: undefined) => void;
};

/** More at one time are not needed by any number of administrators. */
const SEARCHES_MAX = 100;
/** One that nobody asks goes: its caller has died. */
const SEARCH_IDLE_MS = 5 * MINUTE;

/** The message tracking log in the log thread: its index, and the searches under way. */
export class TrackingThread {
  readonly #index: TrackingIndex;
  readonly #clock: Clock;
  readonly #diagnostics: Diagnostics;
  readonly #searches = new Map<number, { readonly search: TrackingSearch; usedMs: number }>();
  #lastSearch = 0;
  #update: UpdateState = { doneBytes: 0, totalBytes: 0, finished: true };
  #isUpdateWanted = false;

  constructor(
    parts: {
      readonly dataDirectory: string;
      readonly clock: Clock;
      readonly diagnostics: Diagnostics;
      readonly metrics: Metrics;
    },
    service: TransportService,
  ) {
    const { dataDirectory, clock, diagnostics, metrics } = parts;
    const path = join(dataDirectory, "tracking.db");
    this.#clock = clock;
    this.#diagnostics = diagnostics;
    this.#index = new TrackingIndex({
      directory: join(dataDirectory, "logs", "MessageTracking"),
      openStore: () => openStore(path, diagnostics),
      removeStore: () => removeTrackingIndex(path),
      clock,
      diagnostics,
      busyShare: measureLoad(clock),
      indexed(events, spentMs) {
        metrics.add("postrider_tracking_indexed_events_total", events);
        metrics.add("postrider_tracking_index_seconds_total", spentMs / SECOND);
      },
    });
    this.configure(service);
    void this.#index.run().catch((error: unknown) => {
      // The log itself goes on, and is searched line by line.
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      diagnostics.error("tracking-index-ended", { reason });
    });
  }

  /** What the link serves. */
  readonly calls: TrackingCalls = {
    openTrackingSearch: ({ query, order }) => {
      this.#closeIdle();
      if (this.#searches.size >= SEARCHES_MAX) throw new Error("too many searches are under way");
      const parts = { index: this.#index, clock: this.#clock };
      const search = new TrackingSearch(parts, query, order);
      this.#lastSearch += 1;
      this.#searches.set(this.#lastSearch, { search, usedMs: this.#clock.monotonicMs() });
      return this.#lastSearch;
    },
    nextTrackingBatch: (id) => {
      const open = this.#searches.get(id);
      if (open === undefined) throw new Error("the search has been given up");
      open.usedMs = this.#clock.monotonicMs();
      const batch = open.search.next();
      if (batch.finished) this.#searches.delete(id);
      return batch;
    },
    closeTrackingSearch: (id) => {
      this.#searches.get(id)?.search.close();
      this.#searches.delete(id);
    },
    trackingStatus: () => this.#index.status(),
    startTrackingUpdate: ({ rebuild }) => {
      if (!this.#update.finished) return;
      this.#isUpdateWanted = true;
      this.#update = { doneBytes: 0, totalBytes: 0, finished: false };
      void this.#runUpdate(rebuild);
    },
    trackingUpdateState: () => this.#update,
    stopTrackingUpdate: () => {
      this.#isUpdateWanted = false;
    },
  };

  /** Switches indexing on or off. */
  configure(service: TransportService): void {
    this.#index.configure(service.messageTrackingIndexEnabled);
  }

  /** Ends what is under way and closes the index. */
  async close(): Promise<void> {
    for (const { search } of this.#searches.values()) search.close();
    this.#searches.clear();
    await this.#index.stop();
  }

  async #runUpdate(rebuild: boolean): Promise<void> {
    try {
      await this.#index.update({
        rebuild,
        progress: ({ done, total }) => {
          this.#update = { doneBytes: done, totalBytes: total, finished: false };
          return this.#isUpdateWanted;
        },
      });
    } catch (error) {
      this.#diagnostics.error("tracking-update-failed", { reason: String(error) });
    } finally {
      this.#update = { ...this.#update, finished: true };
    }
  }

  #closeIdle(): void {
    const idleMs = this.#clock.monotonicMs() - SEARCH_IDLE_MS;
    for (const [id, { search, usedMs }] of this.#searches) {
      if (usedMs > idleMs) continue;
      search.close();
      this.#searches.delete(id);
    }
  }
}

/** Whatever is wrong with the index, the log can be searched without. */
function openStore(path: string, diagnostics: Diagnostics): TrackingIndexStore {
  try {
    return openTrackingIndex(path, (reason) =>
      diagnostics.warn("tracking-index-replaced", { reason }),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    diagnostics.error("tracking-index-not-opened", { reason });
    return withoutTrackingIndex(reason);
  }
}
