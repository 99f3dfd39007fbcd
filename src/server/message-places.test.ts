import assert from "node:assert/strict";
import { test } from "node:test";
import { FIXED_QUEUES } from "../store/queue-rows.ts";
import { DUE_NOW_MS, LEASED_DUE_MS } from "../store/queue-store.ts";
import { locatePlaces } from "./message-places.ts";

const KEY = { deliveryType: "DnsConnectorDelivery", nextHopDomain: "a.test", nextHopConnector: "" };
const OTHER = { ...KEY, nextHopDomain: "b.test" };

type Row = readonly [messageId: number, position: number, queueId: number, dueMs: number];
type Parts = Parameters<typeof locatePlaces>[1];

/** A server whose store has these rows and whose one thread says that of what it holds. */
function open(rows: readonly Row[], whereabouts: readonly object[] = []): Parts {
  const asked: unknown[] = [];
  const parts = {
    list: async () => ({
      queues: [
        { id: 7, key: KEY },
        { id: 8, key: OTHER },
      ],
    }),
    logs: {
      remote: {
        async ask(_name: string, page: { readonly after?: object; readonly limit: number }) {
          asked.push(page.after);
          return new Float64Array(rows.flat());
        },
      },
    },
    supervisor: { remotes: new Map([[0, { ask: async () => whereabouts }]]) },
  };
  // Nothing else is asked of them.
  return parts as unknown as Parts;
}

async function places(parts: Parts, queue?: { readonly id: number; readonly key: typeof KEY }) {
  const { signal } = new AbortController();
  const scope = { signal, ...(queue && { queue }) } as Parameters<typeof locatePlaces>[0];
  return (await locatePlaces(scope, parts)).map((one) => [one.messageId, one.queue.id]);
}

test("a message is in each of its queues once, whatever its recipients", async () => {
  const parts = open([
    [1, 0, 7, DUE_NOW_MS],
    [1, 1, 8, 5_000],
    [1, 2, 7, 6_000],
    [2, 0, -1, DUE_NOW_MS],
    [3, 0, 8, DUE_NOW_MS],
  ]);
  assert.deepEqual(await places(parts), [
    [1, 7],
    [1, 8],
    [2, -1],
    [3, 8],
  ]);
  assert.deepEqual(await places(parts, { id: 8, key: OTHER }), [
    [1, 8],
    [3, 8],
  ]);
});

test("what a thread holds is where the thread has it, or else where it is stored", async () => {
  const held = [
    { messageId: 1, key: OTHER, positions: [1], status: "Ready" },
    { messageId: 1, key: KEY, positions: [0], status: "Active" },
  ];
  const rows: Row[] = [
    [1, 0, 0, LEASED_DUE_MS],
    [1, 1, 0, LEASED_DUE_MS],
    [2, 0, 0, LEASED_DUE_MS],
    [3, 0, 7, DUE_NOW_MS],
  ];
  assert.deepEqual(await places(open(rows, held)), [
    [1, 7],
    [1, 8],
    [2, 0],
    [3, 7],
  ]);
});

test("a queue that nobody knows shows nothing; the fixed ones are always known", async () => {
  const rows = FIXED_QUEUES.map(({ id }, at): Row => [at + 1, 0, id, DUE_NOW_MS]);
  const found = await places(open([...rows, [9, 0, 99, DUE_NOW_MS]]));
  assert.deepEqual(
    found.map(([, queueId]) => queueId),
    FIXED_QUEUES.map(({ id }) => id),
  );
});
