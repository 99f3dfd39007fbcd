import type { LogQuery, LogRows } from "../../logs/log-search.ts";
import type { RoutingTableFile } from "../../logs/routing-table-files.ts";

/** The logs that can be searched line by line. */
export type SearchedLog =
  | "smtpReceive"
  | "smtpSend"
  | "connectivity"
  | "agent"
  | "queue"
  | "session";

/** What the cmdlets of the other logs ask the server for. */
export interface LogSearchServices {
  readonly logs: {
    /** Newest lines first, in batches, also empty ones that tell how far it is. */
    readonly search: (
      log: SearchedLog,
      query: LogQuery,
      signal: AbortSignal,
    ) => AsyncIterable<LogRows>;
    /** Snapshots of the routing table, the oldest first. */
    readonly routingTables: () => Promise<readonly RoutingTableFile[]>;
    /** The XML of one; `undefined`: there is none of that name. */
    readonly routingTable: (name: string) => Promise<string | undefined>;
  };
}
