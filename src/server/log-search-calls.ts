import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { MINUTE } from "../base/units.ts";
import { type LogQuery, type LogRows, LogSearch } from "../logs/log-search.ts";
import { type RoutingTableFile, RoutingTableFiles } from "../logs/routing-table-files.ts";
import { LOG_KINDS, type LogKind } from "./log-kinds.ts";

/** What the main thread may ask about the logs other than message tracking. */
export type LogSearchCalls = {
  /** Begins a search, which does nothing until it is asked for its next rows. */
  readonly openLogSearch: (search: { readonly kind: LogKind; readonly query: LogQuery }) => number;
  /** Rejects for a search that is not open, or has not been asked for minutes. */
  readonly nextLogRows: (search: number) => LogRows;
  readonly closeLogSearch: (search: number) => void;
  readonly writeRoutingTable: (snapshot: {
    readonly version: number;
    readonly createdMs: number;
    readonly xml: string;
  }) => Promise<void>;
  readonly listRoutingTables: (nothing: undefined) => Promise<readonly RoutingTableFile[]>;
  readonly readRoutingTable: (name: string) => Promise<string | undefined>;
};

/** More at one time are not needed by any number of administrators. */
const SEARCHES_MAX = 100;
/** One that nobody asks goes: its caller has died. */
const SEARCH_IDLE_MS = 5 * MINUTE;

/** The folder of the routing table log. */
export function openRoutingTableFiles(dataDirectory: string): RoutingTableFiles {
  return new RoutingTableFiles(join(dataDirectory, "logs", "Routing"));
}

/** Serves searches in the log thread. */
export function logSearchCalls(parts: {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly routing: RoutingTableFiles;
}): LogSearchCalls {
  const { dataDirectory, clock, routing } = parts;
  const searches = new Map<number, { readonly search: LogSearch; usedMs: number }>();
  let last = 0;
  const close = (id: number) => {
    searches.get(id)?.search.close();
    searches.delete(id);
  };
  return {
    openLogSearch({ kind, query }) {
      const idleMs = clock.monotonicMs() - SEARCH_IDLE_MS;
      for (const [id, { usedMs }] of searches) if (usedMs <= idleMs) close(id);
      if (searches.size >= SEARCHES_MAX) throw new Error("too many searches are under way");
      const { folder, prefix, form } = LOG_KINDS[kind];
      const directory = join(dataDirectory, "logs", folder);
      last += 1;
      const search = new LogSearch({ directory, prefix, form, clock }, query);
      searches.set(last, { search, usedMs: clock.monotonicMs() });
      return last;
    },
    nextLogRows(id) {
      const open = searches.get(id);
      if (open === undefined) throw new Error("the search has been given up");
      open.usedMs = clock.monotonicMs();
      const rows = open.search.next();
      if (rows.finished) searches.delete(id);
      return rows;
    },
    closeLogSearch: close,
    writeRoutingTable: (snapshot) => routing.write(snapshot),
    listRoutingTables: () => routing.list(),
    readRoutingTable: (name) => routing.read(name),
  };
}
