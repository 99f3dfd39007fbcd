import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import type { TestFaults } from "../../src/server/test-faults.ts";

/** Where the test leaves its orders: an empty file per order. */
const folder = process.env["FAULT_ORDERS"] ?? "";
const LOOK_MS = 5;

function isOrdered(name: string): boolean {
  return existsSync(join(folder, name));
}

/** Takes an order that only one thread may carry out. */
function takeOrder(name: string): boolean {
  try {
    rmSync(join(folder, name));
    return true;
  } catch {
    return false;
  }
}

/** Faults that thread-death.test.ts orders by files, and messages by their subject. */
export const faults: TestFaults = {
  silentMs: 3_000,
  stalledMs: 4_000,
  alarmMs: 2_000,
  transportThread(index) {
    setInterval(() => {
      if (takeOrder(`exit-${index}`)) process.exit(1);
      if (takeOrder(`throw-${index}`)) throw new Error(`thread ${threadId} was told to throw`);
    }, LOOK_MS).unref();
  },
  storeThread() {
    setInterval(() => {
      if (takeOrder("store")) throw new Error("the store was told to die");
    }, LOOK_MS).unref();
  },
  categorize: (next) => (input) => {
    if (input.message.subject === "throws") throw new Error("the categorizer was told to throw");
    if (input.message.subject === "blocks") for (;;);
    return next(input);
  },
  queueStore: (next) =>
    new Proxy(next, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (name !== "readQueue" || typeof method !== "function") return method;
        return (queueId: number, ...rest: unknown[]) =>
          queueId > 0 && isOrdered("forget")
            ? new Promise(() => {})
            : (Reflect.apply(method, target, [queueId, ...rest]) as unknown);
      },
    }),
};
