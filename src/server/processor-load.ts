import { availableParallelism, cpus } from "node:os";
import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";

/** How far back the share of the processors goes. */
const LOAD_SPAN_MS = SECOND;

/**
 * How busy the processors have been in the last second or so, 0 to 1: those of the machine, since
 * the mail's next hops and peers may live on it too, or this process's own, where it may use but a
 * few of them.
 */
export function measureLoad(clock: Clock): () => number {
  let since = { atMs: clock.monotonicMs(), own: process.cpuUsage(), machine: machineTimes() };
  let share = 0;
  return () => {
    const spanMs = clock.monotonicMs() - since.atMs;
    if (spanMs < LOAD_SPAN_MS) return share;
    const { user, system } = process.cpuUsage(since.own);
    const machine = machineTimes();
    const totalMs = machine.totalMs - since.machine.totalMs;
    const idleMs = machine.idleMs - since.machine.idleMs;
    const ownShare = (user + system) / 1000 / spanMs / availableParallelism();
    share = Math.max(ownShare, totalMs > 0 ? 1 - idleMs / totalMs : 0);
    since = { atMs: clock.monotonicMs(), own: process.cpuUsage(), machine };
    return share;
  };
}

function machineTimes(): { readonly totalMs: number; readonly idleMs: number } {
  let totalMs = 0;
  let idleMs = 0;
  for (const { times } of cpus()) {
    totalMs += times.user + times.nice + times.sys + times.irq + times.idle;
    idleMs += times.idle;
  }
  return { totalMs, idleMs };
}
