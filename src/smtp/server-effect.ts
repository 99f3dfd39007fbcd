import type { Envelope, EnvelopeRecipient } from "../mail/envelope.ts";
import type { Reply } from "./reply.ts";
import type { XclientAttributes } from "./session-handler.ts";

/**
 * What the machine wants of its driver, in order. Those marked "question" stop the machine until
 * `answer` is called; the others are done and the next one is taken.
 */
export type Effect =
  /** All input has been used: send what is to be sent and wait for more. */
  | { readonly kind: "idle" }
  /** `delayMs` is how long to wait before it, whatever else is the rule. */
  | { readonly kind: "reply"; readonly reply: Reply; readonly delayMs?: number }
  /** Question, to be answered by `answerLogon`: may this client log on so? */
  | {
      readonly kind: "authenticate";
      readonly mechanism: string;
      readonly response: Uint8Array | undefined;
    }
  /** Question, to be answered by `answerLogon`: what of this response? */
  | { readonly kind: "continue-authentication"; readonly response: Uint8Array }
  /** The exchange will not go on. */
  | { readonly kind: "cancel-authentication" }
  /** Question: may the client speak for this one? A yes is another machine in this one's place. */
  | { readonly kind: "xclient"; readonly attributes: XclientAttributes }
  /** Question: may this sender? */
  | { readonly kind: "mail"; readonly envelope: Envelope; readonly sizeBytes: number | undefined }
  /** Question: may this recipient? */
  | { readonly kind: "rcpt"; readonly recipient: EnvelopeRecipient }
  /** Question: may content come? A yes opens the sink. */
  | { readonly kind: "begin-content" }
  /** The next bytes of the content; they are overwritten by later input. */
  | { readonly kind: "content"; readonly bytes: Uint8Array }
  /** Question, to be answered with a reply: content is complete, make it durable. */
  | { readonly kind: "end-content" }
  /** Content will not be completed: nothing of it may remain. */
  | { readonly kind: "abort-content" }
  /** The transaction is over or forgotten. */
  | { readonly kind: "reset" }
  /** Send what is to be sent, drop what has been read in clear, then start TLS. */
  | { readonly kind: "start-tls" }
  /** Send what is to be sent, then close. The machine takes no more input. */
  | { readonly kind: "close"; readonly reason: string };

/** Reason of the close that the client has asked for. */
export const QUIT_REASON = "QUIT";
