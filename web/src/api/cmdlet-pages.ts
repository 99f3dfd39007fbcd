import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CmdletFault } from "./cmdlet-fault.ts";
import { type AnyCall, type RunResult, runAny } from "./run-cmdlet.ts";

/** Objects that are read page by page. */
export interface CmdletPages<Output> {
  /** What was read so far. */
  readonly rows: readonly Output[];
  readonly hasMore: boolean;
  readonly isPending: boolean;
  readonly error: CmdletFault | null;
  /** Reads the next page, unless that is under way. */
  readonly readMore: () => void;
  readonly readAgain: () => void;
}

/**
 * What a cmdlet with `-ResultSize` and `-BookmarkObject` puts out, page after page: each begins
 * behind the last object of the one before.
 */
export function useCmdletPages<Output>(
  { cmdlet, parameters }: AnyCall,
  how: { readonly pageSize: number; readonly bookmarkOf: (last: Output) => string },
): CmdletPages<Output> {
  const { pageSize, bookmarkOf } = how;
  const query = useInfiniteQuery<
    RunResult<Output>,
    CmdletFault,
    { readonly pages: readonly RunResult<Output>[] },
    readonly unknown[],
    string | undefined
  >({
    queryKey: ["cmdlet", cmdlet, parameters, "pages"],
    initialPageParam: undefined,
    queryFn: ({ signal, pageParam }) => {
      const page = { ResultSize: pageSize, ...(pageParam && { BookmarkObject: pageParam }) };
      return runAny<Output>({ cmdlet, parameters: { ...parameters, ...page } }, { signal });
    },
    getNextPageParam: ({ objects }) => {
      const last = objects.length < pageSize ? undefined : objects.at(-1);
      return last === undefined ? undefined : bookmarkOf(last);
    },
  });
  const { data, hasNextPage, isFetching, fetchNextPage, refetch } = query;
  const rows = useMemo(() => data?.pages.flatMap(({ objects }) => objects) ?? [], [data]);
  return {
    rows,
    hasMore: hasNextPage,
    isPending: query.isPending,
    error: query.error,
    readMore: () => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
    readAgain: () => void refetch(),
  };
}
