import { SECOND } from "../base/units.ts";

/**
 * Shares of the machine's processors, and how long a step's rest is then, in lengths of steps. On a
 * full machine mail goes first: some thousand events a second are indexed all the same.
 */
const RESTS: readonly { readonly busyFrom: number; readonly rest: number }[] = [
  { busyFrom: 0.85, rest: 30 },
  { busyFrom: 0.6, rest: 2 },
  { busyFrom: 0.3, rest: 0.5 },
];
const REST_MS_MIN = 1;
const REST_MS_MAX = 2 * SECOND;

/**
 * How long to rest after a step of work that can wait.
 * @param stepMs how long the step took
 * @param busyShare of all processors, that has been used of late, 0 to 1
 */
export function restMs(stepMs: number, busyShare: number): number {
  const rest = RESTS.find(({ busyFrom }) => busyShare >= busyFrom)?.rest ?? 0;
  return Math.min(Math.max(stepMs * rest, REST_MS_MIN), REST_MS_MAX);
}
