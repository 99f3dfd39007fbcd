import type { MessagePort } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import { KiB, MiB, SECOND } from "../base/units.ts";
import type { LogBatch, LogKind } from "./log-kinds.ts";

/** Lines wait for so long at most: each message between threads costs more than a line. */
const GATHER_MS = SECOND / 5;
/** What has gathered goes at once when it is this long (UTF-16 units). */
const GATHER_LENGTH_MAX = 64 * KiB;
/** What may be on its way, or wait, when the log's disk is slow; lines beyond it are dropped. */
const WAITING_LENGTH_MAX = 16 * MiB;

/** A thread's way to the log thread. Never throws and never waits. */
export interface LogWriter {
  /** Takes one line, or several, each ending in CRLF. */
  append(kind: LogKind, text: string): void;
  /** Sends what has gathered. */
  flush(): void;
  /** Goes on with another log thread; what the old one had not written is lost. */
  usePort(port: MessagePort): void;
}

/** Opens the way; the other end is `LogHost.attach`. */
export function openLogWriter(
  port: MessagePort,
  parts: {
    readonly clock: Clock;
    /** Told how many lines had to be dropped. */
    readonly dropped: (lines: number) => void;
  },
): LogWriter {
  return new GatheringWriter(port, parts);
}

class GatheringWriter implements LogWriter {
  readonly #clock: Clock;
  readonly #dropped: (lines: number) => void;
  #port: MessagePort;
  #gathered = new Map<LogKind, string>();
  #gatheredLength = 0;
  /** Sent, and not yet said to be written. */
  #sentLength = 0;
  #isTimed = false;

  constructor(
    port: MessagePort,
    parts: { readonly clock: Clock; readonly dropped: (lines: number) => void },
  ) {
    this.#clock = parts.clock;
    this.#dropped = parts.dropped;
    this.#port = port;
    this.#listen();
  }

  append(kind: LogKind, text: string): void {
    if (this.#gatheredLength + this.#sentLength + text.length > WAITING_LENGTH_MAX) {
      this.#dropped(text.split("\n").length - 1);
      return;
    }
    this.#gathered.set(kind, (this.#gathered.get(kind) ?? "") + text);
    this.#gatheredLength += text.length;
    if (this.#gatheredLength >= GATHER_LENGTH_MAX) this.flush();
    else if (!this.#isTimed) {
      this.#isTimed = true;
      this.#clock.startTimer(GATHER_MS, () => {
        this.#isTimed = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.#gatheredLength === 0) return;
    const batches: LogBatch[] = [...this.#gathered].map(([kind, text]) => ({ kind, text }));
    this.#gathered = new Map();
    this.#sentLength += this.#gatheredLength;
    this.#gatheredLength = 0;
    this.#port.postMessage(batches);
  }

  usePort(port: MessagePort): void {
    this.#port.close();
    this.#port = port;
    this.#sentLength = 0;
    this.#listen();
  }

  #listen(): void {
    this.#port.on("message", (writtenLength: number) => {
      this.#sentLength -= writtenLength;
    });
    // A log must not keep its thread alive.
    this.#port.unref();
  }
}
