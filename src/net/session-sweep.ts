import type { Clock, Timer } from "../base/clock.ts";

/** Something that ends itself when its time is over. */
export interface Swept {
  /** Called now and then with the clock's monotonic time. */
  sweep(nowMs: number): void;
}

/** How late a timeout may be noticed. */
const SWEEP_INTERVAL_MS = 500;

/**
 * One timer for all sessions of a listener: ten thousand idle ones cost a look at each twice a
 * second, and no timer of their own.
 */
export class SessionSweep<Session extends Swept> {
  readonly sessions: Set<Session> = new Set();
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #onEmpty: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(session: Session): void {
    this.sessions.add(session);
    this.#timer ??= this.#clock.startTimer(SWEEP_INTERVAL_MS, () => this.#sweep());
  }

  delete(session: Session): void {
    this.sessions.delete(session);
    if (this.sessions.size === 0) this.#onEmpty();
  }

  /** Resolves once there is no session, which may be now. */
  whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.sessions.size === 0) resolve();
      else this.#onEmpty = resolve;
    });
  }

  #sweep(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (const session of this.sessions) session.sweep(nowMs);
    if (this.sessions.size > 0) {
      this.#timer = this.#clock.startTimer(SWEEP_INTERVAL_MS, () => this.#sweep());
    }
  }
}
