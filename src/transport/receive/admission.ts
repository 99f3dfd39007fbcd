import { sourceOf } from "../../net/client-address.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import type { ConnectionCounts } from "./connection-counts.ts";

/** What a new connection meets: a way in, or the limit that keeps it out. */
export type Admission =
  | { readonly kind: "admitted"; readonly leave: () => void }
  | { readonly kind: "limit" | "source-limit" };

/**
 * Counts a connection in, unless MaxInboundConnection, MaxInboundConnectionPerSource or
 * MaxInboundConnectionPercentagePerSource says no (reference §2.4). The percentage is of what is
 * still free, and always leaves one source one connection.
 */
export function admitConnection(
  counts: ConnectionCounts,
  connector: ReceiveConnector,
  remoteAddress: string,
): Admission {
  const source = `${connector.name}\0${sourceOf(remoteAddress)}`;
  const total = counts.count(connector.name);
  if (total >= connector.maxInboundConnection) return { kind: "limit" };
  const free = connector.maxInboundConnection - total;
  const share = Math.max(
    1,
    Math.floor((free * connector.maxInboundConnectionPercentagePerSource) / 100),
  );
  if (counts.count(source) >= Math.min(connector.maxInboundConnectionPerSource, share)) {
    return { kind: "source-limit" };
  }
  counts.enter(connector.name);
  counts.enter(source);
  let inside = true;
  const leave = () => {
    if (!inside) return;
    inside = false;
    counts.leave(connector.name);
    counts.leave(source);
  };
  return { kind: "admitted", leave };
}
