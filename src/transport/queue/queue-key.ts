import type { QueueKey } from "../../store/queue-store.ts";

/** One text per key, for maps; the parts cannot contain a line feed. */
export function formatQueueKey(key: QueueKey): string {
  return `${key.deliveryType}\n${key.nextHopDomain}\n${key.nextHopConnector}`;
}

/**
 * The transport thread that alone owns the queue, from 0. All threads compute the same, so that
 * nobody has to ask.
 */
export function selectOwner(keyText: string, threadCount: number): number {
  // FNV-1a: even over short, alike texts, and the same in every process.
  let hash = 0x811c9dc5;
  for (let index = 0; index < keyText.length; index += 1) {
    hash = Math.imul(hash ^ keyText.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % threadCount;
}
