import { QueryClient, type UseQueryResult, useQueries, useQuery } from "@tanstack/react-query";
import type { CmdletFault } from "./cmdlet-fault.ts";
import {
  type CmdletCall,
  type CmdletName,
  type OutputOf,
  type RunResult,
  runCmdlet,
} from "./run-cmdlet.ts";

/** What the pages have read of the server. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // The server says itself what may be tried again; a page that waits says nothing.
      retry: false,
      // The server may be this machine itself: asking says more than the browser's guess.
      networkMode: "always",
      refetchOnWindowFocus: true,
    },
  },
});

/** How a page reads. */
export interface ReadOptions {
  /** Milliseconds between readings of a live view; none while the page is hidden. */
  readonly refreshMs?: number | undefined;
  readonly isEnabled?: boolean;
}

/** What a cmdlet that reads puts out, kept up to date. */
export function useCmdlet<Name extends CmdletName>(
  { cmdlet, parameters }: CmdletCall<Name>,
  { refreshMs, isEnabled = true }: ReadOptions = {},
): UseQueryResult<RunResult<OutputOf<Name>>, CmdletFault> {
  return useQuery<RunResult<OutputOf<Name>>, CmdletFault>({
    queryKey: ["cmdlet", cmdlet, parameters],
    enabled: isEnabled,
    // A list stays while it is filtered anew; one thing is never shown as another.
    placeholderData: (before, query) =>
      identityIn(query?.queryKey) === identityIn([undefined, undefined, parameters])
        ? before
        : undefined,
    refetchInterval: refreshMs ?? false,
    queryFn: ({ signal, client }) => {
      // The first reading is the administrator's; those of the clock are not.
      const isRepeated = client.getQueryData(["cmdlet", cmdlet, parameters]) !== undefined;
      const isBackground = isRepeated && refreshMs !== undefined ? true : undefined;
      return runCmdlet({ cmdlet, parameters }, { signal, isBackground });
    },
  });
}

function identityIn(key: readonly unknown[] = []): string {
  const parameters: object = Object(key[2]);
  return JSON.stringify("Identity" in parameters ? parameters.Identity : null);
}

/** The same cmdlet for several things at once: each is read by itself, and kept. */
export function useCmdlets<Name extends CmdletName>(
  calls: readonly CmdletCall<Name>[],
): readonly UseQueryResult<RunResult<OutputOf<Name>>, CmdletFault>[] {
  return useQueries({
    queries: calls.map(({ cmdlet, parameters }) => ({
      queryKey: ["cmdlet", cmdlet, parameters],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        runCmdlet({ cmdlet, parameters }, { signal }),
    })),
  }) as readonly UseQueryResult<RunResult<OutputOf<Name>>, CmdletFault>[];
}

/** Has everything that cmdlets have put out read again, after something was changed. */
export async function refreshCmdlets(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["cmdlet"] });
}
