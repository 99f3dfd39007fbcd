import type { SessionRecording, TapeEvent, TapeLine } from "../smtp/session-tape.ts";
import { formatLogHeader } from "../transport/tracking/csv.ts";

const EVENTS: ReadonlySet<string> = new Set<TapeEvent>(["+", "-", ">", "<", "*"]);
/** Later versions may add to it; what they change gets another number. */
const VERSION = 1;

/** One line of JSON with its CRLF. */
export function formatRecording(recording: SessionRecording): string {
  const { lines, ...head } = recording;
  const told = lines.map((line) => [
    line.atMs - recording.openedMs,
    line.event,
    line.data,
    line.context,
  ]);
  // Line separators of Unicode are escaped like controls: some viewers break a line there.
  const json = JSON.stringify({ version: VERSION, ...head, lines: told });
  return `${json.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\r\n`;
}

/** Reads such a line; `undefined` when it is none. Total: a file may come from anywhere. */
export function parseRecording(text: string): SessionRecording | undefined {
  if (!text.startsWith("{")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("lines" in value)) return undefined;
  const record = value as Readonly<Record<string, unknown>>;
  const { version, id, direction, openedMs, lines } = record;
  if (version !== VERSION || typeof id !== "string" || typeof openedMs !== "number") {
    return undefined;
  }
  if ((direction !== "Receive" && direction !== "Send") || !Array.isArray(lines)) return undefined;
  return {
    id,
    direction,
    connector: textOf(record["connector"]),
    localEndpoint: textOf(record["localEndpoint"]),
    remoteEndpoint: textOf(record["remoteEndpoint"]),
    openedMs,
    closedMs: numberOf(record["closedMs"]) || openedMs,
    reason: textOf(record["reason"]),
    omittedCount: numberOf(record["omittedCount"]),
    omittedAt: numberOf(record["omittedAt"]),
    lines: lines.flatMap((line) => parseLine(line, openedMs)),
  };
}

function parseLine(line: unknown, openedMs: number): readonly TapeLine[] {
  if (!Array.isArray(line)) return [];
  const [offsetMs, event, data, context] = line as readonly unknown[];
  if (typeof event !== "string" || !EVENTS.has(event)) return [];
  return [
    {
      atMs: openedMs + numberOf(offsetMs),
      event: event as TapeEvent,
      data: textOf(data),
      context: textOf(context),
    },
  ];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** The lines that open a file of recordings. */
export function formatRecordingHeader(nowMs: number): string {
  return formatLogHeader({
    type: "Session Recording",
    fields: ["json"],
    date: new Date(nowMs).toISOString(),
  });
}

/** `MAIL FROM` or `RCPT TO` with its path; a local part in quotes may hold anything. */
const PATH = /^(MAIL FROM|RCPT TO):\s*<((?:"(?:\\.|[^"\\])*"|[^">])*)>/i;

/** Who wrote to whom in it, as far as its lines were kept; `<>` is the null sender. */
export function envelopeOf({ direction, lines }: SessionRecording): {
  readonly senders: readonly string[];
  readonly recipients: readonly string[];
} {
  const client = direction === "Receive" ? "<" : ">";
  const senders = new Set<string>();
  const recipients = new Set<string>();
  for (const { event, data } of lines) {
    const [, verb, path = ""] = (event === client && PATH.exec(data)) || [];
    if (verb === undefined) continue;
    (verb.toUpperCase() === "RCPT TO" ? recipients : senders).add(path === "" ? "<>" : path);
  }
  return { senders: [...senders], recipients: [...recipients] };
}

/** The session as text, a line for each line that was said: `  0.013 < MAIL FROM:<x@y.test>`. */
export function tellConversation(recording: SessionRecording): readonly string[] {
  const { openedMs, omittedAt, omittedCount, lines } = recording;
  return lines.flatMap((line, index) => {
    const seconds = ((line.atMs - openedMs) / 1000).toFixed(3).padStart(7);
    const told = line.data.split("\r\n").map((data) => {
      const words = [data, line.context && `(${line.context})`].filter((one) => one !== "");
      return `${seconds} ${line.event} ${words.join(" ")}`.trimEnd();
    });
    const isGap = omittedCount > 0 && index === omittedAt;
    return isGap ? [`        … ${omittedCount} more`, ...told] : told;
  });
}
