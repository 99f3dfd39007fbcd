import { assert, unreachable } from "../base/assert.ts";
import type { Envelope } from "../mail/envelope.ts";
import { type AuthRequest, parseAuthResponse, selectAuthRefusal } from "./auth-intake.ts";
import { type Command, LINE_OCTETS_MAX_OF_ALL } from "./command.ts";
import { readCommandLine } from "./command-line.ts";
import { ContentReader } from "./content-reader.ts";
import { InputCursor } from "./input-cursor.ts";
import { type Line, LineReader } from "./line-reader.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import { type Effect, QUIT_REASON } from "./server-effect.ts";
import {
  type Chunk,
  isProtocolError,
  type Question,
  selectContentRefusal,
  selectDataRefusal,
  selectMailRefusal,
  selectRecipientRefusal,
  selectXclientRefusal,
} from "./server-transaction.ts";
import type { AuthStep, ClientFacts, SessionOptions, TlsFacts } from "./session-handler.ts";
import { SessionState } from "./session-state.ts";
import { type SessionTape, tellTape } from "./session-tape.ts";

/** Where a session's machine starts. */
export interface ServerMachineStart {
  readonly options: SessionOptions;
  /** Named in the reply to EHLO. */
  readonly remoteAddress: string;
  /** TLS that was there before the first command. */
  readonly tls: TlsFacts | undefined;
  /** What another machine has received and not read. */
  readonly unread: Buffer;
  /** Hears what the client says. */
  readonly tape?: SessionTape | undefined;
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
const CANCEL_AUTHENTICATION: Effect = { kind: "cancel-authentication" };

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
  readonly #state: SessionState;
  readonly #remoteAddress: string;
  readonly #tape: SessionTape | undefined;
  readonly #input = new InputCursor();
  readonly #lines = new LineReader(LINE_OCTETS_MAX_OF_ALL);
  #effects: Effect[] = [];
  #question: Question | undefined;
  readonly #content = new ContentReader();
  #protocolErrorCount = 0;
  #deaf = false;
  #stopping = false;

  constructor(start: ServerMachineStart) {
    this.#state = new SessionState(start.options, start.tls);
    this.#remoteAddress = start.remoteAddress;
    this.#tape = start.tape;
    this.#input.append(start.unread);
    this.#reply({ code: 220, status: "", lines: [start.options.banner] });
  }

  /** What is known of the client; its name is "" before HELO or EHLO. */
  get client(): ClientFacts {
    return this.#state.client ?? { helo: "", extended: false, tls: this.#state.tls };
  }

  /** MAIL has been accepted and the transaction is not over, or a command waits for its answer. */
  get busy(): boolean {
    return this.#state.transaction !== undefined || this.#question !== undefined;
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
          this.#state.transaction = {
            envelope: question.envelope,
            recipientCount: 0,
            content: undefined,
          };
        }
        this.#reply(verdict ?? REPLY.senderOk);
        break;
      case "rcpt":
        if (accepted && this.#state.transaction !== undefined)
          this.#state.transaction.recipientCount += 1;
        this.#reply(verdict ?? REPLY.recipientOk);
        break;
      case "data":
        if (verdict === undefined) this.#content.startData(this.#state.options);
        this.#reply(verdict ?? REPLY.startContent);
        break;
      case "bdat":
        this.#content.begin(question.chunk, this.#state, verdict);
        break;
      case "end-content":
        assert(verdict !== undefined, "the end of content is answered with a reply");
        this.#endTransaction(verdict);
        break;
      case "xclient":
        assert(verdict !== undefined, "another client is another machine");
        this.#reply(verdict);
        break;
      case "auth":
        assert(false, "a logon is answered by answerLogon");
        break;
      default:
        unreachable(question);
    }
    this.#stopIfIdle();
  }

  /** Answers the question about a logon; `options` hold after it. */
  answerLogon(step: AuthStep, options: SessionOptions): void {
    assert(this.#question?.kind === "auth", "nobody is logging on");
    this.#question = undefined;
    const { auth } = this.#state;
    if (step.kind === "challenge") {
      auth.exchanging = true;
      const challenge = Buffer.from(step.bytes).toString("base64");
      this.#reply({ code: 334, status: "", lines: [challenge] });
    } else {
      const reply = auth.end(step.reply, this.#state.options.logonFailuresMax);
      if (auth.loggedOn) this.#state.options = options;
      this.#reply(reply, auth.loggedOn ? undefined : this.#state.options.authTarpitMs);
    }
    this.#stopIfIdle();
  }

  /** What has been received and not read; the machine is not used any more. */
  release(): Buffer {
    return this.#input.take();
  }

  /**
   * The handshake is over: the session starts afresh, only TLS's facts are known, and `options`
   * hold.
   */
  tlsStarted(tls: TlsFacts, options: SessionOptions): void {
    this.#state.tls = tls;
    this.#state.options = options;
    this.#deaf = false;
  }

  /** Ends the session once no transaction is running: at once, or after its last reply. */
  stop(): void {
    this.#stopping = true;
    this.#stopIfIdle();
  }

  /** One step of reading; false when that needs more input. */
  #read(): boolean {
    if (this.#content.active) return this.#readContent();
    const line = this.#lines.read(this.#input);
    if (line === undefined) return false;
    const { exchanging } = this.#state;
    if (this.#tape !== undefined) tellTape(this.#tape, line, { exchanging });
    if (exchanging) this.#readResponse(line);
    else this.#readLine(line);
    return true;
  }

  #readLine(line: Line): void {
    const command = readCommandLine(line, this.#state);
    if (command.ok) {
      const reply = this.#obey(command.value);
      if (reply !== undefined) this.#say(reply);
    } else if (command.fault.ends === undefined) {
      this.#say(command.fault.reply);
    } else {
      this.#reply(command.fault.reply);
      this.#close(command.fault.ends);
    }
    this.#stopIfIdle();
  }

  #readResponse(line: Line): void {
    const response = parseAuthResponse(line);
    if (response.ok) {
      const effect = { kind: "continue-authentication", response: response.value } as const;
      this.#ask({ kind: "auth" }, effect);
      return;
    }
    this.#effects.push(CANCEL_AUTHENTICATION);
    // Given up counts like failed: what a challenge tells would be free otherwise.
    this.#say(this.#state.auth.end(response.fault, this.#state.options.logonFailuresMax));
    if (line.kind === "bare-line-feed") this.#close("bare LF in a command");
  }

  /** The reply, or nothing when it comes later. */
  #obey(command: Command): Reply | undefined {
    switch (command.verb) {
      case "EHLO":
      case "HELO":
        this.#forget();
        return this.#state.greet(command, this.#remoteAddress);
      case "MAIL":
        return this.#mail(command.envelope, command.sizeBytes);
      case "RCPT": {
        const { recipient } = command;
        const refusal = selectRecipientRefusal(this.#state);
        return refusal ?? this.#ask({ kind: "rcpt" }, { kind: "rcpt", recipient });
      }
      case "DATA": {
        const refusal = selectDataRefusal(this.#state);
        return refusal ?? this.#ask({ kind: "data" }, BEGIN_CONTENT);
      }
      case "BDAT":
        return this.#startChunk(command.bytes, command.last);
      case "RSET":
        this.#forget();
        return REPLY.resetting;
      case "STARTTLS":
        return this.#startTls();
      case "AUTH":
        return this.#authenticate(command.request);
      case "XCLIENT": {
        const refusal = selectXclientRefusal(this.#state);
        const { attributes } = command;
        return refusal ?? this.#ask({ kind: "xclient" }, { kind: "xclient", attributes });
      }
      case "QUIT":
        this.#reply(REPLY.closing);
        return this.#close(QUIT_REASON);
      default:
        return FIXED_REPLIES[command.verb];
    }
  }

  #mail(envelope: Envelope, sizeBytes: number | undefined): Reply | undefined {
    const refusal = selectMailRefusal(this.#state, sizeBytes);
    if (refusal !== undefined) return refusal;
    this.#content.forgetFailure();
    return this.#ask({ kind: "mail", envelope }, { kind: "mail", envelope, sizeBytes });
  }

  #authenticate({ mechanism, response }: AuthRequest): Reply | undefined {
    const refusal = selectAuthRefusal(this.#state, mechanism);
    return refusal ?? this.#ask({ kind: "auth" }, { kind: "authenticate", mechanism, response });
  }

  #startChunk(bytesLeft: number, last: boolean): undefined {
    const offered = this.#state.client === undefined || this.#state.extensions.chunking;
    const refusal = offered
      ? (this.#content.chunkFailure ?? selectContentRefusal(this.#state))
      : REPLY.notImplemented;
    const content = this.#state.transaction?.content;
    const chunk: Chunk = { bytesLeft, last, content, refusal };
    if (refusal !== undefined || content !== undefined) this.#content.startChunk(chunk);
    else this.#ask({ kind: "bdat", chunk }, BEGIN_CONTENT);
  }

  #readContent(): boolean {
    const step = this.#content.read(this.#input, this.#effects);
    switch (step) {
      case "starved":
        return false;
      case "reading":
        break;
      case "chunk-read":
        this.#reply(REPLY.chunkReceived);
        break;
      case "complete":
        this.#ask({ kind: "end-content" }, END_CONTENT);
        break;
      case "failed":
        // Of the failed chunks only the first one still has its transaction.
        if (this.#state.transaction === undefined) this.#reply(this.#content.refusal);
        else this.#endTransaction(this.#content.refusal);
        break;
      case "refused":
        this.#say(this.#content.refusal);
        break;
      default:
        unreachable(step);
    }
    return true;
  }

  #startTls(): Reply | undefined {
    if (this.#state.client === undefined) return REPLY.helloFirst;
    if (this.#state.tls !== undefined) return REPLY.tlsAlready;
    if (!this.#state.options.startTls) return REPLY.notImplemented;
    // What was said in clear would have to be forgotten (RFC 3207 §4.2), the logon too; who has
    // sent a password in clear gains nothing by TLS any more.
    if (this.#state.loggedOn) return REPLY.badSequence;
    this.#forget();
    this.#state.forgetHello();
    this.#reply(REPLY.startTls);
    this.#effects.push({ kind: "start-tls" });
    return this.#deafen();
  }

  /** Its reply comes with the answer. */
  #ask(question: Question, effect: Effect): undefined {
    this.#question = question;
    this.#effects.push(effect);
  }

  #reply(reply: Reply, delayMs?: number): void {
    this.#effects.push(
      delayMs === undefined ? { kind: "reply", reply } : { kind: "reply", reply, delayMs },
    );
    // Policy may end a session with its answer to any question.
    if (reply.code === 421 || reply.endsSession) this.#close(`${reply.code} sent`);
  }

  /** Our own reply to a command; too many that name an error end the session. */
  #say(reply: Reply): void {
    if (isProtocolError(reply)) this.#protocolErrorCount += 1;
    const tooMany = this.#protocolErrorCount > this.#state.options.protocolErrorsMax;
    this.#reply(tooMany ? REPLY.tooManyErrors : reply);
  }

  #endTransaction(reply: Reply): void {
    this.#state.transaction = undefined;
    this.#effects.push(RESET);
    this.#reply(reply);
    this.#stopIfIdle();
  }

  /** RSET, EHLO, STARTTLS, QUIT: whatever has begun has not happened. */
  #forget(): void {
    this.#content.forgetFailure();
    if (this.#state.transaction === undefined) return;
    if (this.#state.transaction.content !== undefined)
      this.#effects.push({ kind: "abort-content" });
    this.#state.transaction = undefined;
    this.#effects.push(RESET);
  }

  #stopIfIdle(): void {
    if (this.#stopping && !this.#deaf && !this.busy) this.#reply(REPLY.serviceUnavailable);
  }

  #close(reason: string): undefined {
    if (this.#deaf) return;
    this.#forget();
    if (this.#state.exchanging) this.#effects.push(CANCEL_AUTHENTICATION);
    this.#effects.push({ kind: "close", reason });
    this.#deafen();
  }

  #deafen(): undefined {
    this.#deaf = true;
    this.#input.clear();
    this.#lines.clear();
  }
}
