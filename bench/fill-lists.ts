// A process of its own: multiplies the only message in quarantine, as it stands in the store, and
// writes as many entries into the audit log.
//   node fill-lists.ts SOURCE-TREE DATA-FOLDER COUNT
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type * as Rows from "../src/store/queue-rows.ts";
import type * as Sqlite from "../src/store/queue-sqlite.ts";
import type { NewMessage, StoredMessage } from "../src/store/queue-store.ts";

const PER_COMMIT = 2_000;
const CONTENT = Buffer.from(`Subject: kept\r\n\r\n${"x".repeat(76)}\r\n`);
const QUARANTINE = -3;
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** Neighbours are not alike, so that sorting has something to do. */
const FACTOR = 7_919;

const [root = "", dataFolder = "", countText = ""] = process.argv.slice(2);
const count = Number(countText);

function copy(template: StoredMessage, id: number): NewMessage {
  const dueMs = Date.now() + 15 * DAY_MS + id;
  return {
    message: {
      ...template.message,
      ...{ id, contentId: id, contentBytes: CONTENT.length + ((id * FACTOR) % 5_000) },
      ...{ networkMessageId: crypto.randomUUID(), internetMessageId: `<${id}@bench.test>` },
      subject: `Offer number ${(id * FACTOR) % 100_003}`,
    },
    recipients: template.recipients.map(({ recipient }) => ({
      messageId: id,
      recipient,
      placement: { queueId: QUARANTINE, dueMs },
    })),
    content: [CONTENT],
    firstChunk: 0,
  };
}

async function fillQuarantine(): Promise<void> {
  // The tree under measurement brings its own store: its form may differ from ours.
  const sqlite: typeof Sqlite = await import(join(root, "src/store/queue-sqlite.ts"));
  const rows: typeof Rows = await import(join(root, "src/store/queue-rows.ts"));
  const store = new sqlite.QueueSqlite(join(dataFolder, "queue.db"));
  const page = { dueMs: Number.MAX_SAFE_INTEGER, limit: 1 };
  const [template] = rows.decodeRows(store.readQueue(QUARANTINE, page));
  if (template === undefined) throw new Error("nothing is in quarantine");
  for (let done = 0; done < count; done += PER_COMMIT) {
    const size = Math.min(PER_COMMIT, count - done);
    store.begin();
    const firstId = store.reserveIds(size);
    const messages = Array.from({ length: size }, (_, at) => copy(template, firstId + at));
    store.applyChange(rows.encodeChange({ messages }));
    store.commit();
  }
  store.close();
}

function fillAuditLog(): void {
  const database = new DatabaseSync(join(dataFolder, "organization.db"));
  database.exec("BEGIN");
  const insert = database.prepare("INSERT INTO audit VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const endMs = Date.now();
  for (let at = 0; at < count; at += 1) {
    const object = `SendConnector c${at % 5_000}`;
    const parameters = JSON.stringify({ Identity: object, Comment: "x".repeat(100) });
    const change = { object, before: { Enabled: true }, after: { Enabled: false } };
    insert.run(
      ...[endMs - (count - at) * MINUTE_MS, `admin${at % 20}`, "session", "192.0.2.7"],
      ...["Set-SendConnector", object, parameters, 1, "", JSON.stringify([change])],
    );
  }
  database.exec("COMMIT");
  database.close();
}

await fillQuarantine();
fillAuditLog();
