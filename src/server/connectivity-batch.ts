import { systemClock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { ConnectivityEvent } from "../transport/tracking/connectivity-line.ts";

/** Takes lines for the connectivity log; `flush` sends what has gathered. */
export interface ConnectivityBatch {
  (event: ConnectivityEvent): void;
  flush(): void;
}

/** Gathers lines for a moment: each message between threads costs more than a line. */
export function batchConnectivity(
  send: (events: readonly ConnectivityEvent[]) => void,
): ConnectivityBatch {
  let waiting: ConnectivityEvent[] = [];
  const flush = () => {
    if (waiting.length > 0) send(waiting);
    waiting = [];
  };
  const add = (event: ConnectivityEvent) => {
    waiting.push(event);
    if (waiting.length === 1) systemClock.startTimer(SECOND / 5, flush);
  };
  return Object.assign(add, { flush });
}
