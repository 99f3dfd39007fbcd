import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../mail/address.ts";
import {
  type NewMessage,
  type PlacedRecipient,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
  type QueueKey,
  type QueueStore,
} from "./queue-store.ts";
import { safetyNetContract } from "./safety-net-contract.ts";

const CONTOSO: QueueKey = {
  deliveryType: "DnsConnectorDelivery",
  nextHopDomain: "contoso.test",
  nextHopConnector: "Internet",
};
const LATER_MS = 9_000;

/** A message for tests of the store; recipients wait in Submission. */
export function sampleMessage(id: number, changes: Partial<QueuedMessage> = {}): QueuedMessage {
  return {
    id,
    networkMessageId: `network-${id}`,
    contentId: id,
    contentBytes: 4,
    envelope: {
      sender: "a@b.test" as Address,
      body: "7BIT",
      smtpUtf8: false,
      ret: undefined,
      envid: undefined,
    },
    edits: [],
    internetMessageId: `<${id}@b.test>`,
    subject: "Grüße",
    headerFrom: "a@b.test",
    receivedMs: 1_000,
    priority: "Normal",
    origin: {
      source: "SMTP",
      connector: "Default",
      clientAddress: "127.0.0.1",
      clientName: "b.test",
      serverAddress: "127.0.0.1",
      directionality: "Incoming",
    },
    ...changes,
  };
}

/** A recipient for tests of the store. */
export function sampleRecipient(
  position: number,
  changes: Partial<QueuedRecipient> = {},
): QueuedRecipient {
  return {
    position,
    address: `r${position}@contoso.test` as Address,
    originalRecipient: undefined,
    notify: undefined,
    attemptCount: 0,
    expiresMs: 5_000,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
    ...changes,
  };
}

function place(
  messageId: number,
  position: number,
  where: { queueId: number; dueMs: number },
): PlacedRecipient {
  return { messageId, recipient: sampleRecipient(position), placement: where };
}

function newMessage(id: number, recipientCount = 1): NewMessage {
  const recipients = Array.from({ length: recipientCount }, (_, index) =>
    place(id, index, { queueId: 0, dueMs: 0 }),
  );
  return { message: sampleMessage(id), recipients, content: [Buffer.from("text")], firstChunk: 0 };
}

type Contract = (name: string, run: (store: QueueStore) => Promise<void>) => void;

/** What every backend promises. `open` gives a fresh, empty store. */
export function queueStoreContract(backend: string, open: () => Promise<QueueStore>): void {
  const contract: Contract = (name, run) => {
    void test(`queue store, ${backend}: ${name}`, async () => run(await open()));
  };
  messagesContract(contract);
  queuesContract(contract);
  kindsContract(contract);
  pagesContract(contract);
  quarantineContract(contract);
  safetyNetContract(contract, sampleMessage);
  changesContract(contract);
}

function messagesContract(contract: Contract): void {
  contract("ids are never handed out twice", async (store) => {
    const first = await store.reserveIds(10);
    assert.equal(await store.reserveIds(5), first + 10);
    assert.equal(await store.reserveIds(1), first + 15);
  });

  contract("a message comes back as it was stored, with its content", async (store) => {
    await store.commit({ messages: [newMessage(7, 2)] });
    const [stored] = await store.readQueue(0, { dueMs: 0, limit: 10 });
    assert.deepEqual(stored?.message, JSON.parse(JSON.stringify(sampleMessage(7))));
    assert.deepEqual(
      stored?.recipients.map(({ recipient }) => recipient.address),
      ["r0@contoso.test", "r1@contoso.test"],
    );
    assert.deepEqual(Buffer.from((await store.readContent(7, 0)) ?? []), Buffer.from("text"));
    assert.equal(await store.readContent(7, 1), undefined);
  });

  contract("content goes with the last recipient of the last copy", async (store) => {
    const fork: NewMessage = {
      message: sampleMessage(8, { contentId: 7 }),
      recipients: [place(8, 0, { queueId: 0, dueMs: 0 })],
      content: [],
      firstChunk: 0,
    };
    await store.commit({ messages: [newMessage(7, 2)] });
    await store.commit({ messages: [fork], removeRecipients: [{ messageId: 7, position: 0 }] });
    assert.notEqual(await store.readMessage(7), undefined);
    await store.commit({ removeRecipients: [{ messageId: 7, position: 1 }] });
    assert.equal(await store.readMessage(7), undefined);
    assert.notEqual(await store.readContent(7, 0), undefined, "the fork still needs it");
    await store.commit({ removeRecipients: [{ messageId: 8, position: 0 }] });
    assert.equal(await store.readContent(7, 0), undefined);
  });

  contract("the original keeps content that a fork no longer needs", async (store) => {
    const fork = { ...newMessage(8), message: sampleMessage(8, { contentId: 7 }), content: [] };
    await store.commit({ messages: [newMessage(7), fork] });
    await store.commit({ removeRecipients: [{ messageId: 8, position: 0 }] });
    assert.notEqual(await store.readContent(7, 0), undefined);
  });

  contract("pieces stored ahead belong to the message that follows", async (store) => {
    await store.appendContent(9, 0, Buffer.from("one"));
    await store.appendContent(9, 1, Buffer.from("two"));
    await store.commit({
      messages: [{ ...newMessage(9), content: [Buffer.from("three")], firstChunk: 2 }],
    });
    assert.deepEqual(Buffer.from((await store.readContent(9, 1)) ?? []), Buffer.from("two"));
    assert.deepEqual(Buffer.from((await store.readContent(9, 2)) ?? []), Buffer.from("three"));
    await store.appendContent(10, 0, Buffer.from("never"));
    await store.discardContent(10);
    assert.equal(await store.readContent(10, 0), undefined);
  });
}

function queuesContract(contract: Contract): void {
  contract("a queue keeps its id, its key and its state", async (store) => {
    const queue = await store.openQueue(CONTOSO);
    assert.equal((await store.openQueue({ ...CONTOSO })).id, queue.id);
    const state = {
      ...queue.state,
      suspended: true,
      failureCount: 3,
      nextRetryMs: 77,
      lastError: "no",
    };
    await store.commit({ queueStates: [{ queueId: queue.id, state }] });
    assert.deepEqual((await store.openQueue(CONTOSO)).state, state);
    await store.removeQueue(queue.id);
    assert.equal((await store.listQueues()).length, 1, "a suspended queue stays");
    await store.commit({ queueStates: [{ queueId: queue.id, state: queue.state }] });
    await store.commit({
      messages: [newMessage(1)],
      putRecipients: [place(1, 0, { queueId: queue.id, dueMs: 5 })],
    });
    await store.removeQueue(queue.id);
    const [listed] = await store.listQueues();
    assert.equal(listed?.recipientCount, 1, "a queue with mail stays");
    await store.commit({ removeRecipients: [{ messageId: 1, position: 0 }] });
    await store.removeQueue(queue.id);
    assert.deepEqual(await store.listQueues(), []);
  });

  contract(
    "a queue that always exists has its own id, and a state once it is opened",
    async (store) => {
      const key = {
        deliveryType: "Undefined",
        nextHopDomain: "Submission",
        nextHopConnector: "",
      } as const;
      const queue = await store.openQueue(key);
      assert.equal(queue.id, 0);
      const state = { ...queue.state, suspended: true };
      await store.commit({ queueStates: [{ queueId: 0, state }], messages: [newMessage(1)] });
      const listed = await store.listQueues();
      assert.deepEqual(
        listed.map(({ id, recipientCount }) => ({ id, recipientCount })),
        [{ id: 0, recipientCount: 1 }],
      );
      assert.equal(listed[0]?.state.suspended, true);
      assert.equal((await store.openQueue(CONTOSO)).id, 1);
    },
  );
}

function kindsContract(contract: Contract): void {
  contract("mail with TLS-Required: No has a queue beside the domain's other", async (store) => {
    const usual = await store.openQueue(CONTOSO);
    const other = await store.openQueue({ ...CONTOSO, tlsNotRequired: true });
    assert.notEqual(other.id, usual.id);
    assert.deepEqual(other.key, { ...CONTOSO, tlsNotRequired: true });
    assert.equal((await store.openQueue({ tlsNotRequired: true, ...CONTOSO })).id, other.id);
    assert.deepEqual((await store.openQueue(CONTOSO)).key, CONTOSO);
  });
}

function pagesContract(contract: Contract): void {
  contract("a page holds what is due, in order, after the cursor", async (store) => {
    const { id: queueId } = await store.openQueue(CONTOSO);
    for (const id of [1, 2, 3, 4]) {
      await store.commit({
        messages: [newMessage(id)],
        putRecipients: [place(id, 0, { queueId, dueMs: id === 4 ? LATER_MS : 100 - id })],
      });
    }
    const first = await store.readQueue(queueId, { dueMs: 100, limit: 2 });
    assert.deepEqual(
      first.map(({ message }) => message.id),
      [3, 2],
    );
    const after = { dueMs: 98, messageId: 2, position: 0 };
    const second = await store.readQueue(queueId, { dueMs: 100, limit: 2, after });
    assert.deepEqual(
      second.map(({ message }) => message.id),
      [1],
    );
    assert.equal(await store.nextDueMs(queueId, 100), LATER_MS);
    assert.equal(await store.nextDueMs(queueId, LATER_MS), undefined);
  });

  contract("notices are due in delivery queues and Unreachable only", async (store) => {
    const { id: queueId } = await store.openQueue(CONTOSO);
    for (const [id, where] of [
      [1, queueId],
      [2, -1],
      [3, -2],
      [4, 0],
    ] as const) {
      const placed = place(id, 0, { queueId: where, dueMs: LATER_MS });
      await store.commit({ messages: [{ ...newMessage(id), recipients: [placed] }] });
    }
    const due = await store.readNotices({ dueMs: 5_000, limit: 10 });
    assert.deepEqual(due.map(({ message }) => message.id).sort(), [1, 2]);
    assert.deepEqual(await store.readNotices({ dueMs: 4_999, limit: 10 }), []);
    const noticed = sampleRecipient(0, { delayNoticeMs: 4_000 });
    await store.commit({
      putRecipients: [{ messageId: 1, recipient: noticed, placement: { queueId, dueMs: 1 } }],
    });
    assert.equal((await store.readNotices({ dueMs: 4_000, limit: 10 })).length, 1);
    await store.commit({
      putRecipients: [{ messageId: 1, recipient: noticed, placement: { queueId, dueMs: 0 } }],
    });
    assert.deepEqual(await store.readNotices({ dueMs: 4_000, limit: 10 }), [], "one in hand");
    const held = { ...noticed, suspended: true };
    await store.commit({
      putRecipients: [{ messageId: 1, recipient: held, placement: { queueId, dueMs: 1 } }],
    });
    const due2 = await store.readNotices({ dueMs: 5_000, limit: 10 });
    assert.deepEqual(
      due2.map(({ message }) => message.id),
      [2],
      "one that an administrator holds",
    );
  });
}

function quarantineContract(contract: Contract): void {
  contract("the quarantine is read by when it expires, and gives no notices", async (store) => {
    const queueId = QUARANTINE_QUEUE_ID;
    const quarantine = { type: "Spam", agent: "A", reason: "R", sinceMs: 7 } as const;
    for (const [id, dueMs] of [
      [1, 300],
      [2, 100],
      [3, 200],
    ] as const) {
      const message = sampleMessage(id, { quarantine });
      const recipients = [place(id, 0, { queueId, dueMs }), place(id, 1, { queueId, dueMs })];
      await store.commit({ messages: [{ ...newMessage(id), message, recipients }] });
    }
    const due = await store.readQueue(queueId, { dueMs: 200, limit: 10 });
    assert.deepEqual(
      due.map(({ message }) => [message.id, message.quarantine]),
      [
        [2, quarantine],
        [3, quarantine],
      ],
    );
    assert.deepEqual(await store.readNotices({ dueMs: LATER_MS, limit: 10 }), []);
    const [listed] = await store.listQueues();
    assert.deepEqual([listed?.id, listed?.recipientCount], [queueId, 6]);
    const fork = { ...newMessage(9), message: sampleMessage(9, { contentId: 2 }), content: [] };
    const removeRecipients = [0, 1].map((position) => ({ messageId: 2, position }));
    await store.commit({ messages: [fork], removeRecipients });
    assert.equal(await store.readMessage(2), undefined);
    assert.notEqual(await store.readContent(2, 0), undefined, "the released copy needs it");
  });
}

function changesContract(contract: Contract): void {
  contract("header edits replace those stored with the message", async (store) => {
    await store.commit({ messages: [newMessage(1)] });
    const edits = [{ kind: "remove", name: "X-Test" }] as const;
    await store.commit({ edits: [{ messageId: 1, edits }] });
    assert.deepEqual((await store.readMessage(1))?.message.edits, edits);
  });

  contract("crashes are counted per message", async (store) => {
    await store.commit({ messages: [newMessage(1)] });
    assert.deepEqual(await store.recordCrash([1, 99]), [{ messageId: 1, count: 1 }]);
    assert.deepEqual(await store.recordCrash([1]), [{ messageId: 1, count: 2 }]);
  });

  contract("a call that fails leaves nothing", async (store) => {
    await store.commit({ messages: [newMessage(1)] });
    const both = { messages: [newMessage(2), newMessage(1)] };
    const other = store.commit({ messages: [newMessage(3)] });
    await assert.rejects(store.commit(both));
    await other;
    assert.equal(await store.readMessage(2), undefined);
    assert.notEqual(await store.readMessage(3), undefined, "its neighbour in the group is stored");
  });
}
