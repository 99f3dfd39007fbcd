import { assert, unreachable } from "../base/assert.ts";
import { fault } from "../base/result.ts";
import type { Envelope } from "../mail/envelope.ts";
import {
  type Command,
  LINE_OCTETS_MAX_OF_ALL,
  lineOctetsMax,
  parseCommand,
  verbOf,
} from "./command.ts";
import type { Extensions } from "./command-parameters.ts";
import { ChunkIntake, DataIntake } from "./content-intake.ts";
import { formatHello, NO_EXTENSIONS, selectExtensions } from "./hello.ts";
import { InputCursor } from "./input-cursor.ts";
import { LineReader } from "./line-reader.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import { type Effect, QUIT_REASON } from "./server-effect.ts";
import {
  type Chunk,
  isProtocolError,
  type Progress,
  type Question,
  selectContentRefusal,
  selectDataRefusal,
  selectMailRefusal,
  selectRecipientRefusal,
  type Transaction,
} from "./server-transaction.ts";
import type { ClientFacts, SessionOptions, TlsFacts } from "./session-handler.ts";

/** Where a session's machine starts. */
export interface ServerMachineStart {
  readonly options: SessionOptions;
  /** Named in the reply to EHLO. */
  readonly remoteAddress: string;
  /** TLS that was there before the first command. */
  readonly tls: TlsFacts | undefined;
}

const FIXED_REPLIES = {
  NOOP: REPLY.ok,
  HELP: REPLY.help,
  VRFY: REPLY.cannotVerify,
  EXPN: REPLY.notImplemented,
} as const;
const IDLE: Effect = { kind: "idle" };
const RESET: Effect = { kind: "reset" };
const BEGIN_CONTENT: Effect = { kind: "begin-content" };
const END_CONTENT: Effect = { kind: "end-content" };

/**
 * One SMTP session as seen by the server (RFC 5321), without socket, clock or store: bytes go in by
 * `receive`, what is to be done comes out of `next`, policy's answers go in by `answer`. Every
 * command gets exactly one reply, in order, however the bytes are cut.
 *
 * Clients that talk before the banner or ahead without PIPELINING are tolerated: their commands are
 * obeyed one after the other, and none can be read in two ways. Where one could, in content, at the
 * end of a line and around STARTTLS, the machine is strict.
 */
export class ServerMachine {
  readonly #options: SessionOptions;
  readonly #remoteAddress: string;
  readonly #input = new InputCursor();
  readonly #lines = new LineReader(LINE_OCTETS_MAX_OF_ALL);
  #effects: Effect[] = [];
  #question: Question | undefined;
  #tls: TlsFacts | undefined;
  #client: ClientFacts | undefined;
  #extensions: Extensions = NO_EXTENSIONS;
  #transaction: Transaction | undefined;
  #data: DataIntake | undefined;
  #chunk: Chunk | undefined;
  /** Why an earlier chunk failed: chunks sent behind it get the same reply (RFC 3030 §2). */
  #chunkFailure: Reply | undefined;
  #protocolErrorCount = 0;
  #deaf = false;
  #stopping = false;

  constructor(start: ServerMachineStart) {
    this.#options = start.options;
    this.#remoteAddress = start.remoteAddress;
    this.#tls = start.tls;
    this.#reply({ code: 220, status: "", lines: [start.options.banner] });
  }

  /** What is known of the client; its name is "" before HELO or EHLO. */
  get client(): ClientFacts {
    return this.#client ?? { helo: "", extended: false, tls: this.#tls };
  }

  /** MAIL has been accepted and the transaction is not over, or a command waits for its answer. */
  get busy(): boolean {
    return this.#transaction !== undefined || this.#question !== undefined;
  }

  /** Takes bytes from the client. The machine keeps and may overwrite them until it is idle. */
  receive(bytes: Buffer): void {
    // Between STARTTLS and the handshake, and after the end, nobody's words are heard: they could
    // have been put there by anyone on the way (RFC 3207 §4.2).
    if (!this.#deaf) this.#input.append(bytes);
  }

  /** What to do next. */
  next(): Effect {
    for (;;) {
      const effect = this.#effects.shift();
      if (effect !== undefined) return effect;
      if (this.#deaf || this.#question !== undefined) return IDLE;
      if (!this.#read()) {
        this.#input.clear();
        return IDLE;
      }
    }
  }

  /** Answers the question asked last; `undefined` is yes, with the usual reply. */
  answer(verdict: Reply | undefined): void {
    const question = this.#question;
    assert(question !== undefined, "an answer without a question");
    this.#question = undefined;
    const accepted = verdict === undefined || verdict.code < 400;
    switch (question.kind) {
      case "mail":
        if (accepted) {
          this.#transaction = {
            envelope: question.envelope,
            recipientCount: 0,
            content: undefined,
          };
        }
        this.#reply(verdict ?? REPLY.senderOk);
        break;
      case "rcpt":
        if (accepted && this.#transaction !== undefined) this.#transaction.recipientCount += 1;
        this.#reply(verdict ?? REPLY.recipientOk);
        break;
      case "data":
        if (verdict === undefined) this.#data = new DataIntake(this.#options.messageBytesMax);
        this.#reply(verdict ?? REPLY.startContent);
        break;
      case "bdat":
        this.#startContentInChunks(question.chunk, verdict);
        break;
      case "end-content":
        assert(verdict !== undefined, "the end of content is answered with a reply");
        this.#endTransaction(verdict);
        break;
      default:
        unreachable(question);
    }
    this.#stopIfIdle();
  }

  /** The handshake is over: the session starts afresh, and only TLS's facts are known. */
  tlsStarted(tls: TlsFacts): void {
    this.#tls = tls;
    this.#deaf = false;
  }

  /** Ends the session once no transaction is running: at once, or after its last reply. */
  stop(): void {
    this.#stopping = true;
    this.#stopIfIdle();
  }

  /** One step of reading; false when that needs more input. */
  #read(): boolean {
    if (this.#data !== undefined) return this.#readData(this.#data);
    if (this.#chunk !== undefined) return this.#readChunk(this.#chunk);
    const line = this.#lines.read(this.#input);
    if (line === undefined) return false;
    switch (line.kind) {
      case "too-long":
        this.#say(REPLY.lineTooLong);
        break;
      case "bad-character":
        this.#say(REPLY.badCharacter);
        break;
      case "bare-line-feed":
        this.#reply(REPLY.bareLineFeed);
        this.#close("bare LF in a command");
        break;
      case "line":
        this.#readCommand(line.text, line.octets);
        break;
      default:
        unreachable(line);
    }
    return true;
  }

  #readCommand(text: string, octets: number): void {
    const verb = verbOf(text);
    const command =
      octets > lineOctetsMax(verb)
        ? fault(REPLY.lineTooLong)
        : parseCommand(text, {
            extensions: this.#extensions,
            smtpUtf8: this.#transaction?.envelope.smtpUtf8 ?? false,
            postmasterAddress: this.#options.postmasterAddress,
            requireEhloDomain: this.#options.requireEhloDomain,
          });
    if (!command.ok && verb === "BDAT") {
      // How many bytes follow is unknown: they would be read as commands.
      this.#reply(command.fault);
      this.#close("BDAT without a size");
      return;
    }
    const reply = command.ok ? this.#obey(command.value) : command.fault;
    if (reply !== undefined) this.#say(reply);
    this.#stopIfIdle();
  }

  /** The reply, or nothing when it comes later. */
  #obey(command: Command): Reply | undefined {
    switch (command.verb) {
      case "EHLO":
      case "HELO":
        return this.#greet(command.host, { extended: command.verb === "EHLO" });
      case "MAIL":
        return this.#mail(command.envelope, command.sizeBytes);
      case "RCPT": {
        const { recipient } = command;
        const refusal = selectRecipientRefusal(this.#progress());
        return refusal ?? this.#ask({ kind: "rcpt" }, { kind: "rcpt", recipient });
      }
      case "DATA": {
        const refusal = selectDataRefusal(this.#progress());
        return refusal ?? this.#ask({ kind: "data" }, BEGIN_CONTENT);
      }
      case "BDAT":
        return this.#startChunk(command.bytes, command.last);
      case "RSET":
        this.#forget();
        return REPLY.resetting;
      case "STARTTLS":
        return this.#startTls();
      case "QUIT":
        this.#reply(REPLY.closing);
        return this.#close(QUIT_REASON);
      default:
        return FIXED_REPLIES[command.verb];
    }
  }

  #greet(helo: string, { extended }: { readonly extended: boolean }): Reply {
    this.#forget();
    this.#client = { helo, extended, tls: this.#tls };
    this.#extensions = extended ? selectExtensions(this.#options.extensions) : NO_EXTENSIONS;
    return formatHello(this.#options, this.#client, this.#remoteAddress);
  }

  #mail(envelope: Envelope, sizeBytes: number | undefined): Reply | undefined {
    const refusal = selectMailRefusal(this.#progress(), sizeBytes);
    if (refusal !== undefined) return refusal;
    this.#chunkFailure = undefined;
    return this.#ask({ kind: "mail", envelope }, { kind: "mail", envelope, sizeBytes });
  }

  #progress(): Progress {
    return { options: this.#options, client: this.#client, transaction: this.#transaction };
  }

  #readData(data: DataIntake): boolean {
    if (this.#input.remaining === 0) return false;
    if (!data.read(this.#input, this.#effects)) return true;
    this.#data = undefined;
    if (data.failure === undefined) this.#ask({ kind: "end-content" }, END_CONTENT);
    else this.#endTransaction(data.failure);
    return true;
  }

  #startChunk(bytes: number, last: boolean): undefined {
    const offered = this.#client === undefined || this.#extensions.chunking;
    const refusal = offered
      ? (this.#chunkFailure ?? selectContentRefusal(this.#progress()))
      : REPLY.notImplemented;
    const chunk: Chunk = { bytesLeft: bytes, last, refusal };
    if (refusal !== undefined || this.#transaction?.content !== undefined) this.#chunk = chunk;
    else this.#ask({ kind: "bdat", chunk }, BEGIN_CONTENT);
  }

  #startContentInChunks(chunk: Chunk, refusal: Reply | undefined): void {
    this.#chunk = chunk;
    const transaction = this.#transaction;
    if (refusal !== undefined || transaction === undefined) {
      chunk.refusal = this.#chunkFailure = refusal ?? REPLY.mailFirst;
      return;
    }
    const binary = transaction.envelope.body === "BINARYMIME";
    transaction.content = new ChunkIntake(this.#options.messageBytesMax, { binary });
  }

  #readChunk(chunk: Chunk): boolean {
    const content = chunk.refusal === undefined ? this.#transaction?.content : undefined;
    if (chunk.bytesLeft > 0) {
      const input = this.#input;
      const count = Math.min(chunk.bytesLeft, input.remaining);
      if (count === 0) return false;
      const start = input.offset;
      input.offset += count;
      chunk.bytesLeft -= count;
      content?.read(input.bytes.subarray(start, input.offset), this.#effects);
      if (chunk.bytesLeft > 0) return true;
    }
    this.#chunk = undefined;
    if (content === undefined) this.#endRefusedChunk(chunk);
    else this.#endChunk(content, chunk);
    return true;
  }

  #endRefusedChunk(chunk: Chunk): void {
    const failure = this.#chunkFailure;
    if (failure === undefined) {
      this.#say(chunk.refusal ?? REPLY.badSequence);
      return;
    }
    // Only the first of the failed chunks still has its transaction.
    if (this.#transaction === undefined) this.#reply(failure);
    else this.#endTransaction(failure);
    if (chunk.last) this.#chunkFailure = undefined;
  }

  #endChunk(content: ChunkIntake, chunk: { readonly last: boolean }): void {
    if (chunk.last) content.end(this.#effects);
    if (content.failure !== undefined) {
      this.#chunkFailure = chunk.last ? undefined : content.failure;
      this.#endTransaction(content.failure);
    } else if (chunk.last) {
      this.#ask({ kind: "end-content" }, END_CONTENT);
    } else {
      this.#reply(REPLY.chunkReceived);
    }
  }

  #startTls(): Reply | undefined {
    if (this.#client === undefined) return REPLY.helloFirst;
    if (this.#tls !== undefined) return REPLY.tlsAlready;
    if (!this.#options.startTls) return REPLY.notImplemented;
    this.#forget();
    this.#client = undefined;
    this.#extensions = NO_EXTENSIONS;
    this.#reply(REPLY.startTls);
    this.#effects.push({ kind: "start-tls" });
    return this.#deafen();
  }

  /** Its reply comes with the answer. */
  #ask(question: Question, effect: Effect): undefined {
    this.#question = question;
    this.#effects.push(effect);
  }

  #reply(reply: Reply): void {
    this.#effects.push({ kind: "reply", reply });
    // Policy may end a session with its answer to any question.
    if (reply.code === 421) this.#close("421 sent");
  }

  /** Our own reply to a command; too many that name an error end the session. */
  #say(reply: Reply): void {
    if (isProtocolError(reply)) this.#protocolErrorCount += 1;
    const tooMany = this.#protocolErrorCount > this.#options.protocolErrorsMax;
    this.#reply(tooMany ? REPLY.tooManyErrors : reply);
  }

  #endTransaction(reply: Reply): void {
    this.#transaction = undefined;
    this.#effects.push(RESET);
    this.#reply(reply);
    this.#stopIfIdle();
  }

  /** RSET, EHLO, STARTTLS, QUIT: whatever has begun has not happened. */
  #forget(): void {
    this.#chunkFailure = undefined;
    if (this.#transaction === undefined) return;
    if (this.#transaction.content !== undefined) this.#effects.push({ kind: "abort-content" });
    this.#transaction = undefined;
    this.#effects.push(RESET);
  }

  #stopIfIdle(): void {
    if (this.#stopping && !this.#deaf && !this.busy) this.#reply(REPLY.serviceUnavailable);
  }

  #close(reason: string): undefined {
    if (this.#deaf) return;
    this.#forget();
    this.#effects.push({ kind: "close", reason });
    this.#deafen();
  }

  #deafen(): undefined {
    this.#deaf = true;
    this.#input.clear();
    this.#lines.clear();
  }
}
