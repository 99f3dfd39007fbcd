import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
import { OrganizationSqlite } from "./organization-sqlite.ts";
import { StoreFailure } from "./queue-store.ts";
import { CONTRACT_RECORDS_MAX, RECORD_STORE_CONTRACT } from "./record-contract.ts";
import { MemoryRecordStore } from "./record-memory.ts";
import { RecordSqlite } from "./record-sqlite.ts";
import type { RecordStore } from "./record-store.ts";
import { openDatabase, type SqliteDatabase } from "./sqlite-database.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-records-"));
const opened: SqliteDatabase[] = [];
after(() => {
  for (const database of opened) database.close();
  rmSync(directory, { recursive: true });
});

function openSqlite(): RecordSqlite {
  const path = join(directory, `${opened.length}.db`);
  const database = openDatabase(path, { name: "records", migrations: ORGANIZATION_MIGRATIONS });
  opened.push(database);
  return new RecordSqlite(database, CONTRACT_RECORDS_MAX);
}

const BACKENDS: readonly (readonly [string, () => RecordStore])[] = [
  ["memory", () => new MemoryRecordStore(CONTRACT_RECORDS_MAX)],
  ["sqlite", openSqlite],
];

for (const [backend, open] of BACKENDS) {
  for (const { promise, run } of RECORD_STORE_CONTRACT) {
    test(`record store (${backend}): ${promise}`, () => run(open()));
  }
}

const POLICY = { kind: "policy", key: "a.test", json: "{}", expiresMs: 5 };

test("records outlive the process, in a database that an older release has made too", async () => {
  const path = join(directory, "organization.db");
  const old = new DatabaseSync(path);
  old.exec(`${ORGANIZATION_MIGRATIONS[0]}; PRAGMA user_version=1`);
  old.close();
  const first = new OrganizationSqlite(path);
  await first.records.write([POLICY]);
  await first.change({});
  first.close();
  const second = new OrganizationSqlite(path);
  assert.deepEqual(await second.records.read("policy", "a.test"), POLICY);
  second.close();
  await assert.rejects(second.records.read("policy", "a.test"), StoreFailure);
  await assert.rejects(second.records.write([POLICY]), StoreFailure);
});
