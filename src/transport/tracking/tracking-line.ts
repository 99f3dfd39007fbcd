import { randomUUID } from "node:crypto";
import { createTimestampFormat } from "../../base/timestamp.ts";
import { csvField, formatLogHeader, SCHEMA_VERSION } from "./csv.ts";
import type { TrackingEvent } from "./event.ts";

/** The fields of the message tracking log, in order (reference §7.2). */
export const TRACKING_FIELDS = [
  "date-time",
  "client-ip",
  "client-hostname",
  "server-ip",
  "server-hostname",
  "source-context",
  "connector-id",
  "source",
  "event-id",
  "internal-message-id",
  "message-id",
  "network-message-id",
  "recipient-address",
  "recipient-status",
  "total-bytes",
  "recipient-count",
  "related-recipient-address",
  "reference",
  "message-subject",
  "sender-address",
  "return-path",
  "message-info",
  "directionality",
  "tenant-id",
  "original-client-ip",
  "original-server-ip",
  "custom-data",
  "transport-traffic-type",
  "log-id",
  "schema-version",
] as const;

/** What an organization may set about the lines. */
export interface TrackingLineOptions {
  /** MessageTrackingLogSubjectLoggingEnabled; the field stays empty when false. */
  readonly subjectLogging: boolean;
  /** Server host name of a RECEIVE that names none: our own. */
  readonly serverName: string;
}

const DEFAULT_OPTIONS: TrackingLineOptions = { subjectLogging: true, serverName: "" };

const formatEventTime = createTimestampFormat();
const formatReceivedTime = createTimestampFormat();

/**
 * One line of the message tracking log with its CRLF; 30 fields whatever the values are. What the
 * event leaves out comes from its message: for RECEIVE the two ends of the session it came in by,
 * for SEND and DELIVER the time it was received as `message-info`.
 */
export function formatTrackingEvent(
  event: TrackingEvent,
  nowMs: number,
  options: TrackingLineOptions = DEFAULT_OPTIONS,
): string {
  const { message } = event;
  const { origin } = message;
  const received = event.event === "RECEIVE";
  const clientAddress = event.clientAddress ?? (received ? origin.clientAddress : "");
  const clientName = event.clientName ?? (received ? origin.clientName : "");
  const serverAddress = event.serverAddress ?? (received ? origin.serverAddress : "");
  const serverName = event.serverName ?? (received ? options.serverName : "");
  const connector = event.connector ?? (received ? origin.connector : "");
  const subject = options.subjectLogging ? message.subject : "";
  const recipientCount = event.recipients.length;
  // One expression: V8 joins the pieces once, when the line is written.
  return (
    `${formatEventTime(nowMs)},${csvField(clientAddress)},${csvField(clientName)},` +
    `${csvField(serverAddress)},${csvField(serverName)},${optional(event.sourceContext)},` +
    `${csvField(connector)},${event.source},${event.event},${message.id},` +
    `${csvField(message.internetMessageId)},${csvField(message.networkMessageId)},` +
    `${recipientAddresses(event)},${recipientStatuses(event)},` +
    `${message.contentBytes},${recipientCount},${optional(event.relatedRecipient)},` +
    `${optional(event.reference)},${csvField(subject)},` +
    `${csvField(message.headerFrom || message.envelope.sender)},` +
    `${message.envelope.sender === "" ? "<>" : csvField(message.envelope.sender)},` +
    `${messageInfo(event)},${origin.directionality},,` +
    `${csvField(origin.clientAddress)},${csvField(origin.serverAddress)},` +
    `${optional(event.customData)},Email,${randomUUID()},${SCHEMA_VERSION}\r\n`
  );
}

/** The lines that open a message tracking log file. */
export function formatTrackingHeader(nowMs: number): string {
  const date = formatEventTime(nowMs);
  return formatLogHeader({ type: "Message Tracking Log", fields: TRACKING_FIELDS, date });
}

function optional(text: string | undefined): string {
  return text === undefined ? "" : csvField(text);
}

function messageInfo(event: TrackingEvent): string {
  if (event.messageInfo !== undefined) return csvField(event.messageInfo);
  return event.event === "SEND" || event.event === "DELIVER"
    ? formatReceivedTime(event.message.receivedMs)
    : "";
}

function recipientAddresses(event: TrackingEvent): string {
  const { recipients } = event;
  if (recipients.length === 1) return csvField(recipients[0]?.address ?? "");
  return csvField(recipients.map(({ address }) => address.replaceAll(";", ",")).join(";"));
}

/**
 * The list must have an entry for each address, so a `;` inside a status becomes a comma when there
 * are several. Alone it stays as the reference shows it (`550 4.4.7 QUEUE.Expired;…`).
 */
function recipientStatuses(event: TrackingEvent): string {
  const { recipients } = event;
  if (recipients.length === 1) return csvField(recipients[0]?.status ?? "");
  return csvField(recipients.map(({ status }) => status.replaceAll(";", ",")).join(";"));
}
