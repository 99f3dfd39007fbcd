import { parentPort } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import type { ContentCallTable, ContentQuestion, ContentThreadCalls } from "./content-calls.ts";
import { linkThreads } from "./thread-link.ts";

/** Makes this worker thread answer the calls of a table, one at a time. */
export function serveContentCalls(table: ContentCallTable): void {
  assert(parentPort !== null, "messages are read in a worker thread");
  const calls: ContentThreadCalls = {
    work({ name, pieces, argument }: ContentQuestion) {
      const call = Object.hasOwn(table, name) ? table[name] : undefined;
      assert(call !== undefined, `no call named ${name}`);
      return call(Buffer.concat(pieces), argument as never);
    },
  };
  linkThreads(parentPort, calls);
}
