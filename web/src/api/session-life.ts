import { useSyncExternalStore } from "react";
import { queryClient } from "./cmdlet-query.ts";
import { keepCsrfToken } from "./request.ts";
import { type Session, sessionQuery } from "./session.ts";

/** What windows of one browser tell one another: they have one session. */
type Message =
  | { readonly kind: "in"; readonly name: string; readonly csrfToken: string }
  | { readonly kind: "out" };

const state = { isEnded: false, isLeaving: false };
const watchers = new Set<() => void>();
const others = new BroadcastChannel("postrider-session");

function setEnded(isEnded: boolean): void {
  state.isEnded = isEnded;
  for (const watcher of watchers) watcher();
}

/** Whether the session of what is shown is over. */
export function useIsSessionEnded(): boolean {
  return useSyncExternalStore(watch, () => state.isEnded);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** The server no longer knows the session; what is shown stays, for who signs in again. */
export function endSession(): void {
  if (queryClient.getQueryData(sessionQuery.queryKey) !== undefined) setEnded(true);
}

/** Begins with a session; whatever was read before was read for somebody else, or for nobody. */
export function beginSession(session: Session): void {
  forgetSession();
  take(session);
}

/**
 * Forgets what was read for somebody. What the server tells everybody (`meta.isPublic`) stays: the
 * page of sign-in may be waiting for it.
 */
export function forgetSession(): void {
  queryClient.removeQueries({ predicate: ({ meta }) => meta?.["isPublic"] !== true });
}

/** Goes on with another session: where it is somebody else's, nothing of the former stays. */
export function resumeSession(session: Session): void {
  if (queryClient.getQueryData(sessionQuery.queryKey)?.name !== session.name) {
    leaveFor(window.location.href);
    return;
  }
  take(session);
  void queryClient.invalidateQueries();
}

/** The same administrator's next session, which has begun with other credentials. */
export function takeCsrfToken(csrfToken: string): void {
  const session = queryClient.getQueryData(sessionQuery.queryKey);
  if (session !== undefined) take({ ...session, csrfToken });
}

function take(session: Session): void {
  keepCsrfToken(session.csrfToken ?? "");
  queryClient.setQueryData(sessionQuery.queryKey, session);
  setEnded(false);
}

/** Loads a page anew, with nothing kept and nothing asked. */
export function leaveFor(address: string): void {
  state.isLeaving = true;
  if (address === window.location.href) window.location.reload();
  else window.location.assign(address);
}

/** Whether the page is being left for good: it is too late to ask about what was typed. */
export function isLeavingForGood(): boolean {
  return state.isLeaving;
}

/** Tells the other windows that the session was ended on purpose. */
export function tellSignedOut(): void {
  tell({ kind: "out" });
}

/** Tells the other windows which session there is now. */
export function tellSignedIn({ name, csrfToken = "" }: Session): void {
  tell({ kind: "in", name, csrfToken });
}

function tell(message: Message): void {
  others.postMessage(message);
}

/** Listens to the other windows. */
export function watchOtherWindows(): void {
  others.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    const own = queryClient.getQueryData(sessionQuery.queryKey);
    if (own === undefined) return;
    if (data.kind === "out") leaveFor(window.location.href);
    else if (data.csrfToken !== own.csrfToken) resumeSession({ ...own, ...data });
  });
}
