import type { SessionRecording, TapeLine } from "../smtp/session-tape.ts";

const OPENED_MS = 1_000_000;

function line(offsetMs: number, event: TapeLine["event"], data: string, context = ""): TapeLine {
  return { atMs: OPENED_MS + offsetMs, event, data, context };
}

/** A client that wrote to somebody who does not exist. */
export function sampleRecording(changes: Partial<SessionRecording> = {}): SessionRecording {
  return {
    id: "000000F424000000",
    direction: "Receive",
    connector: "Default",
    localEndpoint: "192.0.2.25:25",
    remoteEndpoint: "192.0.2.1:40000",
    openedMs: OPENED_MS,
    closedMs: OPENED_MS + 200,
    reason: "550 5.1.10 Nobody",
    omittedCount: 0,
    omittedAt: 0,
    lines: [
      line(0, "+", ""),
      line(1, ">", "220 mail.contoso.test"),
      line(5, "<", "EHLO client.test"),
      line(6, ">", "250-mail.contoso.test\r\n250 SIZE"),
      line(7, "<", "MAIL FROM:<x@fabrikam.test>"),
      line(8, ">", "250 2.1.0 Sender OK"),
      line(9, "<", "RCPT TO:<nobody@contoso.test>"),
      line(10, ">", "550 5.1.10 Nobody"),
      line(200, "-", "", "Local"),
    ],
    ...changes,
  };
}
