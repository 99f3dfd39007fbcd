import { unreachable } from "../../base/assert.ts";
import type { MxPlan } from "../../dns/mx-plan.ts";
import type { DialFault } from "../../net/dial.ts";
import type { SessionEnd } from "../../smtp/client-event.ts";
import { formatServerReply, type ServerReply, statusOfReply } from "../../smtp/reply-parser.ts";
import type { Fault, Hop } from "../queue/outcome.ts";
import type { EventSource } from "../tracking/event.ts";

/** A fault in our own words: `code status text`, as a reply would say it. */
export function ourFault(
  code: number,
  status: string,
  text: string,
  source: EventSource = "SMTP",
): Fault {
  return { status, diagnostic: `${code} ${status} ${text}`, hop: undefined, source };
}

/** What a host said, verbatim. Without an enhanced code the class alone is known (RFC 3463 §2). */
export function replyFault(reply: ServerReply, hop: Hop): Fault {
  const status = statusOfReply(reply) || `${Math.trunc(reply.code / 100)}.0.0`;
  return { status, diagnostic: formatServerReply(reply), hop, source: "SMTP" };
}

/** No connection (texts of reference §6.5). */
export function dialFault(reason: DialFault): Fault {
  switch (reason.kind) {
    case "refused":
      return ourFault(451, "4.4.316", "Connection refused");
    case "timeout":
      return ourFault(421, "4.4.1", "Connection timed out");
    case "unreachable":
      return ourFault(451, "4.4.1", "Host unreachable");
    case "aborted":
      return STOPPING;
    case "failed":
      return ourFault(421, "4.4.2", `Connection failed (${reason.code || "unknown error"})`);
    default:
      return unreachable(reason.kind);
  }
}

const STOPPING = ourFault(421, "4.3.2", "Service is stopping");

/** The session ended before its time. */
export function sessionFault(end: SessionEnd, hop: Hop): Fault {
  switch (end.kind) {
    case "refused":
    case "closing":
      return replyFault(end.reply, hop);
    case "tls-missing":
      return ourFault(451, "4.7.3", "STARTTLS is required to send mail");
    case "logon-failed":
      return logonFault(end);
    case "self":
      return ourFault(
        451,
        "5.3.5",
        `System incorrectly configured: ${end.name} is this server itself`,
      );
    case "violation":
      return ourFault(451, "4.5.0", `SMTP protocol violation: ${end.text}`);
    case "lost":
      return lossFault(end.cause);
    case "quit":
      return lossFault("closed");
    default:
      return unreachable(end);
  }
}

/**
 * A logon that failed is the administrator's to mend: mail waits, whatever the server's reply said
 * of ever or never (RFC 4954 §6).
 */
function logonFault({ text, reply }: SessionEnd & { readonly kind: "logon-failed" }): Fault {
  const said = reply === undefined ? "" : statusOfReply(reply);
  return ourFault(454, said === "" ? "4.7.8" : said.replace(/^5/, "4"), text);
}

function lossFault(cause: (SessionEnd & { kind: "lost" })["cause"]): Fault {
  switch (cause) {
    case "closed":
      return ourFault(421, "4.4.2", "Connection dropped");
    case "timeout":
      return ourFault(421, "4.4.1", "Connection timed out");
    case "aborted":
      return STOPPING;
    case "handshake":
      return ourFault(454, "4.7.5", "TLS handshake failed");
    default:
      return unreachable(cause);
  }
}

/** As `fault`, for content whose end was sent: the hop may have taken it over all the same. */
export function inDoubt(fault: Fault): Fault {
  return {
    ...fault,
    diagnostic: `${fault.diagnostic}; the message may arrive twice`,
    attemptUnknown: true,
  };
}

/** DNS gave no host. */
export function planFault(plan: MxPlan & { readonly kind: "impossible" | "failed" }): Fault {
  return ourFault(plan.kind === "impossible" ? 554 : 451, plan.status, plan.text, "DNS");
}
