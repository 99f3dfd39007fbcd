import { unreachable } from "../../base/assert.ts";
import type { SessionEnd } from "../../smtp/client-event.ts";
import type { RecipientResult } from "../../smtp/client-transaction.ts";
import { formatServerReply, statusOfReply } from "../../smtp/reply-parser.ts";
import type { Hop, Outcome } from "../queue/outcome.ts";
import { inDoubt, replyFault, sessionFault } from "./hop-fault.ts";

/** What else decides an outcome besides the result itself. */
export interface OutcomeContext {
  readonly hop: Hop;
  readonly protocol: "smtp" | "lmtp";
  readonly dsn: "passed" | "ours";
  /** Of the transaction: a lost recipient may have been served. */
  readonly contentSent: boolean;
  readonly end: SessionEnd | undefined;
}

/**
 * The outcome of one recipient of a transaction. LMTP's acceptance is final delivery (RFC 2033 §5).
 */
export function outcomeOf(result: RecipientResult, context: OutcomeContext): Outcome {
  const { hop, protocol, dsn } = context;
  switch (result.kind) {
    case "accepted": {
      const reply = formatServerReply(result.reply);
      return protocol === "lmtp"
        ? { kind: "delivered", hop, reply }
        : { kind: "relayed", hop, reply, dsn };
    }
    case "refused": {
      const fault = replyFault(result.reply, hop);
      const isTransient = result.reply.code < 500 || isTooMany(result);
      return isTransient ? { kind: "deferred", fault } : { kind: "failed", fault };
    }
    case "lost": {
      const fault = sessionFault(context.end ?? { kind: "lost", cause: "closed" }, hop);
      return { kind: "deferred", fault: context.contentSent ? inDoubt(fault) : fault };
    }
    default:
      return unreachable(result);
  }
}

/**
 * RCPT refused only because there were enough of them: RFC 5321 §4.5.3.1.10 says 452, and to take
 * an
 * old server's 552 for it. 552 alone means a full mailbox more often, so it must say 5.5.3.
 */
export function isTooMany(result: RecipientResult): boolean {
  if (result.kind !== "refused" || result.step !== "rcpt") return false;
  const status = statusOfReply(result.reply);
  if (result.reply.code === 552) return status === "5.5.3";
  return result.reply.code === 452 && (status === "" || status === "4.5.3");
}
