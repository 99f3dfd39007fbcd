import type { Clock } from "../../base/clock.ts";
import type { DiagnosticFields, Diagnostics } from "../../base/diagnostics.ts";
import { MINUTE } from "../../base/units.ts";

/** What strangers cause is logged so often at most, by event: they can cause it a thousandfold. */
const INTERVAL_MS = 1 * MINUTE;

/** Logs an event unless the same one was logged within the last minute. */
export type SparingLog = (event: string, fields: DiagnosticFields) => void;

/** A log for what anybody outside may cause; each line says how many were left out before it. */
export function sparingDiagnostics(diagnostics: Diagnostics, clock: Clock): SparingLog {
  // By the names of our own events: few.
  const events = new Map<string, { loggedMs: number; leftOut: number }>();
  return (event, fields) => {
    const nowMs = clock.monotonicMs();
    const known = events.get(event);
    if (known !== undefined && nowMs - known.loggedMs < INTERVAL_MS) {
      known.leftOut += 1;
      return;
    }
    const leftOut = known?.leftOut ?? 0;
    diagnostics.warn(event, leftOut === 0 ? fields : { ...fields, leftOut });
    events.set(event, { loggedMs: nowMs, leftOut: 0 });
  };
}
