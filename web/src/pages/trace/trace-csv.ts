import { formatCsv } from "../../base/csv.ts";
import type { TraceRow } from "./traced-message.ts";

const COLUMNS = [
  "Received",
  "SenderAddress",
  "RecipientAddress",
  "Subject",
  "Status",
  "Detail",
  "LastEvent",
  "FromIP",
  "ToIP",
  "Connector",
  "Size",
  "MessageId",
  "MessageTraceId",
] as const satisfies readonly (keyof TraceRow)[];

/** The rows as CSV, by the names of the cmdlet's properties. */
export function formatTraceCsv(rows: readonly TraceRow[]): string {
  return formatCsv(rows, COLUMNS);
}
