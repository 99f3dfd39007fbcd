import { createTimestampFormat } from "../../base/timestamp.ts";
import { csvField, formatLogHeader } from "./csv.ts";

/** The fields of a protocol log, in order (reference §7.4). */
export const PROTOCOL_FIELDS = [
  "date-time",
  "connector-id",
  "session-id",
  "sequence-number",
  "local-endpoint",
  "remote-endpoint",
  "event",
  "data",
  "context",
] as const;

/** One line of a protocol log. */
export interface ProtocolLine {
  readonly atMs: number;
  readonly connector: string;
  /** 16 hex digits. */
  readonly sessionId: string;
  /** From 0. */
  readonly sequence: number;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  readonly event: "+" | "-" | ">" | "<" | "*";
  /** Neither secrets nor content. */
  readonly data: string;
  readonly context: string;
}

const formatTime = createTimestampFormat();

/** The line with its CRLF; nine fields whatever the values are. */
export function formatProtocolLine(line: ProtocolLine): string {
  const { sessionId, sequence, localEndpoint, remoteEndpoint, event } = line;
  return (
    `${formatTime(line.atMs)},${csvField(line.connector)},${sessionId},${sequence},` +
    `${csvField(localEndpoint)},${csvField(remoteEndpoint)},${event},` +
    `${csvField(line.data)},${csvField(line.context)}\r\n`
  );
}

/** The lines that open a file of the protocol log of one direction. */
export function formatProtocolHeader(direction: "Receive" | "Send", nowMs: number): string {
  return formatLogHeader({
    type: `SMTP ${direction} Protocol Log`,
    fields: PROTOCOL_FIELDS,
    date: formatTime(nowMs),
  });
}
