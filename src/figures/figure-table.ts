import { METRICS, type MetricDefinition } from "../base/metric-table.ts";
import type { CounterName, GaugeName } from "../base/metrics.ts";

/** Families of figures that are counted, each with the metric that counts it. */
const COUNTED = {
  connections: "postrider_connections_accepted_total",
  connectionsRefused: "postrider_connections_refused_total",
  received: "postrider_messages_received_total",
  receivedBytes: "postrider_received_bytes_total",
  recipients: "postrider_recipients_accepted_total",
  refused: "postrider_rejected_total",
  discarded: "postrider_discarded_total",
  throttled: "postrider_throttled_total",
  outcome: "postrider_recipient_outcomes_total",
  failed: "postrider_failures_total",
  sentBytes: "postrider_sent_bytes_total",
  secured: "postrider_secured_total",
  authentication: "postrider_authentication_total",
  logon: "postrider_logons_total",
  quarantined: "postrider_quarantined_total",
  handshakes: "postrider_tls_handshakes_total",
  notices: "postrider_notices_total",
} as const satisfies Readonly<Record<string, keyof typeof METRICS>>;

/** Families that are looked at: how much there is at one moment. */
const SEEN = {
  "queue.submission": "postrider_queue_recipients:submission",
  "queue.delivery": "postrider_queue_recipients:delivery",
  "queue.retry": "postrider_queue_recipients:retry",
  "queue.unreachable": "postrider_queue_recipients:unreachable",
  "queue.poison": "postrider_queue_recipients:poison",
  "queue.quarantine": "postrider_queue_recipients:quarantine",
  connectionsIn: "postrider_connections_current",
  connectionsOut: "postrider_outgoing_connections_current",
} as const satisfies Readonly<Record<string, GaugeName>>;

/** A family of counts. */
export type CountFamily = keyof typeof COUNTED;
/** Something whose amount is seen. */
export type SeenLevel = keyof typeof SEEN | "depth" | "oldestSeconds";

/** Each count's name, and the series that it comes from. */
export const COUNT_SERIES: readonly (readonly [name: string, series: CounterName])[] =
  Object.entries(COUNTED).flatMap(([family, metric]) => {
    const definition: MetricDefinition = METRICS[metric];
    // The table is what CounterName is made of.
    const series = (label?: string) =>
      (label === undefined ? metric : `${metric}:${label}`) as CounterName;
    if (definition.kind !== "counter" || definition.label === undefined) {
      return [[family, series()] as const];
    }
    return definition.label.values.map((value) => [`${family}.${value}`, series(value)] as const);
  });

/** Each level's name, and the gauge that it comes from, which adds up over the threads. */
export const LEVEL_SERIES: readonly (readonly [name: SeenLevel, series: GaugeName])[] =
  Object.entries(SEEN) as [keyof typeof SEEN, GaugeName][];

/** What adds up to the depth of the queues: retry is part of delivery, and quarantine is none. */
export const DEPTH: readonly SeenLevel[] = [
  "queue.submission",
  "queue.delivery",
  "queue.unreachable",
  "queue.poison",
];
