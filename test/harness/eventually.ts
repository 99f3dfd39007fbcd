import { setTimeout as sleep } from "node:timers/promises";

const POLL_INTERVAL_MS = 25;

/** What to wait for, and for how long at most. */
export interface Wait {
  readonly what: string;
  readonly withinMs?: number;
}

/** Asks again and again until `check` gives a value; fails with the name of what never came. */
export async function eventually<Value>(
  wait: Wait,
  check: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  const limitMs = performance.now() + (wait.withinMs ?? 20_000);
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > limitMs) throw new Error(`never happened: ${wait.what}`);
    await sleep(POLL_INTERVAL_MS);
  }
}
