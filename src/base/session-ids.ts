import type { Clock } from "./clock.ts";

/** Threads that can be told apart by the last two digits. */
const THREADS_MAX = 256;
/** Ids of one thread in one millisecond, before it borrows from the next. */
const PER_MILLISECOND = 4096;

/**
 * Makes ids of sessions: 16 hex digits that rise with time (reference §7.4), of which the last two
 * are the thread's, so that no two threads of a server give the same one.
 */
export function createSessionIds(clock: Pick<Clock, "nowMs">, thread: number): () => string {
  let lastMs = 0;
  let count = 0;
  const tail = (thread % THREADS_MAX).toString(16).padStart(2, "0");
  return () => {
    const nowMs = Math.trunc(clock.nowMs());
    if (nowMs > lastMs) {
      lastMs = nowMs;
      count = 0;
    } else {
      count += 1;
      if (count >= PER_MILLISECOND) {
        lastMs += 1;
        count = 0;
      }
    }
    const time = lastMs.toString(16).padStart(11, "0");
    return `${time}${count.toString(16).padStart(3, "0")}${tail}`.toUpperCase();
  };
}
