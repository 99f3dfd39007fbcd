import { parseIpAddress } from "../mail/address-literal.ts";

/** Admits connections and counts them, in all and per source. One may serve several threads. */
export interface ConnectionCounter {
  /** Counts one more connection of `source`, or says no and counts nothing. */
  admit(source: string): boolean;
  /** One that was admitted is over. */
  release(source: string): void;
}

/** Limits of reference §2.4; `Infinity` is none. */
export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerSourceMax: number;
  /** Of those still free, so that one source never takes the last ones. 100 = no limit. */
  readonly percentagePerSourceMax: number;
}

/** Counts in this thread. */
export function createConnectionCounter(limits: ConnectionLimits): ConnectionCounter {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    admit(source) {
      const count = counts.get(source) ?? 0;
      if (total >= limits.connectionsMax || count >= limits.connectionsPerSourceMax) return false;
      const free = limits.connectionsMax - total;
      // At least one, or a small limit would lock everybody out.
      const share = Math.max(1, Math.floor((free * limits.percentagePerSourceMax) / 100));
      if (limits.percentagePerSourceMax < 100 && count >= share) return false;
      counts.set(source, count + 1);
      total += 1;
      return true;
    },
    release(source) {
      const count = counts.get(source) ?? 0;
      if (count === 0) return;
      if (count === 1) counts.delete(source);
      else counts.set(source, count - 1);
      total -= 1;
    },
  };
}

const MAPPED_PREFIX = "::ffff:";

/** The address as it is shown: IPv4 without its IPv6 mapping (RFC 4291 §2.5.5.2), no zone. */
export function shownAddress(address: string): string {
  const mapped = address.startsWith(MAPPED_PREFIX) && address.includes(".");
  const plain = mapped ? address.slice(MAPPED_PREFIX.length) : address;
  const zone = plain.indexOf("%");
  return zone < 0 ? plain : plain.slice(0, zone);
}

/** What counts as one source: an IPv4 address, or the /64 that one IPv6 site has to itself. */
export function sourceOf(address: string): string {
  const shown = shownAddress(address);
  if (!shown.includes(":")) return shown;
  const parsed = parseIpAddress(shown);
  if (parsed === undefined) return shown;
  const prefix = parsed.groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(":")}::/64`;
}
