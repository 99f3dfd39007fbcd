import { csvField } from "../transport/tracking/csv.ts";
import { formatTrackingHeader, TRACKING_FIELDS } from "../transport/tracking/tracking-line.ts";

/** Values of a tracking line by field name; the others are those of a plain relay. */
export type SampleFields = Readonly<Partial<Record<(typeof TRACKING_FIELDS)[number], string>>>;

/** When the samples happen, epoch ms. */
export const SAMPLE_MS: number = Date.parse("2026-03-01T10:00:00.000Z");

const PLAIN: SampleFields = {
  "client-ip": "192.0.2.9",
  "client-hostname": "client.example",
  "server-ip": "127.0.0.1",
  "server-hostname": "mail.contoso.test",
  "connector-id": "Application Relay",
  source: "SMTP",
  "event-id": "RECEIVE",
  "internal-message-id": "17",
  "message-id": "<one@contoso.test>",
  "network-message-id": "00000000-0000-4000-8000-000000000017",
  "recipient-address": "bob@fabrikam.test",
  "total-bytes": "4096",
  "recipient-count": "1",
  "message-subject": "Hello, you",
  "sender-address": "alice@contoso.test",
  "return-path": "alice@contoso.test",
  directionality: "Originating",
  "original-client-ip": "192.0.2.9",
  "transport-traffic-type": "Email",
  "schema-version": "15.00.0000.000",
};

/** One line with its CRLF, `atMs` after SAMPLE_MS. */
export function sampleLine(fields: SampleFields, atMs = 0): string {
  const all = { ...PLAIN, ...fields, "date-time": new Date(SAMPLE_MS + atMs).toISOString() };
  return `${TRACKING_FIELDS.map((name) => csvField(all[name] ?? "")).join(",")}\r\n`;
}

/** A file of the tracking log with its header. */
export function sampleLog(lines: readonly string[]): string {
  return formatTrackingHeader(SAMPLE_MS) + lines.join("");
}
