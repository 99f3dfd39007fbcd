import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sampleMessage, sampleRecipient } from "./queue-contract.ts";
import { decodeMessageRows, type QuarantineCursor, QueueReader } from "./queue-reader.ts";
import { encodeChange } from "./queue-rows.ts";
import { QueueSqlite } from "./queue-sqlite.ts";
import {
  type Change,
  DUE_NOW_MS,
  HELD_DUE_MS,
  LEASED_DUE_MS,
  type PlacedRecipient,
  type Priority,
  QUARANTINE_QUEUE_ID,
} from "./queue-store.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-reader-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;

/** A store and a reader of the same file. */
function open(options: { readonly countRows?: number } = {}) {
  files += 1;
  const path = join(directory, `queue-${files}.db`);
  const store = new QueueSqlite(path);
  const reader = new QueueReader(path, options);
  const write = (change: Change) => {
    store.begin();
    store.applyChange(encodeChange(change));
    store.commit();
  };
  return { store, reader, write };
}

function stored(
  id: number,
  places: readonly (readonly [queueId: number, dueMs: number])[],
  priority: Priority = "Normal",
) {
  const recipients = places.map(
    ([queueId, dueMs], position): PlacedRecipient => ({
      messageId: id,
      recipient: sampleRecipient(position),
      placement: { queueId, dueMs },
    }),
  );
  const content = [Buffer.from("text")];
  return { message: sampleMessage(id, { priority }), recipients, content, firstChunk: 0 };
}

/** What JSON leaves of a value. */
function asStored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

test("what waits is counted once per queue, by priority, without what is in memory", async () => {
  const { reader, write } = open();
  write({
    messages: [
      stored(1, [[7, DUE_NOW_MS]]),
      stored(2, [
        [7, 5_000],
        [7, 6_000],
        [8, DUE_NOW_MS],
      ]),
      stored(3, [[7, LEASED_DUE_MS]]),
      stored(4, [[7, HELD_DUE_MS]], "High"),
      stored(
        5,
        [
          [7, LEASED_DUE_MS],
          [7, 9_000],
        ],
        "Low",
      ),
      stored(6, [[-1, DUE_NOW_MS]]),
    ],
  });
  assert.deepEqual(
    [...(await reader.count())].sort((a, b) => a.queueId - b.queueId || b.priority - a.priority),
    [
      { queueId: -1, priority: 1, messages: 1, deferred: 0 },
      { queueId: 7, priority: 2, messages: 1, deferred: 0 },
      { queueId: 7, priority: 1, messages: 2, deferred: 1 },
      { queueId: 7, priority: 0, messages: 1, deferred: 1 },
      { queueId: 8, priority: 1, messages: 1, deferred: 0 },
    ],
  );
});

test("the oldest message that waits: by id, without poison and quarantine, slice by slice", () => {
  const { reader, write } = open();
  assert.deepEqual(reader.oldest(0), {});
  const kept = Array.from({ length: 5_000 }, (_, index) => ({
    ...stored(index + 1, [[QUARANTINE_QUEUE_ID, HELD_DUE_MS]]),
    content: [],
  }));
  const waiting = stored(6_000, [[0, LEASED_DUE_MS]]);
  write({
    messages: [...kept, stored(5_500, [[-2, DUE_NOW_MS]]), waiting, stored(6_001, [[7, 9]])],
  });
  const { from } = reader.oldest(0);
  assert.equal(from, 5_001, "a slice has none: look on behind it");
  const { receivedMs } = waiting.message;
  assert.deepEqual(reader.oldest(from ?? 0), { receivedMs, from: 6_000 });
  assert.deepEqual(reader.oldest(6_002), {});
});

test("counting goes on over the end of a slice", async () => {
  const { reader, write } = open({ countRows: 100 });
  const messages = Array.from({ length: 451 }, (_, index) => ({
    ...stored(index + 1, [[index < 300 ? 3 : 4, 1_000 + (index % 7)]]),
    content: [],
  }));
  write({ messages });
  assert.deepEqual(await reader.count(), [
    { queueId: 3, priority: 1, messages: 300, deferred: 300 },
    { queueId: 4, priority: 1, messages: 151, deferred: 151 },
  ]);
});

test("messages are found page by page, and by queue as long as that is few", () => {
  const { reader, write } = open();
  write({
    messages: [3, 1, 2].map((id) =>
      stored(id, [
        [id, 50],
        [9, 60],
      ]),
    ),
  });
  assert.deepEqual(reader.messageIds({ after: 0, limit: 2 }), [1, 2]);
  assert.deepEqual(reader.messageIds({ after: 2, limit: 2 }), [3]);
  assert.deepEqual(reader.messageIdsOf({ queueId: 9, countMax: 3 }), [1, 2, 3]);
  assert.equal(reader.messageIdsOf({ queueId: 9, countMax: 2 }), undefined);
});

test("a message is read as it is stored, one that is done is left out", () => {
  const { reader, write } = open();
  write({ messages: [stored(1, [[7, 50]]), stored(2, [[7, 50]])] });
  write({
    removeRecipients: [{ messageId: 2, position: 0 }],
    edits: [{ messageId: 1, edits: [{ kind: "remove", name: "Bcc" }] }],
  });
  const read = reader.messages([2, 1]).map(decodeMessageRows);
  assert.equal(read.length, 1);
  assert.deepEqual(
    read[0]?.message,
    asStored(sampleMessage(1, { edits: [{ kind: "remove", name: "Bcc" }] })),
  );
  assert.deepEqual(read[0]?.recipients, [
    { recipient: asStored(sampleRecipient(0)), queueId: 7, dueMs: 50 },
  ]);
  assert.equal(Buffer.from(reader.content({ contentId: 1, index: 0 }) ?? []).toString(), "text");
  assert.equal(reader.content({ contentId: 1, index: 1 }), undefined);
});

test("of very many recipients the first ones are shown, and all are counted", () => {
  const { reader, write } = open();
  write({
    messages: [
      stored(
        1,
        Array.from({ length: 1_200 }, () => [7, 50] as const),
      ),
    ],
  });
  const [rows] = reader.messages([1]);
  assert.equal(rows?.recipients.length, 1_000);
  assert.equal(rows?.recipientCount, 1_200);
});

test("the writer goes on while a reader is in the middle of something", async () => {
  const { reader, write } = open();
  write({ messages: [stored(1, [[7, 50]])] });
  const counting = reader.count();
  write({ messages: [stored(2, [[7, 50]])] });
  await counting;
  assert.deepEqual(reader.messageIds({ after: 0, limit: 9 }), [1, 2]);
});

test("the quarantine is read page by page, what is kept longest first, without a sort", () => {
  const { store, reader, write } = open();
  const ids = Array.from({ length: 25 }, (_, at) => at + 1);
  for (const id of ids) {
    // Two expire at each time; the recipients of a message are there once.
    const dueMs = 1_000 + Math.floor(id / 2);
    const places = [QUARANTINE_QUEUE_ID, QUARANTINE_QUEUE_ID].map(
      (queue) => [queue, dueMs] as const,
    );
    write({ messages: [stored(id, id === 25 ? [...places, [7, 1]] : places)] });
  }
  write({ messages: [stored(99, [[7, 2_000]])] });
  const found: number[] = [];
  let pages = 0;
  for (let before: QuarantineCursor | undefined; ; ) {
    const page = reader.quarantined({ limit: 7, ...(before && { before }) });
    pages += 1;
    found.push(...page.messages.map((rows) => decodeMessageRows(rows).message.id));
    before = page.next;
    if (before === undefined) break;
  }
  assert.deepEqual(found, ids.toReversed());
  assert.equal(pages, 4);
  assert.deepEqual(reader.quarantined({ limit: 25 }).messages.length, 25);
  store.close();
  reader.close();
});

test("places are read page by page, of every recipient where it is", () => {
  const { reader, write } = open();
  const group = [
    [7, DUE_NOW_MS],
    [8, 5_000],
    [0, LEASED_DUE_MS],
  ] as const;
  write({ messages: [stored(1, group), stored(2, [[-1, DUE_NOW_MS]])] });
  const first = reader.places({ after: undefined, limit: 3 });
  assert.deepEqual([...first], [1, 0, 7, DUE_NOW_MS, 1, 1, 8, 5_000, 1, 2, 0, LEASED_DUE_MS]);
  const rest = reader.places({ after: { messageId: 1, position: 2 }, limit: 3 });
  assert.deepEqual([...rest], [2, 0, -1, DUE_NOW_MS]);
  assert.equal(reader.places({ after: { messageId: 2, position: 0 }, limit: 3 }).length, 0);
});
