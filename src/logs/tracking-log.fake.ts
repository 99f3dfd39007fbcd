import type { TrackingLog } from "./tracking-log.ts";
import { matchesQuery, type TrackingQuery } from "./tracking-query.ts";
import type { TrackingRecord } from "./tracking-record.ts";

/** A tracking log in memory, oldest event first; keeps the queries it was asked. */
export interface FakeTrackingLog extends TrackingLog {
  readonly queries: TrackingQuery[];
}

/** Holds these events; gives them out in batches of `batchSize`. */
export function fakeTrackingLog(
  records: readonly TrackingRecord[],
  batchSize = 3,
): FakeTrackingLog {
  const queries: TrackingQuery[] = [];
  return {
    queries,
    async *search(query, { order, signal }) {
      queries.push(query);
      const matching = records.filter((record) => matchesQuery(query, record));
      const found = order === "newestFirst" ? matching.toReversed() : matching;
      for (let at = 0; at < found.length; at += batchSize) {
        signal.throwIfAborted();
        const batch = found.slice(at, at + batchSize);
        yield { records: batch, doneBytes: at, totalBytes: found.length, finished: false };
      }
      const totalBytes = found.length;
      yield { records: [], doneBytes: totalBytes, totalBytes, finished: true };
    },
    status: async () => ({
      enabled: true,
      files: 1,
      logBytes: 1000,
      segments: 1,
      indexedEvents: records.length,
      indexedBytes: 900,
      waitingBytes: 0,
      indexBytes: 100,
    }),
    async *update() {
      yield { doneBytes: 0, totalBytes: 900, finished: false };
      yield { doneBytes: 900, totalBytes: 900, finished: true };
    },
  };
}
