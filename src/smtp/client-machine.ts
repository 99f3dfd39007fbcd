import { assert, unreachable } from "../base/assert.ts";
import { safeCommand } from "./client-commands.ts";
import type { ClientEvent, ClientOptions, LossCause, SessionEnd } from "./client-event.ts";
import { type AwaitedReply, type Expected, outstandingOf, PHASE_OF } from "./client-expected.ts";
import { ClientLogon, type LogonAnswer } from "./client-logon.ts";
import type { Offers } from "./client-offers.ts";
import { ClientOpening, type OpeningNext } from "./client-opening.ts";
import type { ClientPhase } from "./client-phase.ts";
import { joinReply, tapeEndOf } from "./client-tape.ts";
import { type ClientTransaction, type Next, TransactionProgress } from "./client-transaction.ts";
import { ReplyParser, type ServerReply } from "./reply-parser.ts";
import type { SessionTape } from "./session-tape.ts";

/**
 * The client's side of SMTP (RFC 5321) and LMTP (RFC 2033) without a socket: bytes in by `receive`,
 * bytes out by `takeOutput`, and events in between. Replies are matched to commands in order; one
 * that comes before its command was written ends the session.
 */
export class ClientMachine {
  readonly #options: ClientOptions;
  readonly #tape: SessionTape | undefined;
  readonly #opening: ClientOpening;
  readonly #parser = new ReplyParser();
  readonly #expected: Expected[] = [];
  readonly #events: ClientEvent[] = [];
  #output = "";
  #round = 0;
  #replyCount = 0;
  #ended = false;
  #handshake = false;
  /** The driver owes a step of a logon. */
  #isLoggingOn = false;
  #logon: ClientLogon | undefined;
  #sending = false;
  #current: TransactionProgress | undefined;
  /** Begun while the current one waits for its final reply. */
  #following: TransactionProgress | undefined;

  /** @param tape hears all that is said, and how it ends */
  constructor(options: ClientOptions, tape?: SessionTape) {
    safeCommand(options.fqdn);
    this.#options = options;
    this.#tape = tape;
    this.#opening = new ClientOpening(options);
    this.#expect({ step: "greeting" });
  }

  /** What the server offered last. */
  get offers(): Offers {
    return this.#opening.offers;
  }

  /** What is waited for, which decides the time it may take. */
  get phase(): ClientPhase {
    if (this.#ended) return "ended";
    if (this.#handshake) return "handshake";
    if (this.#isLoggingOn) return "logon";
    if (this.#sending) return "content";
    const head = this.#expected[0];
    return head === undefined ? "idle" : PHASE_OF[head.step];
  }

  /** Replies taken so far: grows with each whole reply, however the bytes trickle in. */
  get replyCount(): number {
    return this.#replyCount;
  }

  /** Whether a transaction may begin. */
  get isReady(): boolean {
    return this.phase === "idle";
  }

  /**
   * Whether the next transaction may begin although this one still waits for its final reply: the
   * end of content may be followed by the next commands in one group (RFC 2920 §3.1).
   */
  get mayFollow(): boolean {
    if (this.#ended || !this.offers.pipelining || this.#options.protocol !== "smtp") return false;
    if (this.#following !== undefined || this.#current === undefined) return false;
    // Recipients that the server would not take now may need another transaction of their own
    // first.
    const { accepted, transaction } = this.#current;
    if (accepted.length < transaction.recipients.length) return false;
    return this.#expected.length === 1 && this.phase === "final";
  }

  /** Whether the rest of the content is still of use. */
  get wantsContent(): boolean {
    return this.#sending;
  }

  /** While content is sent: chunks without their reply. The driver bounds them. */
  get chunksInFlight(): number {
    return this.#expected.length;
  }

  /** What is to be written, once. */
  takeOutput(): string {
    const output = this.#output;
    this.#output = "";
    return output;
  }

  /** The next event, once; ask until there is none after every call of another method. */
  next(): ClientEvent | undefined {
    return this.#events.shift();
  }

  /** Bytes from the server. */
  receive(bytes: Uint8Array): void {
    if (this.#ended || bytes.length === 0) return;
    this.#round += 1;
    if (this.#handshake) this.#violate("data before the TLS handshake");
    this.#parser.push(bytes);
    while (!this.#ended) {
      const item = this.#parser.next();
      if (item === undefined) break;
      if (item.kind === "fault") this.#violate(item.text);
      else this.#take(item.reply);
    }
  }

  /** The connection is of no more use. */
  lose(cause: LossCause): void {
    this.#end({ kind: "lost", cause });
  }

  /** The handshake is done: everything learnt in clear is forgotten (RFC 3207 §4.2). */
  tlsStarted(): void {
    assert(this.#handshake, "TLS without STARTTLS");
    this.#handshake = false;
    this.#open(this.#opening.tlsStarted());
  }

  /** The answer to `log-on` or `challenge`; of no consequence once the session has ended. */
  answerLogon(answer: LogonAnswer): undefined {
    if (this.#ended) return undefined;
    assert(this.#isLoggingOn, "a step of a logon out of turn");
    this.#isLoggingOn = false;
    if (answer.kind === "give-up") {
      return this.#end({ kind: "logon-failed", text: answer.text, reply: answer.reply });
    }
    if (answer.kind === "authenticate") {
      this.#logon = new ClientLogon(answer.mechanism, answer.first);
      return this.#send(this.#logon.command(), { step: "auth" });
    }
    const logon = this.#exchange();
    const line = answer.kind === "respond" ? logon.respond(answer.step) : logon.cancel();
    this.#send(line, { step: "auth" });
  }

  /** Starts a transaction; in one write as far as the server takes pipelining (RFC 2920). */
  begin(transaction: ClientTransaction): void {
    assert(this.isReady || this.mayFollow, "transaction while the session is busy");
    assert(transaction.recipients.length > 0, "transaction without recipients");
    const { pipelining } = this.offers;
    const progress = new TransactionProgress(transaction, { ...this.#options, pipelining });
    if (this.#current === undefined) this.#current = progress;
    else this.#following = progress;
    this.#send(transaction.mail, { step: "mail", progress });
    if (!pipelining) return;
    for (let index = 0; index < transaction.recipients.length; index++) {
      this.#sendRcpt(progress, index);
    }
    if (transaction.transfer === "data") this.#send("DATA", { step: "data", progress });
  }

  /** The last byte of DATA content, its dot included, is being written. */
  contentSent(): void {
    this.#endContent("data");
  }

  /** The command that goes before a chunk of `bytes` octets (RFC 3030 §2). */
  chunk(bytes: number, position: "middle" | "last"): string {
    this.#tape?.said(position === "last" ? `BDAT ${bytes} LAST` : `BDAT ${bytes}`);
    if (position === "last") {
      this.#endContent("chunks");
      return `BDAT ${bytes} LAST\r\n`;
    }
    assert(this.#sending, "content without leave to send it");
    this.#expect({ step: "chunk", progress: this.#current });
    return `BDAT ${bytes}\r\n`;
  }

  /** Says goodbye; the session has ended once the reply or the driver's patience has. */
  quit(): void {
    if (this.isReady) this.#send("QUIT", { step: "quit" });
  }

  #endContent(transfer: "data" | "chunks"): undefined {
    const current = this.#transaction();
    assert(this.#sending, "content without leave to send it");
    assert(current.transaction.transfer === transfer, "content by the wrong command");
    this.#sending = false;
    current.contentSent = true;
    for (let count = current.finalReplies; count > 0; count--) {
      this.#expect({ step: "final", progress: current });
    }
  }

  #expect({ step, index = 0, progress }: AwaitedReply): undefined {
    this.#expected.push({ step, index, progress, round: this.#round });
  }

  #send(line: string, awaited: AwaitedReply): undefined {
    this.#output += `${safeCommand(line)}\r\n`;
    this.#tape?.saidCommand(line, { isLogon: awaited.step === "auth" });
    this.#expect(awaited);
  }

  #sendRcpt(progress: TransactionProgress, index: number): undefined {
    const command = progress.transaction.recipients[index];
    assert(command !== undefined, "no such recipient");
    this.#send(command, { step: "rcpt", index, progress });
  }

  #take(reply: ServerReply): undefined {
    this.#tape?.heardReply(joinReply(reply));
    const head = this.#expected[0];
    if (head === undefined) return this.#takeUnasked(reply);
    if (head.round === this.#round) return this.#violate("reply before its command");
    this.#expected.shift();
    this.#replyCount += 1;
    if (reply.code === 421) return this.#takeClosing(head, reply);
    switch (head.step) {
      case "greeting":
        return this.#open(this.#opening.takeGreeting(reply));
      case "ehlo":
      case "helo":
        return this.#open(this.#opening.takeHello(head.step, reply));
      case "starttls":
        return this.#open(this.#opening.takeStartTls(reply));
      case "auth":
        return this.#takeLogon(reply);
      case "mail":
        return this.#follow(this.#transaction().takeMail(reply));
      case "rcpt":
        return this.#follow(this.#transaction().takeRcpt(head.index, reply));
      case "data":
        return this.#follow(this.#transaction().takeData(reply));
      case "chunk":
        return this.#takeChunk(reply);
      case "final":
        return this.#follow(
          this.#transaction().takeFinal(reply, outstandingOf(this.#expected, this.#transaction())),
        );
      case "lone-dot":
        return this.#send("RSET", { step: "rset", progress: this.#current });
      case "rset":
        return reply.code < 300 ? this.#finish() : this.#violate(`${reply.code} to RSET`);
      case "quit":
        return this.#end({ kind: "quit" });
      default:
        return unreachable(head.step);
    }
  }

  #open(next: OpeningNext): undefined {
    switch (next.kind) {
      case "say":
        return this.#send(next.line, { step: next.step });
      case "handshake":
        // Bytes behind the 220 came in clear and would be read as if they came through TLS.
        if (!this.#parser.isEmpty()) return this.#violate("data before the TLS handshake");
        this.#handshake = true;
        this.#events.push({ kind: "start-tls" });
        return undefined;
      case "log-on":
        return this.#askLogon(undefined);
      case "ready":
        return this.#ready();
      case "end":
        return this.#end(next.end);
      default:
        return unreachable(next);
    }
  }

  #exchange(): ClientLogon {
    assert(this.#logon !== undefined, "no logon is under way");
    return this.#logon;
  }

  #askLogon(refused: ServerReply | undefined): undefined {
    this.#logon = undefined;
    this.#isLoggingOn = true;
    this.#events.push({ kind: "log-on", refused });
  }

  #takeLogon(reply: ServerReply): undefined {
    const next = this.#exchange().take(reply);
    switch (next.kind) {
      case "say":
        return this.#send(next.line, { step: "auth" });
      case "challenge":
        this.#isLoggingOn = true;
        this.#events.push(next);
        return undefined;
      case "done":
        this.#logon = undefined;
        return this.#ready();
      case "refused":
        return this.#askLogon(reply);
      case "violation":
        return this.#violate(next.text);
      default:
        return unreachable(next);
    }
  }

  #takeChunk(reply: ServerReply): undefined {
    const current = this.#transaction();
    const next = current.takeChunk(reply, outstandingOf(this.#expected, current));
    if (current.isChunkRefused) this.#sending = false;
    this.#follow(next);
  }

  #follow(next: Next): undefined {
    switch (next.kind) {
      case "wait":
        return undefined;
      case "content":
        this.#sending = true;
        this.#events.push(next);
        return undefined;
      case "send-rcpt":
        return this.#sendRcpt(this.#transaction(), next.index);
      case "send-data":
        return this.#send("DATA", { step: "data", progress: this.#current });
      case "lone-dot":
        return this.#send(".", { step: "lone-dot", progress: this.#current });
      // The results are told once the server has forgotten the transaction: the next may follow.
      case "reset":
        return this.#send("RSET", { step: "rset", progress: this.#current });
      case "finish":
        return this.#finish();
      case "violation":
        return this.#violate(next.text);
      default:
        return unreachable(next);
    }
  }

  /** 421 answers everything that is still open. */
  #takeClosing(head: Expected, reply: ServerReply): undefined {
    const current = this.#current;
    if (head.step === "mail" || head.step === "rcpt" || head.step === "data") {
      current?.refuseOpen(reply, head.step);
    } else if (head.step === "chunk") current?.refuseOpen(reply, "content");
    else if (head.step === "final") current?.takeFinalClosing(reply);
    this.#end({ kind: "closing", reply });
  }

  /** A reply to nothing: a goodbye, or a refusal of content that is still on its way. */
  #takeUnasked(reply: ServerReply): undefined {
    if (this.#sending && reply.code >= 400) this.#current?.refuseOpen(reply, "content");
    if (reply.code === 421) return this.#end({ kind: "closing", reply });
    this.#violate(`unexpected reply ${reply.code}`);
  }

  #finish(): undefined {
    this.#closeTransaction();
    if (this.#current === undefined) this.#ready();
  }

  #closeTransaction(): undefined {
    const current = this.#current;
    if (current === undefined) return undefined;
    this.#current = this.#following;
    this.#following = undefined;
    const results = current.results();
    this.#events.push({ kind: "finished", results, contentSent: current.contentSent });
  }

  #ready(): undefined {
    this.#events.push({ kind: "ready" });
  }

  #transaction(): TransactionProgress {
    assert(this.#current !== undefined, "no transaction is in progress");
    return this.#current;
  }

  #violate(text: string): undefined {
    return this.#end({ kind: "violation", text });
  }

  #end(end: SessionEnd): undefined {
    if (this.#ended) return undefined;
    this.#tape?.close(tapeEndOf(end, this.phase));
    this.#ended = true;
    this.#sending = false;
    // The one that follows too: nobody has seen its content.
    while (this.#current !== undefined) this.#closeTransaction();
    this.#events.push({ kind: "ended", end });
  }
}
