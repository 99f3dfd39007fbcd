import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { AccessSqlite } from "./access-sqlite.ts";
import type { AuditRow } from "./access-store.ts";
import { AuditReader } from "./audit-reader.ts";
import { copyDatabase, keepAudit } from "./database-copy.ts";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
import { openDatabase } from "./sqlite-database.ts";

function entry(atMs: number): AuditRow {
  const texts = { caller: "alice", via: "session", address: "", cmdlet: "Set-X", object: "" };
  return { ...texts, atMs, parameters: "{}", succeeded: true, error: "", changes: "[]" };
}

function openAudit(path: string) {
  const plan = { name: "organization", migrations: ORGANIZATION_MIGRATIONS, readers: "process" };
  const database = openDatabase(path, { ...plan, readers: "process" });
  const access = new AccessSqlite(database);
  const reader = new AuditReader(path);
  const page = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, beforeId: 1000, limit: 100 };
  return {
    add: (atMs: number) => access.addAudit(entry(atMs)),
    times: async () => (await reader.readAudit(page)).rows.map(({ atMs }) => atMs),
    close() {
      reader.close();
      database.close();
    },
  };
}

function temporary(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "postrider-copy-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return { present: join(folder, "organization.db"), copy: join(folder, "copy.db") };
}

test("a restored audit log goes on with what happened since the backup, once", async (t) => {
  const { present, copy } = temporary(t);
  const now = openAudit(present);
  for (const atMs of [1, 2, 2]) await now.add(atMs);
  copyDatabase(present, copy, "organization.db");
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  for (const atMs of [3, 4]) await now.add(atMs);
  now.close();
  assert.equal(keepAudit(present, copy), 2);
  assert.equal(keepAudit(present, copy), 0);
  const restored = openAudit(copy);
  assert.deepEqual(await restored.times(), [4, 3, 2, 2, 1]);
  restored.close();
});

test("a database that is none is an error and changes nothing", async (t) => {
  const { present, copy } = temporary(t);
  const audit = openAudit(copy);
  await audit.add(1);
  audit.close();
  writeFileSync(present, "x".repeat(10_000));
  assert.throws(() => keepAudit(present, copy), { name: "StoreFailure" });
});

test("a copy is never readable by others, also while it is made", (t) => {
  const { present, copy } = temporary(t);
  openAudit(present).close();
  writeFileSync(copy, "somebody's");
  assert.throws(() => copyDatabase(present, copy, "organization.db"), /EEXIST/);
});
