import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { FIXED_QUEUES, HEALTHY } from "../../store/queue-rows.ts";
import { DUE_NOW_MS, HELD_DUE_MS, LEASED_DUE_MS, type QueueKey } from "../../store/queue-store.ts";
import { formatQueueKey } from "./queue-key.ts";
import { type LocationState, locateMessage, mergeQueues } from "./queue-listing.ts";
import { type QueueView, SUBMISSION_KEY } from "./queue-views.ts";

const KEY: QueueKey = {
  deliveryType: "DnsConnectorDelivery",
  nextHopDomain: "a.test",
  nextHopConnector: "Out",
};
const NOW_MS = 1_000_000;

function view(id: number, changes: Partial<QueueView> = {}): QueueView {
  return {
    id,
    key: FIXED_QUEUES.find((fixed) => fixed.id === id)?.key ?? KEY,
    status: "Ready",
    messages: { High: 0, Normal: 0, Low: 0 },
    state: HEALTHY,
    incomingRate: 0,
    outgoingRate: 0,
    ...changes,
  };
}

test("queues are what all threads have of them, and what waits in the store", () => {
  const merged = mergeQueues(
    [
      view(0, { messages: { High: 0, Normal: 2, Low: 0 } }),
      view(0, { messages: { High: 1, Normal: 3, Low: 0 } }),
      view(7, { messages: { High: 0, Normal: 1, Low: 0 } }),
      view(-1),
      view(-2),
    ],
    [
      { queueId: 7, priority: 1, messages: 10, deferred: 4 },
      { queueId: 7, priority: 0, messages: 1, deferred: 1 },
      { queueId: -2, priority: 1, messages: 1, deferred: 0 },
      { queueId: 99, priority: 1, messages: 1, deferred: 0 },
    ],
  );
  assert.deepEqual(
    merged.map(({ id, messages, deferred }) => ({ id, messages, deferred })),
    [
      {
        id: -2,
        messages: { High: 0, Normal: 1, Low: 0 },
        deferred: { High: 0, Normal: 0, Low: 0 },
      },
      { id: 0, messages: { High: 1, Normal: 5, Low: 0 }, deferred: { High: 0, Normal: 0, Low: 0 } },
      {
        id: 7,
        messages: { High: 0, Normal: 11, Low: 1 },
        deferred: { High: 0, Normal: 4, Low: 1 },
      },
    ],
  );
});

const STATE: LocationState = {
  whereabouts: new Map([[1, [{ messageId: 1, key: KEY, positions: [0], status: "Active" }]]]),
  queues: new Map([[7, { key: KEY, status: "Retry" }]]),
  idOf: new Map([
    [formatQueueKey(KEY), 7],
    [formatQueueKey(SUBMISSION_KEY), 0],
  ]),
  nowMs: NOW_MS,
};

for (const [why, queueId, dueMs, suspended, queue, status] of [
  ["in memory, wherever its row says", 0, LEASED_DUE_MS, false, 7, "Active"],
  ["parked in a queue that waits for its retry", 7, DUE_NOW_MS, false, 7, "Retry"],
  ["deferred", 7, NOW_MS + 1, false, 7, "Retry"],
  ["suspended", 7, HELD_DUE_MS, true, 7, "Suspended"],
  ["put off by the categorizer", 0, NOW_MS + 1, false, 0, "Retry"],
  ["unreachable", -1, DUE_NOW_MS, false, -1, "Ready"],
  ["in Poison", -2, DUE_NOW_MS, false, -2, "Suspended"],
] as const) {
  test(`a message is located: ${why}`, () => {
    const recipients = [{ recipient: sampleRecipient(0, { suspended }), queueId, dueMs }];
    const read = { message: sampleMessage(1), recipients, recipientCount: 1 };
    const [located] = locateMessage(read, STATE);
    assert.equal(located?.status, status);
    assert.equal(located?.queue.id, queue);
  });
}

test("a message in two queues is in each with its own recipients", () => {
  const recipients = [
    { recipient: sampleRecipient(0), queueId: 7, dueMs: DUE_NOW_MS },
    { recipient: sampleRecipient(1), queueId: 0, dueMs: LEASED_DUE_MS },
    { recipient: sampleRecipient(2), queueId: 99, dueMs: DUE_NOW_MS },
  ];
  const located = locateMessage(
    { message: sampleMessage(2), recipients, recipientCount: 3 },
    STATE,
  );
  assert.deepEqual(
    located.map(({ queue, recipients: own }) => [
      queue.id,
      own.map(({ recipient }) => recipient.position),
    ]),
    [
      [7, [0]],
      [0, [1]],
    ],
  );
});
