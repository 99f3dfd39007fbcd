import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { sampleMessage, sampleRecipient } from "./queue-contract.ts";
import { QUEUE_MIGRATIONS } from "./queue-migrations.ts";
import { QueueSqlite } from "./queue-sqlite.ts";

const MESSAGES = 5_000;
const PRIORITIES = ["Normal", "Normal", "High", "Low", undefined] as const;

/** A queue of the first release, killed with most of it in the write-ahead log only. */
function makeFirstRelease(folder: string): string {
  const path = join(folder, "old.db");
  const old = new DatabaseSync(path);
  old.exec(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=16384; PRAGMA journal_mode=WAL;
    BEGIN; ${QUEUE_MIGRATIONS[0]}; PRAGMA user_version=1; COMMIT;
    PRAGMA wal_autocheckpoint=0; BEGIN;`);
  const message = old.prepare("INSERT INTO message (id, content_id, head) VALUES (?, ?, ?)");
  const recipient = old.prepare("INSERT INTO recipient VALUES (?, 0, 0, 1, 0, ?)");
  const content = old.prepare("INSERT INTO content VALUES (?, ?)");
  for (let id = 1; id <= MESSAGES; id += 1) {
    const { priority: _usual, ...head } = sampleMessage(id);
    const priority = PRIORITIES[id % PRIORITIES.length];
    message.run(id, id, JSON.stringify(priority === undefined ? head : { ...head, priority }));
    recipient.run(id, JSON.stringify(sampleRecipient(0)));
    content.run(id * 16_384, Buffer.from(`text ${id}`));
  }
  old.exec("COMMIT");
  const killed = join(folder, "queue.db");
  for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, killed + suffix);
  old.close();
  return killed;
}

test("a full queue of the first release is taken over as it is, with its priorities", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-migration-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = makeFirstRelease(folder);
  for (let start = 0; start < 2; start += 1) {
    const queue = new QueueSqlite(path);
    assert.equal(queue.countRecipients(0), MESSAGES, `start ${start}`);
    const rows = queue.readQueue(0, { dueMs: 1, limit: MESSAGES });
    assert.equal(rows.length, MESSAGES);
    assert.equal(rows[6]?.messageId, 7);
    assert.equal(Buffer.from(queue.readContent(7, 0) ?? []).toString(), "text 7");
    queue.close();
  }
  const database = new DatabaseSync(path, { readOnly: true });
  const found = database
    .prepare("SELECT priority, count(*) AS n FROM message GROUP BY priority ORDER BY priority")
    .all()
    .map((row) => [row["priority"], row["n"]]);
  database.close();
  const fifth = MESSAGES / PRIORITIES.length;
  assert.deepEqual(found, [
    [0, fifth],
    [1, 3 * fifth],
    [2, fifth],
  ]);
});
