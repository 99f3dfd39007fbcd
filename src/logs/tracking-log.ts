import type { TrackingIndexStatus } from "./tracking-index.ts";
import type { TrackingQuery } from "./tracking-query.ts";
import type { SearchBatch, SearchOrder } from "./tracking-search.ts";

/** How a search of the tracking log goes. */
export interface SearchManner {
  readonly order: SearchOrder;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The message tracking log, wherever it is searched. Rejections are the disk's words. */
export interface TrackingLog {
  /** What is found comes in batches, also empty ones that tell how far it is. */
  search(query: TrackingQuery, manner: SearchManner): AsyncIterable<SearchBatch>;
  /** How the index stands. */
  status(): Promise<TrackingIndexStatus>;
  /** Indexes what can be, from the beginning if `rebuild`; tells how far it is, then ends. */
  update(how: {
    readonly rebuild: boolean;
    readonly signal: AbortSignal;
  }): AsyncIterable<UpdateState>;
}

/** How far an update of the index has come. */
export interface UpdateState {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly finished: boolean;
}
