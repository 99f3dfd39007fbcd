import assert from "node:assert/strict";
import type { Address } from "../mail/address.ts";
import type {
  NewMessage,
  QueuedMessage,
  QueuedRecipient,
  QueueStore,
  SafetyNetPage,
} from "./queue-store.ts";

type Contract = (title: string, run: (store: QueueStore) => Promise<void>) => void;

const ALL: SafetyNetPage = { fromMs: 0, untilMs: 10_000, request: 1, limit: 100 };

/** What every queue store does for the Safety Net. */
export function safetyNetContract(contract: Contract, sample: (id: number) => QueuedMessage): void {
  const message = (id: number, recipients: number, contentId = id): NewMessage => ({
    message: { ...sample(id), contentId },
    recipients: Array.from({ length: recipients }, (_, position) => ({
      messageId: id,
      recipient: recipient(position),
      placement: { queueId: 0, dueMs: 0 },
    })),
    content: contentId === id ? [Buffer.from(`content ${id}`)] : [],
    firstChunk: 0,
  });
  const keep = (store: QueueStore, messageId: number, position: number, keptMs: number) => {
    const keeping = { keptMs, destination: "x.test" };
    return store.commit({ removeRecipients: [{ messageId, position, keeping }] });
  };

  contract("a kept recipient waits nowhere, and its message and content stay", async (store) => {
    await store.commit({ messages: [message(1, 2)] });
    await keep(store, 1, 0, 500);
    const left = await store.readMessage(1);
    assert.deepEqual(
      left?.recipients.map((placed) => placed.recipient.position),
      [1],
    );
    await keep(store, 1, 1, 400);
    assert.equal(await store.readMessage(1), undefined);
    assert.notEqual(await store.readContent(1, 0), undefined);
    assert.deepEqual(await store.listQueues(), []);
    const kept = await store.readSafetyNet(ALL);
    assert.deepEqual(
      kept.map((one) => [one.message.id, one.recipient.position, one.keptMs, one.destination]),
      [
        [1, 1, 400, "x.test"],
        [1, 0, 500, "x.test"],
      ],
    );
  });

  contract("it is read by time and page, without what a request has sent", async (store) => {
    for (const id of [1, 2, 3, 4]) {
      await store.commit({ messages: [message(id, 1)] });
      await keep(store, id, 0, id * 100);
    }
    const idsOf = async (page: Partial<SafetyNetPage>) =>
      (await store.readSafetyNet({ ...ALL, ...page })).map((one) => one.message.id);
    assert.deepEqual(await idsOf({ fromMs: 200, untilMs: 400 }), [2, 3]);
    assert.deepEqual(await idsOf({ limit: 3 }), [1, 2, 3]);
    const after = { keptMs: 200, messageId: 2, position: 0 };
    assert.deepEqual(await idsOf({ after }), [3, 4]);
    await store.commit({ resubmitted: [{ messageId: 3, position: 0, request: 1 }] });
    assert.deepEqual(await idsOf({}), [1, 2, 4]);
    assert.deepEqual(await idsOf({ request: 2 }), [1, 2, 3, 4]);
  });
  expiryContract(contract, { message, keep });
}

function expiryContract(
  contract: Contract,
  {
    message,
    keep,
  }: {
    readonly message: (id: number, recipients: number, contentId?: number) => NewMessage;
    readonly keep: (
      store: QueueStore,
      messageId: number,
      position: number,
      keptMs: number,
    ) => Promise<void>;
  },
): void {
  contract("what expires goes oldest first, a message with its last recipient", async (store) => {
    await store.commit({ messages: [message(1, 2), message(2, 1, 1), message(3, 1)] });
    await keep(store, 1, 0, 100);
    await keep(store, 1, 1, 300);
    await keep(store, 2, 0, 200);
    assert.equal(await store.expireSafetyNet({ keptUntilMs: 250, limit: 1 }), 1);
    assert.equal(await store.expireSafetyNet({ keptUntilMs: 250, limit: 9 }), 1);
    assert.equal(await store.expireSafetyNet({ keptUntilMs: 250, limit: 9 }), 0);
    assert.notEqual(await store.readContent(1, 0), undefined);
    assert.equal((await store.readSafetyNet(ALL)).length, 1);
    assert.equal(await store.expireSafetyNet({ keptUntilMs: 300, limit: 9 }), 1);
    assert.equal(await store.readContent(1, 0), undefined);
    assert.notEqual(await store.readMessage(3), undefined);
  });

  contract("what still waits keeps its message when the rest expires", async (store) => {
    await store.commit({ messages: [message(1, 2)] });
    await keep(store, 1, 0, 100);
    assert.equal(await store.expireSafetyNet({ keptUntilMs: 100, limit: 9 }), 1);
    assert.equal((await store.readMessage(1))?.recipients.length, 1);
    await store.commit({ removeRecipients: [{ messageId: 1, position: 1 }] });
    assert.equal(await store.readContent(1, 0), undefined);
  });
}

function recipient(position: number): QueuedRecipient {
  return {
    position,
    address: `r${position}@x.test` as Address,
    originalRecipient: undefined,
    notify: undefined,
    attemptCount: 0,
    expiresMs: 9_000,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
  };
}
