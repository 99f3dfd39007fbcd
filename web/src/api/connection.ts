import { useSyncExternalStore } from "react";

/** Whether the server was reached when it was last asked. */
const connection = { isLost: false };
const watchers = new Set<() => void>();

/** Said of every request: whether the server itself has answered. */
export function noteConnection(how: { readonly isLost: boolean }): void {
  if (how.isLost === connection.isLost) return;
  connection.isLost = how.isLost;
  for (const watcher of watchers) watcher();
}

/** Whether the server cannot be reached now. */
export function useIsConnectionLost(): boolean {
  return useSyncExternalStore(watch, () => connection.isLost);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
