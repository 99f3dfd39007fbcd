import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { keepCsrfToken, requestJson } from "./request.ts";

/** Who is signed in, and what he may run. */
export interface Session {
  readonly name: string;
  readonly roleGroups: readonly string[];
  readonly cmdlets: readonly string[];
  readonly csrfToken?: string;
}

/** The session of this browser; fails with `unauthorized` when there is none. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: 60_000,
  retry: false,
  queryFn: async ({ signal }): Promise<Session> => {
    const session = await readSession(signal);
    keepCsrfToken(session.csrfToken ?? "");
    return session;
  },
});

/** Asks the server whose session this browser has. @throws CmdletFault `unauthorized` for none */
export async function readSession(signal?: AbortSignal): Promise<Session> {
  return requestJson<Session>({ method: "GET", path: "/session", signal });
}

/** The session, inside of the frame, where there always is one. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** Whether the administrator may run these cmdlets: pages show nothing that would be refused. */
export function useMayRun(): (...cmdlets: readonly string[]) => boolean {
  const { cmdlets } = useSession();
  const own = new Set(cmdlets);
  return (...names) => names.every((name) => own.has(name));
}
