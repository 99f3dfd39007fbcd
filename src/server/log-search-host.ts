import type { LogSearchServices } from "../cmdlets/logs/log-services.ts";
import type { LogHost } from "./log-host.ts";

/** The logs as the main thread has them: searched by the log thread, a slice at a time. */
export function createLogServices(host: Pick<LogHost, "remote">): LogSearchServices["logs"] {
  return {
    async *search(kind, query, signal) {
      // The thread of this moment: with it a search ends, in whatever way.
      const { remote } = host;
      const search = await remote.ask("openLogSearch", { kind, query });
      let isFinished = false;
      try {
        while (!isFinished && !signal.aborted) {
          const rows = await remote.ask("nextLogRows", search);
          isFinished = rows.finished;
          yield rows;
        }
        signal.throwIfAborted();
      } finally {
        if (!isFinished) remote.tell("closeLogSearch", search);
      }
    },
    routingTables: () => host.remote.ask("listRoutingTables", undefined),
    routingTable: (name) => host.remote.ask("readRoutingTable", name),
  };
}
