import type { Clock, Timer } from "../../base/clock.ts";
import type { QueueStore } from "../../store/queue-store.ts";

/** Lets the event loop turn so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A store at the end of a port: what is asked first is done first, and all of it takes time. */
export function distantStore(store: QueueStore, latency: () => number): QueueStore {
  let last: Promise<unknown> = Promise.resolve();
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]) => {
        last = last.then(() => turns(latency()));
        await last;
        const value: unknown = await Reflect.apply(method, target, parameters);
        await turns(latency());
        return value;
      };
    },
  });
}

/** What a dead thread asks for never comes, and is not done. */
export function mortalStore(store: QueueStore, life: { readonly isAlive: boolean }): QueueStore {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]) => {
        if (!life.isAlive) return new Promise(() => {});
        const value: unknown = await Reflect.apply(method, target, parameters);
        return life.isAlive ? value : new Promise(() => {});
      };
    },
  });
}

/** The timers of a dead thread never ring. */
export function mortalClock(clock: Clock, life: { readonly isAlive: boolean }): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    random: () => clock.random(),
    startTimer(delayMs, run): Timer {
      return clock.startTimer(delayMs, () => {
        if (life.isAlive) run();
      });
    },
  };
}
