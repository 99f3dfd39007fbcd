import type { Envelope } from "../mail/envelope.ts";
import type { ChunkIntake } from "./content-intake.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import type { ClientFacts, SessionOptions } from "./session-handler.ts";

/** A mail transaction, from the accepted MAIL to the reply to its content (RFC 5321 §3.3). */
export interface Transaction {
  readonly envelope: Envelope;
  /** Accepted ones. */
  recipientCount: number;
  /** Content by BDAT has begun. */
  content: ChunkIntake | undefined;
}

/** A chunk being read. */
export interface Chunk {
  bytesLeft: number;
  readonly last: boolean;
  /** Where it goes; absent when it goes nowhere. */
  readonly content: ChunkIntake | undefined;
  /** The chunk is only read to its end, then this is said. */
  readonly refusal: Reply | undefined;
}

/** What the machine has asked and waits for. */
export type Question =
  | { readonly kind: "mail"; readonly envelope: Envelope }
  | { readonly kind: "rcpt" | "data" | "end-content" | "auth" | "xclient" }
  | { readonly kind: "bdat"; readonly chunk: Chunk };

/** What the order of commands is judged by. */
export interface Progress {
  readonly options: SessionOptions;
  /** Absent before HELO or EHLO. */
  readonly client: ClientFacts | undefined;
  readonly transaction: Transaction | undefined;
}

/** Why MAIL may not come now, or not with this SIZE (RFC 1870 §6.1). */
export function selectMailRefusal(
  progress: Progress,
  sizeBytes: number | undefined,
): Reply | undefined {
  const { client, options } = progress;
  if (client === undefined) return REPLY.helloFirst;
  if (progress.transaction !== undefined) return REPLY.senderAlreadyGiven;
  if (options.requireTls && client.tls === undefined) return REPLY.tlsRequired;
  const tooBig = sizeBytes !== undefined && sizeBytes > options.messageBytesMax;
  return tooBig ? REPLY.messageTooBig : undefined;
}

/** Why RCPT may not come now. */
export function selectRecipientRefusal(progress: Progress): Reply | undefined {
  const { client, transaction, options } = progress;
  if (client === undefined) return REPLY.helloFirst;
  if (transaction === undefined) return REPLY.mailFirst;
  if (transaction.content !== undefined) return REPLY.badSequence;
  return transaction.recipientCount >= options.recipientsMax ? REPLY.tooManyRecipients : undefined;
}

/** Why no content may come now, by whichever command. */
export function selectContentRefusal(progress: Progress): Reply | undefined {
  const { client, transaction } = progress;
  if (client === undefined) return REPLY.helloFirst;
  if (transaction === undefined) return REPLY.mailFirst;
  return transaction.recipientCount === 0 ? REPLY.recipientFirst : undefined;
}

/** Why DATA may not come now: not after BDAT, not for BINARYMIME (RFC 3030 §2, §3). */
export function selectDataRefusal(progress: Progress): Reply | undefined {
  const { transaction } = progress;
  if (transaction?.content !== undefined) return REPLY.badSequence;
  const refusal = selectContentRefusal(progress);
  if (refusal !== undefined) return refusal;
  return transaction?.envelope.body === "BINARYMIME" ? REPLY.binaryNeedsChunks : undefined;
}

/** Why XCLIENT may not come: whether it may at all is the connector's to say, not EHLO's. */
export function selectXclientRefusal(progress: Progress): Reply | undefined {
  if (!progress.options.extensions.xclient) return REPLY.xclientNotAllowed;
  return progress.transaction === undefined ? undefined : REPLY.badSequence;
}

/** Syntax, sequence and unknown commands count as errors; a bad address or size does not. */
export function isProtocolError(reply: Reply): boolean {
  return reply.status.startsWith("5.5.") || reply.status === "5.3.3";
}
