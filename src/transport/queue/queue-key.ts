import type { QueuedMessage, QueueKey } from "../../store/queue-store.ts";

/** One text per key, for maps; the parts cannot contain a line feed. */
export function formatQueueKey(key: QueueKey): string {
  const text = `${key.deliveryType}\n${key.nextHopDomain}\n${key.nextHopConnector}`;
  return key.tlsNotRequired === true ? `${text}\nTLS-Required: No` : text;
}

/**
 * The queue of a message on its way by a route. One with `TLS-Required: No` (RFC 8689 §3) waits
 * apart where a domain says what TLS has to come to: neither does it wait behind mail that this
 * keeps back, nor does other mail go over connections that were opened without regard to it. What a
 * smart host publishes is not the recipients' affair, and holds for all.
 */
export function selectQueueKey(
  route: QueueKey,
  { tlsNotRequired }: Pick<QueuedMessage, "tlsNotRequired">,
): QueueKey {
  if (tlsNotRequired !== true || route.deliveryType !== "DnsConnectorDelivery") return route;
  return { ...route, tlsNotRequired };
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
