import { createTimestampFormat } from "../../base/timestamp.ts";
import { csvField, formatLogHeader } from "./csv.ts";

/** The properties of a queue that the queue log has (reference §5.4), under Get-Queue's names. */
export const QUEUE_PROPERTIES = [
  "Identity",
  "DeliveryType",
  "NextHopCategory",
  "NextHopDomain",
  "NextHopConnector",
  "TlsDomain",
  "Status",
  "MessageCount",
  "DeferredMessageCount",
  "RetryCount",
  "MessageCountsPerPriority",
  "DeferredMessageCountsPerPriority",
  "IncomingRate",
  "OutgoingRate",
  "Velocity",
  "LastError",
  "FirstRetryTime",
  "LastRetryTime",
  "NextRetryTime",
] as const;

/** The fields of the queue log, in order. */
export const QUEUE_LOG_FIELDS: readonly string[] = ["date-time", "snapshot", ...QUEUE_PROPERTIES];

/** A queue as it stood; what is missing is left empty, lists are joined with `;`. */
export type QueueState = Readonly<Record<string, unknown>>;

const formatTime = createTimestampFormat();

/** One line of the queue log with its CRLF. `snapshot` is the same for all lines of one moment. */
export function formatQueueState(state: QueueState, snapshot: string, nowMs: number): string {
  const values = QUEUE_PROPERTIES.map((name) => csvField(textOf(state[name])));
  return `${formatTime(nowMs)},${csvField(snapshot)},${values.join(",")}\r\n`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join(";");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The lines that open a queue log file. */
export function formatQueueHeader(nowMs: number): string {
  return formatLogHeader({ type: "Queue Log", fields: QUEUE_LOG_FIELDS, date: formatTime(nowMs) });
}
