import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ACCESS_STORE_CONTRACT } from "./access-contract.ts";
import { MemoryAccessStore } from "./access-memory.ts";
import { AccessSqlite } from "./access-sqlite.ts";
import type { AccessStore } from "./access-store.ts";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
import { OrganizationSqlite } from "./organization-sqlite.ts";
import { StoreFailure } from "./queue-store.ts";
import { openDatabase, type SqliteDatabase } from "./sqlite-database.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-access-"));
const opened: SqliteDatabase[] = [];
after(() => {
  for (const database of opened) database.close();
  rmSync(directory, { recursive: true });
});

function openSqlite(): AccessSqlite {
  const path = join(directory, `${opened.length}.db`);
  const database = openDatabase(path, { name: "access", migrations: ORGANIZATION_MIGRATIONS });
  database.exec("PRAGMA synchronous=OFF");
  opened.push(database);
  return new AccessSqlite(database);
}

const BACKENDS: readonly (readonly [string, () => AccessStore])[] = [
  ["memory", () => new MemoryAccessStore()],
  ["sqlite", openSqlite],
];

for (const [backend, open] of BACKENDS) {
  for (const { promise, run } of ACCESS_STORE_CONTRACT) {
    test(`access store (${backend}): ${promise}`, () => run(open()));
  }
}

test("tokens outlive the process", async () => {
  const path = join(directory, "organization.db");
  const row = {
    name: "Monitor",
    digest: "d",
    roleGroups: [],
    cmdlets: ["get-queue"],
    createdBy: "root",
    createdMs: 1,
    expiresMs: 2,
    lastUsedMs: 0,
    lastUsedFrom: "",
  };
  const first = new OrganizationSqlite(path);
  await first.access.putToken(row);
  first.close();
  const second = new OrganizationSqlite(path);
  assert.deepEqual(await second.access.readTokens(), [row]);
  second.close();
  await assert.rejects(second.access.readTokens(), StoreFailure);
});
