import { StoreFailure } from "./queue-store.ts";
import type { TrackingIndexStore } from "./tracking-index-store.ts";

/**
 * In place of an index that can neither be opened nor begun anew: knows nothing and takes nothing,
 * so that the log is read instead.
 */
export function withoutTrackingIndex(reason: string): TrackingIndexStore {
  const refuse = (): never => {
    throw new StoreFailure(reason, { full: true });
  };
  return {
    listFiles: () => [],
    putFile: refuse,
    listSegments: () => [],
    addSegment: refuse,
    readFilter: () => undefined,
    readBucket: () => undefined,
    removeFile: () => undefined,
    bytes: () => 0,
    close: () => undefined,
  };
}
