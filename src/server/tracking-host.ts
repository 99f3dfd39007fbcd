import { type Clock, delay } from "../base/clock.ts";
import type { TrackingLog, UpdateState } from "../logs/tracking-log.ts";
import type { SearchBatch } from "../logs/tracking-search.ts";
import type { LogHost } from "./log-host.ts";

const STATE_INTERVAL_MS = 200;

/** The message tracking log as the main thread has it: searched and indexed by the log thread. */
export function createTrackingLog(host: Pick<LogHost, "remote">, clock: Clock): TrackingLog {
  return {
    async *search(query, { order, signal }): AsyncGenerator<SearchBatch> {
      // The thread of this moment: with it a search ends, in whatever way.
      const { remote } = host;
      const search = await remote.ask("openTrackingSearch", { query, order });
      let isFinished = false;
      try {
        while (!isFinished && !signal.aborted) {
          const batch = await remote.ask("nextTrackingBatch", search);
          isFinished = batch.finished;
          yield batch;
        }
        signal.throwIfAborted();
      } finally {
        if (!isFinished) remote.tell("closeTrackingSearch", search);
      }
    },
    status: () => host.remote.ask("trackingStatus", undefined),
    async *update({ rebuild, signal }): AsyncGenerator<UpdateState> {
      const { remote } = host;
      await remote.ask("startTrackingUpdate", { rebuild });
      let isFinished = false;
      try {
        while (!isFinished) {
          const state = await remote.ask("trackingUpdateState", undefined);
          isFinished = state.finished;
          yield state;
          signal.throwIfAborted();
          if (!isFinished) await delay(clock, STATE_INTERVAL_MS);
        }
      } finally {
        if (!isFinished) remote.tell("stopTrackingUpdate", undefined);
      }
    },
  };
}
