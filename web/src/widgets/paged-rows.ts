import { type UseQueryOptions, useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import type { CmdletFault } from "../api/cmdlet-fault.ts";
import {
  type CmdletCall,
  type CmdletName,
  type OutputOf,
  type Progress,
  runAny,
} from "../api/run-cmdlet.ts";
import type { RowSource } from "./row-source.ts";

/** Rows of a page. */
const PAGE_ROWS = 100;
const LONG_ROWS = 1_000;
/** How long pages that have left the view are kept. */
const KEPT_MS = 30_000;

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** Rows of a cmdlet that pages, of which only those in view are read. */
export interface PagedRows<Row> {
  readonly rows: RowSource<Row>;
  /** `undefined`: not known yet. */
  readonly total: number | undefined;
  readonly fault: CmdletFault | undefined;
  readonly isReading: boolean;
  readonly refetch: () => void;
}

/**
 * What a cmdlet with -BookmarkIndex and -ReturnPageInfo puts out, page by page as it is scrolled
 * to, and kept up to date while it is in view.
 */
export function usePagedRows<Name extends CmdletName>(
  { cmdlet, parameters }: CmdletCall<Name>,
  { refreshMs, isEnabled = true }: { readonly refreshMs?: number; readonly isEnabled?: boolean },
): PagedRows<OutputOf<Name>> {
  type Row = OutputOf<Name>;
  const client = useQueryClient();
  const whole = JSON.stringify([cmdlet, parameters]);
  const [view, setView] = useState({ whole, first: 0, last: 0 });
  const { first, last } = view.whole === whole ? view : { first: 0, last: 0 };
  const known = useRef({ whole, total: undefined as number | undefined });
  if (known.current.whole !== whole) known.current = { whole, total: undefined };
  // Begins as all that is read of cmdlets, so that it is read again with it.
  const keyOf = useCallback((page: number) => ["cmdlet", "page", whole, page], [whole]);
  const isLong = (known.current.total ?? 0) > LONG_ROWS;
  const pages = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const queries = useQueries({
    queries: pages.map((page): UseQueryOptions<Page<Row>, CmdletFault> => {
      const queryKey = keyOf(page);
      return {
        queryKey,
        enabled: isEnabled,
        gcTime: KEPT_MS,
        // Of a long list, every page is dear to the server: it is read a third as often.
        refetchInterval: refreshMs === undefined ? false : isLong ? 3 * refreshMs : refreshMs,
        queryFn: ({ signal }) => {
          const isRepeated = client.getQueryData(queryKey) !== undefined;
          const isBackground = isRepeated && refreshMs !== undefined ? true : undefined;
          return readPage<Row>({ cmdlet, parameters, page }, { signal, isBackground });
        },
      };
    }),
  });
  const newest = queries
    .filter(({ data }) => data !== undefined)
    .toSorted((left, right) => right.dataUpdatedAt - left.dataUpdatedAt)[0];
  if (newest?.data !== undefined) known.current.total = newest.data.total;
  const { total } = known.current;
  const onView = useCallback(
    (range: { readonly first: number; readonly last: number }) => {
      const next = {
        whole,
        first: Math.floor(range.first / PAGE_ROWS),
        last: Math.floor(range.last / PAGE_ROWS),
      };
      setView((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
    },
    [whole],
  );
  const rows = useMemo(
    (): RowSource<Row> => ({
      count: total ?? 0,
      at: (index) => {
        const page = Math.floor(index / PAGE_ROWS);
        return client.getQueryData<Page<Row>>(keyOf(page))?.rows[index % PAGE_ROWS];
      },
      onView,
    }),
    [total, client, keyOf, onView],
  );
  return {
    rows,
    total,
    fault: queries.find(({ error }) => error !== null)?.error ?? undefined,
    isReading: queries.some(({ isFetching }) => isFetching),
    refetch: () => {
      for (const query of queries) void query.refetch();
    },
  };
}

async function readPage<Row>(
  of: { readonly cmdlet: string; readonly parameters: object; readonly page: number },
  options: { readonly signal: AbortSignal; readonly isBackground: true | undefined },
): Promise<Page<Row>> {
  const { cmdlet, parameters, page } = of;
  const asked = {
    ...parameters,
    BookmarkIndex: page * PAGE_ROWS + 1,
    ResultSize: PAGE_ROWS,
    ReturnPageInfo: true,
  };
  let progress: Progress | undefined;
  const { objects } = await runAny<Row>(
    { cmdlet, parameters: asked },
    {
      ...options,
      onProgress: (told) => {
        progress = told;
      },
    },
  );
  return { rows: objects, total: progress?.total ?? page * PAGE_ROWS + objects.length };
}
