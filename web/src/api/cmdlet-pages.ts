import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CmdletFault } from "./cmdlet-fault.ts";
import { type AnyCall, type Progress, type RunResult, runAny } from "./run-cmdlet.ts";

/** Whoever scrolls on wants to see much: later pages are larger. */
const LATER_TIMES = 5;
const FEW_PAGES = 2;

/** Objects that are read page by page. */
export interface CmdletPages<Output> {
  /** What was read so far. */
  readonly rows: readonly Output[];
  readonly hasMore: boolean;
  /** How many there are in all, where that was asked for and told. */
  readonly total: number | undefined;
  readonly isPending: boolean;
  readonly error: CmdletFault | null;
  /** Reads the next page, unless that is under way. */
  readonly readMore: () => void;
  readonly readAgain: () => void;
}

interface Page<Output> extends RunResult<Output> {
  readonly total: number | undefined;
}

async function readPage<Output>(call: AnyCall, signal: AbortSignal): Promise<Page<Output>> {
  let total: number | undefined;
  const onProgress = (told: Progress) => {
    total = told.total ?? total;
  };
  const result = await runAny<Output>(call, { signal, onProgress });
  return { ...result, total };
}

/**
 * What a cmdlet with `-ResultSize` and `-BookmarkObject` puts out, page after page: each begins
 * behind the last object of the one before.
 */
export function useCmdletPages<Output>(
  { cmdlet, parameters }: AnyCall,
  how: {
    readonly pageSize: number;
    /** Absent: what is in such an order cannot be read on, and ends with the first page. */
    readonly bookmarkOf?: ((last: Output) => string | number) | undefined;
    readonly isEnabled?: boolean;
  },
): CmdletPages<Output> {
  const { pageSize, bookmarkOf, isEnabled = true } = how;
  const sizeOf = (after: unknown) => (after === undefined ? 1 : LATER_TIMES) * pageSize;
  const query = useInfiniteQuery<
    Page<Output>,
    CmdletFault,
    { readonly pages: readonly Page<Output>[] },
    readonly unknown[],
    string | number | undefined
  >({
    queryKey: ["cmdlet", cmdlet, parameters, "pages"],
    initialPageParam: undefined,
    enabled: isEnabled,
    // Of a long list, all that was read so far would be read again.
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= FEW_PAGES,
    queryFn: ({ signal, pageParam: after }) => {
      const page = {
        ResultSize: sizeOf(after),
        ...(after !== undefined && { BookmarkObject: after }),
      };
      return readPage<Output>({ cmdlet, parameters: { ...parameters, ...page } }, signal);
    },
    getNextPageParam: ({ objects }, _pages, after) => {
      const last = objects.length < sizeOf(after) ? undefined : objects.at(-1);
      return last === undefined ? undefined : bookmarkOf?.(last);
    },
  });
  const { data, hasNextPage, isFetching, fetchNextPage, refetch } = query;
  const rows = useMemo(() => data?.pages.flatMap(({ objects }) => objects) ?? [], [data]);
  return {
    rows,
    hasMore: hasNextPage,
    total: data?.pages[0]?.total,
    isPending: query.isPending,
    error: query.error,
    readMore: () => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
    readAgain: () => void refetch(),
  };
}
