import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { EventJournal, type EventLog } from "./event-journal.ts";
import { GroupCommit } from "./group-commit.ts";
import { createQueueClient } from "./queue-client.ts";
import { queueStoreContract, sampleMessage, sampleRecipient } from "./queue-contract.ts";
import { MemoryQueueStore } from "./queue-memory.ts";
import { QueueSqlite } from "./queue-sqlite.ts";
import { type QueueStore, StoreFailure } from "./queue-store.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-store-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;

/** A log file in memory that can be made to fail. */
class MemoryLog implements EventLog {
  text = "";
  failing = false;
  writesLeft = Number.POSITIVE_INFINITY;
  locate() {
    return { file: "log", offset: this.text.length };
  }
  writeAt(_file: string, offset: number, bytes: Uint8Array) {
    this.writesLeft -= 1;
    if (this.failing || this.writesLeft < 0) throw new Error("no space on the log's disk");
    this.text = this.text.slice(0, offset) + Buffer.from(bytes).toString();
  }
  sync() {}
  prune() {}
  recover(entries: readonly { readonly offset: number; readonly text: string }[]) {
    for (const { offset, text } of entries) this.writeAt("log", offset, Buffer.from(text));
  }
}

function openSqlite(path: string, log = new MemoryLog(), clock = fakeClock()) {
  const queue = new QueueSqlite(path);
  const parts = { queue, clock, diagnostics: silentDiagnostics };
  const journal = new EventJournal({ ...parts, log });
  const metrics = { committed() {}, failed() {} };
  const group = new GroupCommit({ ...parts, journal, metrics });
  let scheduled = false;
  const store: QueueStore = createQueueClient(
    (request) =>
      new Promise((resolve, reject) => {
        group.add(request, (response) =>
          response instanceof StoreFailure ? reject(response) : resolve(response),
        );
        if (scheduled) return;
        scheduled = true;
        setImmediate(() => {
          scheduled = false;
          group.flush();
        });
      }),
  );
  return { store, queue, log, clock, group };
}

function freshPath(): string {
  files += 1;
  return join(directory, `queue-${files}.db`);
}

queueStoreContract("memory", async () => new MemoryQueueStore());
queueStoreContract("sqlite", async () => openSqlite(freshPath()).store);

test("content whose message never came is gone after a restart", async () => {
  const path = freshPath();
  const first = openSqlite(path);
  await first.store.appendContent(5, 0, Buffer.from("half"));
  first.queue.close();
  const second = openSqlite(path);
  assert.equal(await second.store.readContent(5, 0), undefined);
});

test("a second server on the same data directory is told so", () => {
  const path = freshPath();
  openSqlite(path);
  assert.throws(() => new QueueSqlite(path), /another Postrider runs on this data directory/);
});

test("a database of a newer release is refused by name", () => {
  const path = freshPath();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version=99");
  database.close();
  assert.throws(() => new QueueSqlite(path), /newer Postrider/);
});

test("tracking lines reach the log once each, in order, whatever the restarts", async () => {
  const path = freshPath();
  const log = new MemoryLog();
  const first = openSqlite(path, log);
  await first.store.commit({ events: "one\r\n" });
  log.failing = true;
  await first.store.commit({ events: "two\r\n" });
  await first.store.commit({ events: "three\r\n" });
  first.queue.close();
  log.failing = false;
  log.text = log.text.slice(0, 2); // a crash lost the tail of the file
  const second = openSqlite(path, log);
  assert.equal(log.text, "one\r\ntwo\r\nthree\r\n");
  await second.store.commit({ events: "four\r\n" });
  assert.equal(log.text, "one\r\ntwo\r\nthree\r\nfour\r\n");
});

test("a log that fails holds up no mail and catches up by itself", async () => {
  const log = new MemoryLog();
  const { store, clock } = openSqlite(freshPath(), log);
  log.failing = true;
  await store.commit({ events: "one\r\n" });
  await store.commit({ events: "two\r\n" });
  assert.equal(log.text, "");
  log.failing = false;
  clock.advance(2_000);
  await store.commit({ events: "three\r\n" });
  clock.advance(2_000);
  await store.commit({});
  assert.equal(log.text, "one\r\ntwo\r\nthree\r\n");
});

test("five hundred messages leave an empty database", async () => {
  const { store } = openSqlite(freshPath());
  const count = 500;
  for (let id = 1; id <= count; id += 1) {
    const recipient = {
      messageId: id,
      recipient: sampleRecipient(0),
      placement: { queueId: 0, dueMs: 0 },
    };
    await store.commit({
      messages: [
        {
          message: sampleMessage(id),
          recipients: [recipient],
          content: [Buffer.alloc(9)],
          firstChunk: 0,
        },
      ],
    });
    await store.commit({ removeRecipients: [{ messageId: id, position: 0 }] });
  }
  assert.deepEqual(await store.listQueues(), []);
  assert.equal(await store.readContent(count, 0), undefined);
});

test("lines that the log missed are caught up, each once, wherever that breaks off", async () => {
  const lines = Array.from({ length: 1_700 }, (_, index) => `line ${index}\r\n`);
  for (const writes of [0, 1, 499, 500, 501, 1_300, 2_000, 5_000]) {
    const path = freshPath();
    const log = new MemoryLog();
    const { store, clock, queue } = openSqlite(path, log);
    for (const [index, events] of lines.entries()) {
      if (index === 100) log.failing = true;
      await store.commit({ events });
    }
    log.failing = false;
    log.writesLeft = writes;
    clock.advance(2_000);
    await store.commit({});
    log.writesLeft = Number.POSITIVE_INFINITY;
    queue.close();
    const again = openSqlite(path, log);
    await again.store.commit({ events: "last\r\n" });
    assert.equal(log.text, `${lines.join("")}last\r\n`, `${writes} writes`);
    again.queue.close();
  }
});
