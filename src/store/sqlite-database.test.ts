import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase } from "./sqlite-database.ts";

const PLAN = {
  name: "sample",
  migrations: ["CREATE TABLE a (b TEXT)"],
  readers: "thread",
} as const;

/** Files that others than their owner may do something with. */
function openFiles(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);
}

test("no file of a database is for anybody but its owner, wherever it lies", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "postrider-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const before = process.umask(0o022);
  t.after(() => process.umask(before));
  const path = join(folder, "sample.db");
  const made = openDatabase(path, PLAN);
  made.exec("INSERT INTO a VALUES ('secret')");
  assert.deepEqual(openFiles(folder), []);
  assert.ok(readdirSync(folder).length >= 4, "log and lock among them");
  assert.ok(!readdirSync(folder).includes("sample.db-shm"), "threads share memory, not a file");
  made.close();
  // One of an older release.
  chmodSync(path, 0o644);
  const again = openDatabase(path, PLAN);
  again.exec("INSERT INTO a VALUES ('secret')");
  assert.deepEqual(openFiles(folder), []);
  assert.throws(() => openDatabase(path, PLAN), /in use|another/i);
  again.close();
});
