import { unreachable } from "../base/assert.ts";
import type { LossCause, SessionEnd } from "./client-event.ts";
import type { ClientPhase } from "./client-phase.ts";
import type { ServerReply } from "./reply-parser.ts";
import type { TapeEnd } from "./session-tape.ts";

/** A reply as it came, its lines divided by CRLF. */
export function joinReply({ code, lines }: ServerReply): string {
  const [only] = lines;
  if (lines.length === 1) return `${code} ${only}`;
  const last = lines.length - 1;
  return lines
    .map((line, index) => `${code}${index < last ? "-" : " "}${line}`)
    .concat(lines.length === 0 ? [String(code)] : [])
    .join("\r\n");
}

/** How our session has ended, for its tape; `phase` is what was waited for. */
export function tapeEndOf(end: SessionEnd, phase: ClientPhase): TapeEnd {
  switch (end.kind) {
    case "quit":
    // Their reply has said it.
    case "refused":
    case "closing":
      return PEACEFUL;
    case "tls-missing":
      return faultOf("STARTTLS is needed and not offered");
    case "logon-failed":
      return faultOf("the logon has failed");
    case "self":
      return faultOf(`${end.name} is this server itself`);
    case "violation":
      return faultOf(`SMTP protocol violation: ${end.text}`);
    case "lost":
      return lossEndOf(end.cause, phase);
    default:
      return unreachable(end);
  }
}

function lossEndOf(cause: LossCause, phase: ClientPhase): TapeEnd {
  switch (cause) {
    case "timeout":
      return faultOf(`no answer in time (${phase})`);
    case "handshake":
      return faultOf("TLS has failed");
    case "aborted":
      return PEACEFUL;
    case "closed":
      return {
        data: "connection closed",
        context: "Remote",
        // A connection that nobody needs any more may be closed without a word.
        isFault: phase !== "idle" && phase !== "quit",
      };
    default:
      return unreachable(cause);
  }
}

const PEACEFUL: TapeEnd = { data: "", context: "Local", isFault: false };

function faultOf(data: string): TapeEnd {
  return { data, context: "Local", isFault: true };
}
