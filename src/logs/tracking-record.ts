import { splitCsvLine } from "./csv-line.ts";

/** One event of the message tracking log, as its line says it (reference §7.2). */
export interface TrackingRecord {
  /** Epoch ms. */
  readonly atMs: number;
  readonly clientIp: string;
  readonly clientHostname: string;
  readonly serverIp: string;
  readonly serverHostname: string;
  readonly sourceContext: string;
  readonly connectorId: string;
  readonly source: string;
  readonly eventId: string;
  readonly internalMessageId: string;
  readonly messageId: string;
  readonly networkMessageId: string;
  readonly recipients: readonly string[];
  /** One for each recipient, in the same order; fewer when the line has fewer. */
  readonly recipientStatuses: readonly string[];
  readonly totalBytes: number;
  readonly recipientCount: number;
  readonly relatedRecipient: string;
  readonly reference: string;
  readonly subject: string;
  /** Sender or From of the header. */
  readonly sender: string;
  /** MAIL FROM; `<>` when there was none. */
  readonly returnPath: string;
  readonly messageInfo: string;
  readonly directionality: string;
  readonly tenantId: string;
  readonly originalClientIp: string;
  readonly originalServerIp: string;
  readonly customData: string;
  readonly trafficType: string;
  readonly logId: string;
  readonly schemaVersion: string;
}

/** Fields of a line. */
export const TRACKING_FIELD_COUNT = 30;

/**
 * Reads one line without its line end. `undefined` for a comment, a line with another number of
 * fields, and one without a time. Never throws.
 */
export function parseTrackingLine(line: string): TrackingRecord | undefined {
  if (line.startsWith("#")) return undefined;
  const values = splitCsvLine(line);
  if (values.length !== TRACKING_FIELD_COUNT) return undefined;
  const at = (index: number): string => values[index] ?? "";
  const atMs = Date.parse(at(0));
  if (Number.isNaN(atMs)) return undefined;
  const recipientCount = wholeNumber(at(15));
  return {
    atMs,
    clientIp: at(1),
    clientHostname: at(2),
    serverIp: at(3),
    serverHostname: at(4),
    sourceContext: at(5),
    connectorId: at(6),
    source: at(7),
    eventId: at(8),
    internalMessageId: at(9),
    messageId: at(10),
    networkMessageId: at(11),
    recipients: splitList(at(12), recipientCount),
    recipientStatuses: splitList(at(13), recipientCount),
    totalBytes: wholeNumber(at(14)),
    recipientCount,
    relatedRecipient: at(16),
    reference: at(17),
    subject: at(18),
    sender: at(19),
    returnPath: at(20),
    messageInfo: at(21),
    directionality: at(22),
    tenantId: at(23),
    originalClientIp: at(24),
    originalServerIp: at(25),
    customData: at(26),
    trafficType: at(27),
    logId: at(28),
    schemaVersion: at(29),
  };
}

/** A single value keeps its `;`: only the writer of a list has replaced them. */
function splitList(text: string, count: number): readonly string[] {
  if (text === "") return [];
  return count === 1 ? [text] : text.split(";");
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
