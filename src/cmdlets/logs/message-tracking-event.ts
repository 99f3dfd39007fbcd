import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import { formatSpan } from "../../org/settings/setting-types.ts";
import { isoDate } from "./tracking-run.ts";

/** One event, by the names of Exchange's shell (reference §7.2). */
export const MESSAGE_TRACKING_EVENT = {
  name: "MessageTrackingEvent",
  properties: {
    Timestamp: { kind: "date", doc: "When it happened." },
    ClientIp: { kind: "text", doc: "Address of the side that submits or sends." },
    ClientHostname: { kind: "text", doc: "Its name." },
    ServerIp: { kind: "text", doc: "Address of the side that receives." },
    ServerHostname: { kind: "text", doc: "Its name." },
    SourceContext: { kind: "text", doc: "More about the source: an administrator's act, a file." },
    ConnectorId: { kind: "text", doc: "The connector that it came in by or left by." },
    Source: { kind: "text", doc: "The part of the server that tells of it: SMTP, ROUTING, DSN, …" },
    EventId: { kind: "text", doc: "What happened: RECEIVE, SEND, DELIVER, DEFER, FAIL, …" },
    InternalMessageId: { kind: "number", doc: "The message's number on this server." },
    MessageId: { kind: "text", doc: "Its Message-ID header field." },
    NetworkMessageId: { kind: "text", doc: "A GUID that all its copies keep." },
    Recipients: { kind: "list", doc: "Whom it is about." },
    RecipientStatus: { kind: "list", doc: "For each of them: To, Cc, Bcc, or the reply." },
    TotalBytes: { kind: "bytes", doc: "Size of the message." },
    RecipientCount: { kind: "number", doc: "How many recipients it is about." },
    RelatedRecipientAddress: { kind: "text", doc: "Who was expanded, resolved or redirected." },
    Reference: { kind: "list", doc: "Another message: the notice, the parent of a copy." },
    MessageSubject: { kind: "text", doc: "Its subject.", hiddenFrom: ["Help Desk"] },
    Sender: { kind: "text", doc: "Its Sender or From." },
    ReturnPath: { kind: "text", doc: "MAIL FROM; <> is the empty one." },
    Directionality: { kind: "text", doc: "Incoming, Originating or Undefined." },
    TenantId: { kind: "text", doc: "Always empty." },
    OriginalClientIp: { kind: "text", doc: "Address of the client that it came from first." },
    OriginalServerIp: { kind: "text", doc: "Address of the server that took it first." },
    MessageInfo: { kind: "text", doc: "When it was received, in SEND and DELIVER." },
    MessageLatency: { kind: "span", doc: "Time since then." },
    MessageLatencyType: { kind: "text", doc: "EndToEnd when there is a latency, else None." },
    EventData: { kind: "list", doc: "More, as name=value: TlsVersion, PossibleDuplicate, …" },
    TransportTrafficType: { kind: "text", doc: "Email, or nothing." },
    LogId: { kind: "text", doc: "Names this event alone." },
    SchemaVersion: { kind: "text", doc: "The layout of the log." },
  },
  table: ["Timestamp", "EventId", "Source", "Sender", "Recipients", "MessageSubject"],
} as const satisfies OutputType;

/** An event as cmdlets put it out. */
export function trackingEventOutput(
  record: TrackingRecord,
): OutputOf<typeof MESSAGE_TRACKING_EVENT> {
  const latencyMs = record.atMs - Date.parse(record.messageInfo);
  const hasLatency = latencyMs >= 0;
  return {
    Timestamp: isoDate(record.atMs),
    ClientIp: record.clientIp,
    ClientHostname: record.clientHostname,
    ServerIp: record.serverIp,
    ServerHostname: record.serverHostname,
    SourceContext: record.sourceContext,
    ConnectorId: record.connectorId,
    Source: record.source,
    EventId: record.eventId,
    InternalMessageId: /^\d{1,15}$/.test(record.internalMessageId)
      ? Number(record.internalMessageId)
      : null,
    MessageId: record.messageId,
    NetworkMessageId: record.networkMessageId,
    Recipients: record.recipients,
    RecipientStatus: record.recipientStatuses,
    TotalBytes: record.totalBytes,
    RecipientCount: record.recipientCount,
    RelatedRecipientAddress: record.relatedRecipient,
    Reference: record.reference === "" ? [] : record.reference.split(";"),
    MessageSubject: record.subject,
    Sender: record.sender,
    ReturnPath: record.returnPath,
    Directionality: record.directionality,
    TenantId: record.tenantId,
    OriginalClientIp: record.originalClientIp,
    OriginalServerIp: record.originalServerIp,
    MessageInfo: record.messageInfo,
    MessageLatency: hasLatency ? formatSpan(latencyMs) : null,
    MessageLatencyType: hasLatency ? "EndToEnd" : "None",
    EventData: eventData(record.customData),
    TransportTrafficType: record.trafficType,
    LogId: record.logId,
    SchemaVersion: record.schemaVersion,
  };
}

/** `S:name=value;S:name=value` without the prefixes. */
function eventData(customData: string): readonly string[] {
  if (customData === "") return [];
  return customData.split(";S:").map((item) => item.replace(/^S:/, ""));
}
