import type { Clock } from "../../base/clock.ts";
import type { Count } from "../../base/metrics.ts";
import { sourceOf } from "../../net/client-address.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import type { ConnectionCounts } from "./connection-counts.ts";
import { countConnection, findConnectionExcess } from "./connection-rate.ts";
import { POLICY_REPLY } from "./policy-reply.ts";
import type { RateCounts } from "./rate-counts.ts";
import type { SparingLog } from "./sparing-diagnostics.ts";

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

/** What admission counts by, and where it tells. */
export interface AdmissionDependencies {
  readonly connections: ConnectionCounts;
  readonly rates: RateCounts;
  readonly clock: Clock;
  readonly count: Count;
  readonly log: SparingLog;
}

/**
 * Counts a client in, unless there are too many connections, or too many a minute on the whole
 * server (MaxConnectionRatePerMinute, reference §11). The answer is called when it leaves.
 */
export function admitClient(
  { connections, rates, clock, count, log }: AdmissionDependencies,
  client: {
    readonly connector: ReceiveConnector;
    /** The real client's, never a proxy's. */
    readonly remoteAddress: string;
    readonly ratePerMinute: number;
  },
): (() => void) | undefined {
  const { connector, remoteAddress, ratePerMinute } = client;
  const connection = { remoteAddress, ratePerMinute, nowMs: clock.nowMs() };
  const limit = findConnectionExcess(rates, connection);
  if (limit !== undefined) {
    count("postrider_connections_refused_total:rate_limit");
    count("postrider_throttled_total:connection_rate");
    log("connections-throttled", { remoteAddress, limit });
    return undefined;
  }
  const admission = admitConnection(connections, connector, remoteAddress);
  if (admission.kind !== "admitted") {
    const isSource = admission.kind === "source-limit";
    count(`postrider_connections_refused_total:${isSource ? "source_limit" : "limit"}`);
    return undefined;
  }
  // Those turned away are not counted: one source at its own limit does not use up everybody's.
  countConnection(rates, connection);
  return admission.leave;
}

/** Why no message is let in just now; `undefined` when one is. */
export function refuseNewMail(parts: {
  readonly queue: Pick<SubmissionQueue, "admits">;
  readonly takesMail?: () => boolean;
  readonly count: Count;
}): Reply | undefined {
  if (parts.queue.admits("SMTP")) return undefined;
  if (parts.takesMail?.() === false) return POLICY_REPLY.notInService;
  parts.count("postrider_rejected_total:back_pressure");
  return POLICY_REPLY.insufficientResources;
}
