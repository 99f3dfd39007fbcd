import type { Clock } from "./clock.ts";

/** A clock that a test moves by hand. Timers run in order of their time while it advances. */
export interface FakeClock extends Clock {
  /** Moves time forward and runs every timer that comes due, in order. */
  advance(spanMs: number): void;
}

/** Starts at `startMs`; `random` returns the given numbers in turn, then starts over. */
export function fakeClock(
  startMs = 1_700_000_000_000,
  numbers: readonly number[] = [0.5],
): FakeClock {
  let nowMs = startMs;
  let drawn = 0;
  let timers: { readonly dueMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    random: () => numbers[drawn++ % numbers.length] ?? 0,
    startTimer(delayMs, run) {
      const timer = { dueMs: nowMs + Math.max(delayMs, 0), run };
      timers.push(timer);
      const cancel = () => {
        timers = timers.filter((other) => other !== timer);
      };
      return { cancel };
    },
    advance(spanMs) {
      const endMs = nowMs + spanMs;
      for (;;) {
        const due = timers.filter((timer) => timer.dueMs <= endMs);
        const next = due.sort((left, right) => left.dueMs - right.dueMs)[0];
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = next.dueMs;
        next.run();
      }
      nowMs = endMs;
    },
  };
}
