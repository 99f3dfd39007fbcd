import { createTimestampFormat } from "../../base/timestamp.ts";
import { csvField, formatLogHeader } from "./csv.ts";

/** The fields of the connectivity log, in order (reference §7.3). */
const CONNECTIVITY_FIELDS = [
  "date-time",
  "session",
  "source",
  "Destination",
  "direction",
  "description",
] as const;

/** One step of an outgoing connection. */
export interface ConnectivityEvent {
  /** The same for all lines of one connection. */
  readonly session: string;
  readonly source: "SMTP" | "LMTP" | "STOREDRIVER";
  /** Domain or host name of the next hop. */
  readonly destination: string;
  /** `+` connects, `-` has disconnected, `>` tells something on the way. */
  readonly direction: "+" | "-" | ">";
  readonly description: string;
}

const formatEventTime = createTimestampFormat();

/** One line of the connectivity log with its CRLF; six fields whatever the values are. */
export function formatConnectivityEvent(event: ConnectivityEvent, nowMs: number): string {
  return (
    `${formatEventTime(nowMs)},${csvField(event.session)},${event.source},` +
    `${csvField(event.destination)},${event.direction},${csvField(event.description)}\r\n`
  );
}

/** The lines that open a connectivity log file. */
export function formatConnectivityHeader(nowMs: number): string {
  const date = formatEventTime(nowMs);
  return formatLogHeader({ type: "Transport Connectivity Log", fields: CONNECTIVITY_FIELDS, date });
}
