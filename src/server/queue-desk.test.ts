import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { sampleMessage, sampleRecipient } from "../store/queue-contract.ts";
import { HEALTHY } from "../store/queue-rows.ts";
import { CONTENT_CHUNK_BYTES, LEASED_DUE_MS, SUBMISSION_QUEUE_ID } from "../store/queue-store.ts";
import type { LogHost } from "./log-host.ts";
import { createQueueDesk, type QueueDeskParts } from "./queue-desk.ts";

test("content that ends too early is a failure, not the end of the message", async () => {
  const ask = async (_name: string, { index }: { readonly index: number }) =>
    index === 0 ? new Uint8Array(CONTENT_CHUNK_BYTES) : undefined;
  const desk = createQueueDesk({
    diagnostics: silentDiagnostics,
    clock: fakeClock(),
    organization: () => assert.fail("nobody asks for it"),
    threadCount: 1,
    supervisor: { remotes: new Map(), isReady: true, deaths: 0 },
    // Only content is asked for.
    logs: { remote: { ask, tell: () => undefined } } as unknown as LogHost,
  } satisfies QueueDeskParts);
  const long = desk.content(sampleMessage(1, { contentBytes: CONTENT_CHUNK_BYTES + 1 }));
  assert.equal((await long.read(0))?.byteLength, CONTENT_CHUNK_BYTES);
  await assert.rejects(long.read(1), /has left the queue meanwhile/);
  const whole = desk.content(sampleMessage(1, { contentBytes: CONTENT_CHUNK_BYTES }));
  assert.equal(await whole.read(1), undefined);
});

test("a message that goes from memory to the store meanwhile is in its queue", async () => {
  const key = {
    deliveryType: "DnsConnectorDelivery",
    nextHopDomain: "a.test",
    nextHopConnector: "",
  };
  const recipient = JSON.stringify(sampleRecipient(0));
  const rows = (place: readonly [queueId: number, dueMs: number]) => [
    {
      head: JSON.stringify(sampleMessage(1)),
      edits: null,
      recipients: [[...place, recipient]],
      recipientCount: 1,
    },
  ];
  const readings = [rows([SUBMISSION_QUEUE_ID, LEASED_DUE_MS]), rows([7, 5_000])];
  const messages = { High: 0, Normal: 1, Low: 0 };
  const view = { id: 7, key, status: "Retry", messages, state: HEALTHY };
  const thread = {
    ask: async (name: string) =>
      name === "queueViews" ? [{ ...view, incomingRate: 0, outgoingRate: 0 }] : [],
  };
  const ask = async (name: string) => {
    if (name === "storedIds") return [1];
    return name === "storedMessages" ? (readings.shift() ?? assert.fail("asked too often")) : [];
  };
  const desk = createQueueDesk({
    clock: fakeClock(),
    diagnostics: silentDiagnostics,
    organization: () => assert.fail("nobody asks for it"),
    threadCount: 1,
    supervisor: { remotes: new Map([[0, thread]]), isReady: true, deaths: 0 },
    logs: { remote: { ask, tell: () => undefined } },
  } as unknown as QueueDeskParts);
  const { signal } = new AbortController();
  const places: unknown[] = [];
  for await (const page of desk.messages({ signal })) {
    places.push(...page.map(({ queue, status }) => [queue.id, status]));
  }
  assert.deepEqual(places, [[7, "Retry"]]);
});
