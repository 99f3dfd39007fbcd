import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { copyDatabase, KEPT_DATABASES } from "../store/database-copy.ts";
import { openFigureStore } from "../store/figure-sqlite.ts";
import { OrganizationSqlite } from "../store/organization-sqlite.ts";
import { sampleMessage, sampleRecipient } from "../store/queue-contract.ts";
import { encodeChange } from "../store/queue-rows.ts";
import { QueueSqlite } from "../store/queue-sqlite.ts";
import { checkBackupPath, restoreSteps, stageRestore, takeUpRestore } from "./restore.ts";

const clock = fakeClock();

function open(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "postrider-restore-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const parts = { clock, diagnostics: { info: say, warn: say, error: say } };
  return { folder, said, parts };
}

/** A data directory whose queue holds these messages. */
async function makeData(path: string, messageIds: readonly number[]): Promise<string> {
  await mkdir(join(path, "certificates"), { recursive: true });
  writeFileSync(join(path, "secret.key"), path);
  new OrganizationSqlite(join(path, "organization.db")).close();
  putFigures(path, { [`of ${messageIds.join()}`]: "1" });
  const queue = new QueueSqlite(join(path, "queue.db"));
  for (const id of messageIds) {
    const recipient = sampleRecipient(0);
    const placed = { messageId: id, recipient, placement: { queueId: 0, dueMs: 0 } };
    const content = [Buffer.from("x")];
    const messages = [{ message: sampleMessage(id), recipients: [placed], content, firstChunk: 0 }];
    queue.applyChange(encodeChange({ messages }));
  }
  queue.close();
  return path;
}

function putFigures(path: string, rows: Readonly<Record<string, string>>): void {
  const figures = openFigureStore(join(path, "figures.db"), assert.fail);
  const entries = Object.entries(rows).map(([series, json]) => ({ series, startMs: 0, json }));
  figures.write({ entries });
  figures.close();
}

function figureOf(path: string, series: string): string | undefined {
  const figures = openFigureStore(join(path, "figures.db"), assert.fail);
  const [entry] = figures.read({ series, fromMs: 0, toMs: 1 });
  figures.close();
  return entry?.json;
}

async function makeBackup(path: string, messageIds: readonly number[]): Promise<string> {
  const data = await makeData(`${path}-source`, messageIds);
  await mkdir(path);
  for (const name of KEPT_DATABASES) {
    copyDatabase(join(data, name), join(path, name), name);
  }
  writeFileSync(join(path, "secret.key"), "key of the backup");
  return path;
}

function idsIn(path: string): readonly number[] {
  const queue = new QueueSqlite(join(path, "queue.db"));
  const ids = queue.readQueue(0, { dueMs: 0, limit: 99 }).map(({ messageId }) => messageId);
  queue.close();
  return ids;
}

test("a restore that is broken off at any step is gone on with", async (t) => {
  let steps = Number.POSITIVE_INFINITY;
  for (let count = 0; count < steps; count += 1) {
    const { folder, parts } = open(t);
    const data = await makeData(join(folder, "data"), [1, 2]);
    for (const name of ["queue.db-wal", "organization.db-wal"]) {
      writeFileSync(join(data, name), "");
    }
    const backup = await makeBackup(join(folder, "backup"), [7]);
    await stageRestore(data, backup, "put-aside");
    let done = 0;
    for (const _step of restoreSteps(data, parts)) {
      if (done === count) break;
      done += 1;
    }
    if (done < count) steps = count;
    clock.advance(1_000);
    takeUpRestore(data, parts);
    assert.deepEqual(idsIn(data), [7], `after step ${count}`);
    const kept = readdirSync(data).filter((name) => name.startsWith("before-restore-"));
    assert.equal(kept.length, 1, `one folder after step ${count}`);
    const before = join(data, kept[0] ?? "");
    assert.ok(existsSync(join(before, "queue.db-wal")), "a database and its log stay together");
    assert.deepEqual(idsIn(before), [1, 2]);
    assert.equal(readFileSync(join(data, "secret.key"), "utf8"), "key of the backup");
    assert.equal(takeUpRestore(data, parts), false, "it is over");
  }
  assert.ok(steps > 10);
});

test("figures come back, those since the backup stay; damaged ones hinder nothing", async (t) => {
  const { folder, parts, said } = open(t);
  const data = await makeData(join(folder, "data"), []);
  const backup = await makeBackup(join(folder, "backup"), [7]);
  putFigures(data, { now: "5" });
  await stageRestore(data, backup, "put-aside");
  assert.equal(takeUpRestore(data, parts), true);
  assert.deepEqual([figureOf(data, "of 7"), figureOf(data, "now")], ["1", "5"]);
  writeFileSync(join(data, "figures.db"), "x".repeat(10_000));
  await stageRestore(data, backup, "put-aside");
  assert.equal(takeUpRestore(data, parts), true);
  assert.equal(figureOf(data, "of 7"), "1");
  assert.ok(said.includes("figures-not-carried-over"));
  // A backup of a release that left them out.
  rmSync(join(backup, "figures.db"));
  putFigures(data, { now: "6" });
  await stageRestore(data, backup, "put-aside");
  assert.equal(takeUpRestore(data, parts), true);
  assert.equal(figureOf(data, "now"), "6");
});

test("mail that has come in meanwhile is not put aside unasked", async (t) => {
  const { folder, parts, said } = open(t);
  const data = await makeData(join(folder, "data"), [1]);
  const backup = await makeBackup(join(folder, "backup"), [7]);
  await stageRestore(data, backup, "must-be-empty");
  assert.equal(takeUpRestore(data, parts), false);
  assert.deepEqual(said, ["restore-abandoned"]);
  assert.deepEqual(idsIn(data), [1]);
  assert.deepEqual(
    readdirSync(data).filter((name) => /restore/.test(name)),
    [],
  );
});

test("a server that still runs keeps a second one from taking its restore up", async (t) => {
  const { folder, parts } = open(t);
  const data = await makeData(join(folder, "data"), []);
  const backup = await makeBackup(join(folder, "backup"), [7]);
  await mkdir(join(data, "restore"));
  const running = new QueueSqlite(join(data, "queue.db"));
  assert.throws(() => takeUpRestore(data, parts), /another Postrider runs/);
  assert.ok(existsSync(join(data, "restore")), "what it is copying there stays");
  await stageRestore(data, backup, "put-aside");
  assert.throws(() => takeUpRestore(data, parts), /another Postrider runs/);
  running.close();
  assert.equal(takeUpRestore(data, parts), true);
});

test("a restore that cannot be copied leaves nothing; no backup lies where they are", async (t) => {
  const { folder } = open(t);
  const data = await makeData(join(folder, "data"), []);
  await assert.rejects(stageRestore(data, join(folder, "none"), "put-aside"), /ENOENT/);
  assert.ok(!existsSync(join(data, "restore")));
  for (const name of ["restore", "restore/monday"]) {
    assert.throws(() => checkBackupPath(data, join(data, name)), /restores are prepared/);
  }
  checkBackupPath(data, join(data, "restored"));
  checkBackupPath(data, join(folder, "monday"));
});
