import { type QueueStore, StoreFailure } from "./queue-store.ts";

/** One call of a store, counted from 1. */
export interface StoreCall {
  readonly number: number;
  readonly name: string;
}

/**
 * A store that refuses the calls that `fails` picks, without doing them; for tests of what follows.
 */
export function failingQueueStore(
  store: QueueStore,
  fails: (call: StoreCall) => boolean,
): { readonly store: QueueStore; readonly calls: readonly StoreCall[] } {
  const calls: StoreCall[] = [];
  const handler: ProxyHandler<QueueStore> = {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || typeof name !== "string") return method;
      return async (...parameters: unknown[]) => {
        const call = { number: calls.length + 1, name };
        calls.push(call);
        if (fails(call)) throw new StoreFailure(`call ${call.number}, ${name}`, { full: true });
        return Reflect.apply(method, target, parameters) as unknown;
      };
    },
  };
  return { store: new Proxy(store, handler), calls };
}
