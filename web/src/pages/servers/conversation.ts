/** A line of a recorded session. */
export interface ConversationLine {
  /** Milliseconds since it began; a note about lines left out has that of the line before. */
  readonly atMs: number;
  readonly kind: "connect" | "disconnect" | "sent" | "received" | "event" | "gap";
  readonly text: string;
}

const LINE = /^\s*(\d+)\.(\d{3}) ([+<>*-])(?: (.*))?$/s;
const KINDS: Readonly<Record<string, ConversationLine["kind"]>> = {
  "+": "connect",
  "-": "disconnect",
  ">": "sent",
  "<": "received",
  "*": "event",
};

/** Reads what Get-SessionRecording tells of a session; what is no such line is a note. */
export function readConversation(lines: readonly string[]): readonly ConversationLine[] {
  let atMs = 0;
  return lines.map((line) => {
    const [, seconds = "", millis = "", sign = "", text = ""] = LINE.exec(line) ?? [];
    const kind = KINDS[sign];
    if (kind === undefined) return { atMs, kind: "gap", text: line.trim() };
    atMs = Number(seconds) * 1000 + Number(millis);
    return { atMs, kind, text };
  });
}

const WAIT_MIN_MS = 40;
/** A silence of minutes tells nothing that its time does not. */
const WAIT_MAX_MS = 3000;

/** How long playing waits before a line, at a speed. */
export function waitBefore(lines: readonly ConversationLine[], at: number, speed: number): number {
  const before = lines[at - 1]?.atMs ?? 0;
  const wait = ((lines[at]?.atMs ?? before) - before) / speed;
  return Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, wait));
}
