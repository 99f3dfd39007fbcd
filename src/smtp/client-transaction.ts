import type { ServerReply } from "./reply-parser.ts";

/** By which commands content goes. */
export type ContentTransfer = "data" | "chunks";

/** One message for some recipients, as commands for this server. */
export interface ClientTransaction {
  /** From `formatMail`. */
  readonly mail: string;
  /** From `formatRcpt`, at least one. */
  readonly recipients: readonly string[];
  /**
   * How content goes: DATA with dot-stuffing, or BDAT (RFC 3030). `none`: not at all; RSET follows
   * the last RCPT, and recipients are `accepted` when they would have been.
   */
  readonly transfer: ContentTransfer | "none";
}

/** The command a reply belongs to. */
export type ReplyStep = "mail" | "rcpt" | "data" | "content";

/** What became of one recipient of a transaction. */
export type RecipientResult =
  /** The server has taken the message over. */
  | { readonly kind: "accepted"; readonly reply: ServerReply }
  /** A 4xx or 5xx, at the command that drew it. */
  | { readonly kind: "refused"; readonly reply: ServerReply; readonly step: ReplyStep }
  /** The session ended first. */
  | { readonly kind: "lost" };

/** What follows a reply. */
export type Next =
  | { readonly kind: "wait" | "send-data" | "lone-dot" | "reset" | "finish" }
  | { readonly kind: "content"; readonly transfer: ContentTransfer }
  | { readonly kind: "send-rcpt"; readonly index: number }
  | { readonly kind: "violation"; readonly text: string };

const WAIT: Next = { kind: "wait" };
const DATA_CONTENT: Next = { kind: "content", transfer: "data" };
const CHUNK_CONTENT: Next = { kind: "content", transfer: "chunks" };
const SEND_DATA: Next = { kind: "send-data" };
const LONE_DOT: Next = { kind: "lone-dot" };
const RESET: Next = { kind: "reset" };
const FINISH: Next = { kind: "finish" };
const OUT_OF_STEP: Next = { kind: "violation", text: "RCPT accepted after MAIL was refused" };
const LOST: RecipientResult = { kind: "lost" };

/**
 * A transaction in progress: takes its replies in order and says what follows. Pure but for itself.
 */
export class TransactionProgress {
  readonly transaction: ClientTransaction;
  /** Positions that RCPT accepted, in order. */
  readonly accepted: number[] = [];
  /** The end of content has been handed to the driver: from here on a lost session is in doubt. */
  contentSent = false;
  readonly #pipelining: boolean;
  readonly #repliesPerRecipient: boolean;
  /** By recipient; `undefined` while open. */
  readonly #results: (RecipientResult | undefined)[];
  #mailRefused = false;
  #chunkRefused: ServerReply | undefined;
  /** LMTP: accepted recipients whose final reply has come. */
  #answered = 0;

  constructor(
    transaction: ClientTransaction,
    session: { readonly pipelining: boolean; readonly protocol: "smtp" | "lmtp" },
  ) {
    this.transaction = transaction;
    this.#pipelining = session.pipelining;
    this.#repliesPerRecipient = session.protocol === "lmtp";
    this.#results = new Array<RecipientResult | undefined>(transaction.recipients.length);
  }

  /**
   * Replies to come after the content: with LMTP one for each accepted recipient (RFC 2033 §4.2).
   */
  get finalReplies(): number {
    return this.#repliesPerRecipient ? this.accepted.length : 1;
  }

  /** The results; who is still open has none but the loss of the session. */
  results(): readonly RecipientResult[] {
    return Array.from(this.#results, (result) => result ?? LOST);
  }

  /** Gives every recipient that is still open the same refusal. */
  refuseOpen(reply: ServerReply, step: ReplyStep): void {
    for (let position = 0; position < this.#results.length; position++) {
      this.#results[position] ??= { kind: "refused", reply, step };
    }
  }

  takeMail(reply: ServerReply): Next {
    if (isOutOfTurn(reply)) return violation(reply, "MAIL");
    if (reply.code >= 400) {
      this.#mailRefused = true;
      this.refuseOpen(reply, "mail");
    }
    if (this.#pipelining) return WAIT;
    return this.#mailRefused ? FINISH : { kind: "send-rcpt", index: 0 };
  }

  takeRcpt(index: number, reply: ServerReply): Next {
    if (isOutOfTurn(reply)) return violation(reply, "RCPT");
    const { recipients, transfer } = this.transaction;
    if (reply.code < 400) {
      this.accepted.push(index);
      if (transfer === "none") this.#results[index] ??= { kind: "accepted", reply };
    } else this.#results[index] ??= { kind: "refused", reply, step: "rcpt" };
    if (index + 1 < recipients.length) {
      return this.#pipelining ? WAIT : { kind: "send-rcpt", index: index + 1 };
    }
    if (transfer === "data" && this.#pipelining) return WAIT;
    if (this.accepted.length === 0 || transfer === "none") return RESET;
    if (this.#mailRefused) return OUT_OF_STEP;
    return transfer === "data" ? SEND_DATA : CHUNK_CONTENT;
  }

  takeData(reply: ServerReply): Next {
    if (reply.code === 354) {
      // RFC 2920 §3.1: DATA accepted although no recipient was: an empty message goes nowhere.
      if (this.accepted.length === 0) return LONE_DOT;
      return this.#mailRefused ? OUT_OF_STEP : DATA_CONTENT;
    }
    if (reply.code < 400) return violation(reply, "DATA");
    this.refuseOpen(reply, "data");
    return RESET;
  }

  /** @param outstanding replies to later chunks that are still to come */
  takeChunk(reply: ServerReply, outstanding: number): Next {
    if (isOutOfTurn(reply)) return violation(reply, "BDAT");
    if (reply.code >= 400) {
      this.#chunkRefused ??= reply;
      this.refuseOpen(this.#chunkRefused, "content");
    }
    return this.#chunkRefused !== undefined && outstanding === 0 ? RESET : WAIT;
  }

  /** Whether a chunk was refused, so that the rest is pointless. */
  get isChunkRefused(): boolean {
    return this.#chunkRefused !== undefined;
  }

  /** @param outstanding final replies that are still to come */
  takeFinal(reply: ServerReply, outstanding: number): Next {
    if (isOutOfTurn(reply)) return violation(reply, "the content");
    const result: RecipientResult =
      reply.code < 400 ? { kind: "accepted", reply } : { kind: "refused", reply, step: "content" };
    if (this.#repliesPerRecipient) this.#answerNext(result);
    else for (const position of this.accepted) this.#results[position] ??= result;
    if (outstanding > 0) return WAIT;
    // After a refused chunk the server may keep the transaction open (RFC 3030 §2).
    return this.#chunkRefused === undefined ? FINISH : RESET;
  }

  /**
   * 421 as the answer to the content: LMTP has given it to one recipient, the others stay in doubt.
   */
  takeFinalClosing(reply: ServerReply): void {
    if (!this.#repliesPerRecipient) this.refuseOpen(reply, "content");
    else this.#answerNext({ kind: "refused", reply, step: "content" });
  }

  #answerNext(result: RecipientResult): void {
    const position = this.accepted[this.#answered++];
    if (position !== undefined) this.#results[position] ??= result;
  }
}

/** A 3xx where only success or refusal makes sense. */
function isOutOfTurn(reply: ServerReply): boolean {
  return reply.code >= 300 && reply.code < 400;
}

function violation(reply: ServerReply, command: string): Next {
  return { kind: "violation", text: `${reply.code} to ${command}` };
}
