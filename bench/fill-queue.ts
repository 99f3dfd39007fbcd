// A process of its own: multiplies the only message of a queue, as it stands in the store, until
// the queue holds a number of them. Half wait for their queue, half for a time of their own.
//   node fill-queue.ts SOURCE-TREE DATA-FOLDER COUNT
import { join } from "node:path";
import type * as Rows from "../src/store/queue-rows.ts";
import type * as Sqlite from "../src/store/queue-sqlite.ts";
import type { NewMessage, StoredMessage } from "../src/store/queue-store.ts";

const PER_COMMIT = 2_000;
const CONTENT = Buffer.from(`Subject: deferred\r\n\r\n${`${"x".repeat(76)}\r\n`.repeat(12)}`);
const HOUR_MS = 3_600_000;

const [root = "", dataFolder = "", countText = ""] = process.argv.slice(2);
// The tree under measurement brings its own store: its form may differ from ours.
const sqlite: typeof Sqlite = await import(join(root, "src/store/queue-sqlite.ts"));
const rows: typeof Rows = await import(join(root, "src/store/queue-rows.ts"));
const store = new sqlite.QueueSqlite(join(dataFolder, "queue.db"));

function findTemplate(): StoredMessage {
  for (const { id } of store.listQueues()) {
    const page = { dueMs: Number.MAX_SAFE_INTEGER, limit: 1 };
    const [message] = id > 0 ? rows.decodeRows(store.readQueue(id, page)) : [];
    if (message !== undefined) return message;
  }
  throw new Error("no delivery queue holds a message");
}

function copy(template: StoredMessage, id: number): NewMessage {
  const dueMs = Date.now() + HOUR_MS + id;
  return {
    message: {
      ...template.message,
      id,
      contentId: id,
      contentBytes: CONTENT.length,
      networkMessageId: crypto.randomUUID(),
      internetMessageId: `<${id}@bench.test>`,
    },
    recipients: template.recipients.map(({ recipient, placement }) => ({
      messageId: id,
      recipient,
      placement: id % 2 === 0 ? placement : { queueId: placement.queueId, dueMs },
    })),
    content: [CONTENT],
    firstChunk: 0,
  };
}

const template = findTemplate();
const count = Number(countText);
for (let done = 0; done < count; done += PER_COMMIT) {
  const size = Math.min(PER_COMMIT, count - done);
  store.begin();
  const firstId = store.reserveIds(size);
  const messages = Array.from({ length: size }, (_, at) => copy(template, firstId + at));
  store.applyChange(rows.encodeChange({ messages }));
  store.commit();
}
store.close();
