import { assert, unreachable } from "../../base/assert.ts";
import type { Clock, Timer } from "../../base/clock.ts";
import { ClientConnection, type ConnectionListener } from "../../net/client-connection.ts";
import type { ClientEvent, SessionEnd } from "../../smtp/client-event.ts";
import { ClientMachine } from "../../smtp/client-machine.ts";
import type { Offers } from "../../smtp/client-offers.ts";
import { CLIENT_TIMEOUT_MS, type ClientPhase } from "../../smtp/client-phase.ts";
import type { ClientTransaction, RecipientResult } from "../../smtp/client-transaction.ts";
import type { TlsFacts } from "../../smtp/session-handler.ts";
import type { SessionTape } from "../../smtp/session-tape.ts";
import { checkPeer, type ServerProof } from "../../tls/peer-check.ts";
import type { TlsResultType } from "../../tls/tls-report.ts";
import {
  type ContentSource,
  contentInMemory,
  describeContent,
  streamContent,
  type Transfer,
  writeJoined,
} from "./content-transfer.ts";
import type { LogonConversation } from "./logon.ts";
import type { SessionSetup } from "./session-setup.ts";
import { describeTls } from "./tls-words.ts";

/** How one transaction went. */
export interface TransactionReport {
  readonly results: readonly RecipientResult[];
  /** A `lost` recipient may have been served all the same. */
  readonly contentSent: boolean;
  /** Set when our own content could not be read to its end; the session is over then. */
  readonly contentError: unknown;
}

/** Why TLS came to nothing. */
export interface SessionTlsFault {
  readonly type: TlsResultType;
  readonly detail: string;
  /** TLS stood, and the server has not proved what it had to. */
  readonly isVerdict: boolean;
}

/** A transaction that has begun. */
interface Running {
  readonly content: ContentSource;
  readonly finished: (report: TransactionReport) => void;
  /** Why its content could not be read. */
  error: unknown;
}

/**
 * Drives the client machine on one connection: carries bytes, keeps time, sends content. Has no
 * opinions. Every promise it gives settles, however the connection ends; none rejects unless we are
 * wrong.
 */
export class ClientSession implements ConnectionListener {
  readonly id: string;
  readonly #machine: ClientMachine;
  readonly #connection: ClientConnection;
  readonly #clock: Clock;
  readonly #serverName: string | undefined;
  readonly #tlsSetup: SessionSetup["tls"];
  readonly #logon: LogonConversation | undefined;
  readonly #tape: SessionTape | undefined;
  #timer: { readonly timer: Timer; readonly dueMs: number } | undefined;
  #deadlineMs = 0;
  #armedPhase: ClientPhase | undefined;
  #armedCount = 0;
  #end: SessionEnd | undefined;
  #tlsFault: SessionTlsFault | undefined;
  #proof: ServerProof | undefined;
  /** In the order in which they were begun: at most one, and one that follows it. */
  readonly #running: Running[] = [];
  #opened:
    | {
        readonly resolve: (end: SessionEnd | undefined) => void;
        readonly reject: (fault: unknown) => void;
      }
    | undefined;
  /**
   * Told when the end of a message's content is about to be written, so that the next may join it.
   */
  contentSent: (() => void) | undefined;
  #replied: (() => void) | undefined;
  /** Content is being put together: what is said meanwhile goes out with it. */
  #isWriting = false;

  constructor(setup: SessionSetup) {
    this.id = setup.id;
    this.#clock = setup.clock;
    this.#serverName = setup.serverName;
    this.#tlsSetup = setup.tls;
    this.#logon = setup.logon;
    this.#tape = setup.tape;
    this.#machine = new ClientMachine(setup.client, setup.tape);
    this.#connection = new ClientConnection(setup.socket, { clock: setup.clock, listener: this });
    this.#keepTime();
  }

  /** Resolves when transactions may begin (`undefined`), or with the reason why they never will. */
  opened(): Promise<SessionEnd | undefined> {
    if (this.#end !== undefined || this.#machine.isReady) return Promise.resolve(this.#end);
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject };
    });
  }

  get offers(): Offers {
    return this.#machine.offers;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get localAddress(): string {
    return this.#connection.localAddress;
  }

  get tls(): TlsFacts | undefined {
    return this.#connection.tls;
  }

  /** Of an open session: whether we have logged on. Where that is wanted, none opens without. */
  get isLoggedOn(): boolean {
    return this.#logon !== undefined;
  }

  /** What the server has shown; `undefined` while in clear. */
  get proof(): ServerProof | undefined {
    return this.#proof;
  }

  /** Why the TLS handshake failed, when that ended the session. */
  get tlsFault(): SessionTlsFault | undefined {
    return this.#tlsFault;
  }

  /** Why the session is over; `undefined` while it is not. */
  get end(): SessionEnd | undefined {
    return this.#end;
  }

  /** Whether a transaction may begin behind the one that waits for its final reply. */
  get mayFollow(): boolean {
    return this.#machine.mayFollow;
  }

  /** Sends one message; the session must have opened, and be idle or `mayFollow`. */
  transact(transaction: ClientTransaction, content: ContentSource): Promise<TransactionReport> {
    return new Promise((finished) => {
      this.#running.push({ content, finished, error: undefined });
      this.#machine.begin(transaction);
      if (this.#isWriting) return;
      this.#pump();
    });
  }

  /**
   * Says goodbye and closes, waiting a little for the server's own; nobody needs to wait with us.
   */
  quit(): void {
    if (!this.#machine.isReady) this.#machine.lose("aborted");
    else this.#machine.quit();
    this.#pump();
  }

  /**
   * The server is stopping. A message whose end has been sent gets `graceMs` for its reply, since
   * without that it would be sent twice; all else ends now.
   */
  abort(graceMs: number): void {
    const { phase } = this.#machine;
    if (phase === "final") this.#startTimer(graceMs);
    else if (phase !== "quit") this.quit();
  }

  data(bytes: Uint8Array): void {
    this.#machine.receive(bytes);
    this.#pump();
  }

  closed(): void {
    this.#machine.lose("closed");
    this.#pump();
  }

  /** Acts on what the machine wants after any input to it. */
  #pump(): void {
    this.#flush();
    for (let event = this.#machine.next(); event !== undefined; event = this.#machine.next()) {
      this.#act(event);
    }
    this.#wakeSender();
    this.#keepTime();
  }

  #flush(): void {
    const output = this.#machine.takeOutput();
    if (output !== "") this.#connection.write(output);
  }

  #act(event: ClientEvent): void {
    switch (event.kind) {
      case "ready":
        this.#tellOpened(undefined);
        break;
      case "start-tls":
        this.#watch(this.#startTls());
        break;
      case "log-on":
      case "challenge":
        this.#watch(this.#logOn(event));
        break;
      case "content":
        this.#sendContent(event.transfer);
        break;
      case "finished":
        this.#tellFinished(event);
        break;
      case "ended":
        this.#end = event.end;
        this.#timer?.timer.cancel();
        this.#timer = undefined;
        this.#connection.destroy();
        this.#tellOpened(event.end);
        break;
      default:
        unreachable(event);
    }
  }

  #tellOpened(end: SessionEnd | undefined): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.resolve(end);
  }

  /**
   * A step of the opening that is not done in one go. When it breaks we are wrong: whoever waits
   * for the session is told, and the thread with all its other sessions lives on.
   */
  #watch(step: Promise<void>): void {
    step.catch((fault: unknown) => {
      const opened = this.#opened;
      this.#opened = undefined;
      this.#machine.lose("aborted");
      this.#pump();
      // Of a session that has ended meanwhile nobody waits for anything.
      opened?.reject(fault);
    });
  }

  #tellFinished(event: ClientEvent & { readonly kind: "finished" }): void {
    const running = this.#running.shift();
    const { results, contentSent } = event;
    running?.finished({ results, contentSent, contentError: running.error });
  }

  async #startTls(): Promise<void> {
    const result = await this.#connection.startTls({
      serverName: this.#serverName,
      timeoutMs: CLIENT_TIMEOUT_MS.handshake,
      context: this.#tlsSetup?.context,
    });
    if (result.ok) this.#judge(result.value.proof);
    else this.#failTls({ type: "validation-failure", detail: result.fault, isVerdict: false });
    this.#pump();
  }

  /** The server learns nothing from us before it has proved what it has to. */
  #judge(proof: ServerProof): void {
    this.#proof = proof;
    if (this.tls !== undefined)
      this.#tape?.note(describeTls(this.tls), "TLS negotiation succeeded");
    const verdict = checkPeer(this.#tlsSetup?.checks ?? [], proof, this.#clock.nowMs());
    if (verdict.ok) this.#machine.tlsStarted();
    else this.#failTls({ type: verdict.result, detail: verdict.reason, isVerdict: true });
  }

  #failTls(fault: SessionTlsFault): void {
    this.#tlsFault = fault;
    this.#tape?.blame(`TLS: ${fault.detail}`);
    this.#tape?.note(fault.detail, "TLS has failed");
    this.#machine.lose("handshake");
  }

  async #logOn(event: ClientEvent & { readonly kind: "log-on" | "challenge" }): Promise<void> {
    const logon = this.#logon;
    assert(logon !== undefined, "a session that logs on knows with what");
    const { authMechanisms, serverName } = this.offers;
    const hostName = this.#serverName ?? (serverName || this.remoteAddress);
    const offer = { mechanisms: authMechanisms, tls: this.tls, hostName };
    const answer =
      event.kind === "challenge"
        ? await logon.challenge(event.bytes)
        : await logon.begin(offer, event.refused);
    this.#machine.answerLogon(answer);
    this.#pump();
  }

  #sendContent(transfer: "data" | "chunks"): void {
    const [running] = this.#running;
    if (running === undefined || !this.#machine.wantsContent) return;
    const { content } = running;
    if (transfer === "data") this.#tape?.said(describeContent(content));
    const parts = { content, transfer, machine: this.#machine, connection: this.#connection };
    const block = contentInMemory(parts);
    if (block === undefined) {
      void this.#stream(parts, running);
      return;
    }
    this.#isWriting = true;
    this.contentSent?.();
    this.#isWriting = false;
    writeJoined(this.#connection, block, this.#machine.takeOutput());
  }

  async #stream(parts: Transfer, running: Running): Promise<void> {
    try {
      await streamContent({
        ...parts,
        // Refused content may still be on its way out of the store when the next message begins.
        isWanted: () => this.#running[0] === running && this.#machine.wantsContent,
        progress: () => this.#restartDeadline(),
        replied: () => this.#waitForReply(),
      });
    } catch (error) {
      // What was sent of it must not be taken for all: no end of content, but the end of the
      // session.
      if (this.#running[0] === running) {
        running.error = error;
        this.#machine.lose("aborted");
      }
    }
    this.#pump();
  }

  #waitForReply(): Promise<void> {
    if (this.#end !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#replied = resolve;
    });
  }

  #wakeSender(): void {
    const replied = this.#replied;
    this.#replied = undefined;
    replied?.();
  }

  /**
   * A new deadline for each new thing waited for; bytes that make no whole reply change nothing.
   */
  #keepTime(): void {
    if (this.#end !== undefined) return;
    const { phase, replyCount } = this.#machine;
    if (phase === this.#armedPhase && replyCount === this.#armedCount) return;
    this.#armedPhase = phase;
    this.#armedCount = replyCount;
    this.#restartDeadline();
  }

  /** Moves the deadline; the timer itself is restarted only when it would ring too late. */
  #restartDeadline(): void {
    if (this.#end !== undefined) return;
    const spanMs = CLIENT_TIMEOUT_MS[this.#machine.phase];
    this.#deadlineMs = this.#clock.monotonicMs() + spanMs;
    if (this.#timer === undefined || this.#timer.dueMs > this.#deadlineMs) this.#startTimer(spanMs);
  }

  #startTimer(spanMs: number): void {
    this.#timer?.timer.cancel();
    this.#deadlineMs = this.#clock.monotonicMs() + spanMs;
    const timer = this.#clock.startTimer(spanMs, () => this.#ring());
    this.#timer = { timer, dueMs: this.#deadlineMs };
  }

  #ring(): void {
    this.#timer = undefined;
    if (this.#end !== undefined) return;
    const leftMs = this.#deadlineMs - this.#clock.monotonicMs();
    if (leftMs > 0) this.#startTimer(leftMs);
    else {
      this.#machine.lose("timeout");
      this.#pump();
    }
  }
}
