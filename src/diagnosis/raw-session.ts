import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { ClientConnection, type StartedTls } from "../net/client-connection.ts";
import { type DialFault, type DialledSocket, dial } from "../net/dial.ts";
import { ReplyParser, type ServerReply } from "../smtp/reply-parser.ts";

/** Where to, and how patient. */
export interface RawTarget {
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  /** For the connection, and for each reply. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * A session of which every line is ours: for tests that say what no client of ours would. One
 * command at a time; the caller ends it with `close`.
 */
export class RawSession {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #connection: ClientConnection;
  #parser = new ReplyParser();
  #replies: (ServerReply | undefined)[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  private constructor(socket: DialledSocket, { clock, timeoutMs, signal }: RawTarget) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#connection = new ClientConnection(socket, {
      clock,
      listener: { data: (bytes) => this.#take(bytes), closed: () => this.#end() },
    });
    signal.addEventListener("abort", () => this.close(), { once: true });
  }

  /** Connects; nothing is said or read yet. */
  static async open(target: RawTarget): Promise<Result<RawSession, DialFault>> {
    const { address, port, clock, timeoutMs, signal } = target;
    const dialled = await dial(
      { kind: "tcp", address, port },
      { clock, connectTimeoutMs: timeoutMs, sourceAddress: undefined, signal },
    );
    return dialled.ok ? ok(new RawSession(dialled.value, target)) : fault(dialled.fault);
  }

  get localAddress(): string {
    return this.#connection.localAddress;
  }

  /** The next reply; `undefined` when the session is over, or it does not come in time. */
  async reply(): Promise<ServerReply | undefined> {
    if (this.#replies.length === 0 && !this.#isOver) {
      const timer = this.#clock.startTimer(this.#timeoutMs, () => this.close());
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      timer.cancel();
    }
    return this.#replies.shift();
  }

  /** Sends a line, which must be one, and resolves with its reply. */
  async say(line: string): Promise<ServerReply | undefined> {
    this.write(line);
    return this.reply();
  }

  /** Sends a line that has no reply of its own. */
  write(line: string): void {
    this.#connection.write(`${line}\r\n`);
  }

  /** Changes to TLS; after a fault the session is over. */
  startTls(serverName: string | undefined): Promise<Result<StartedTls, string>> {
    this.#parser = new ReplyParser();
    return this.#connection.startTls({ serverName, timeoutMs: this.#timeoutMs });
  }

  close(): void {
    this.#connection.destroy();
    this.#end();
  }

  #take(bytes: Uint8Array): void {
    this.#parser.push(bytes);
    for (let item = this.#parser.next(); item !== undefined; item = this.#parser.next()) {
      if (item.kind !== "reply") {
        this.close();
        return;
      }
      this.#replies.push(item.reply);
    }
    this.#rouse();
  }

  #end(): void {
    this.#isOver = true;
    this.#rouse();
  }

  #rouse(): void {
    if (this.#replies.length === 0 && !this.#isOver) return;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
