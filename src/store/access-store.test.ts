import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ACCESS_STORE_CONTRACT } from "./access-contract.ts";
import { MemoryAccessStore } from "./access-memory.ts";
import { AccessSqlite } from "./access-sqlite.ts";
import type { AccessStore, AuditPage, AuditReading } from "./access-store.ts";
import { AuditReader } from "./audit-reader.ts";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
import { OrganizationSqlite } from "./organization-sqlite.ts";
import { StoreFailure } from "./queue-store.ts";
import { openDatabase } from "./sqlite-database.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-access-"));
const opened: { close(): void }[] = [];
after(() => {
  for (const database of opened) database.close();
  rmSync(directory, { recursive: true });
});

function openSqlite(): AccessStore & AuditReading {
  const path = join(directory, `${opened.length}.db`);
  const plan = { name: "access", migrations: ORGANIZATION_MIGRATIONS, readers: "process" } as const;
  const database = openDatabase(path, plan);
  database.exec("PRAGMA synchronous=OFF");
  opened.push(database);
  const reader = new AuditReader(path);
  opened.push(reader);
  return Object.assign(new AccessSqlite(database), {
    readAudit: (page: AuditPage) => reader.readAudit(page),
  });
}

const BACKENDS: readonly (readonly [string, () => AccessStore & AuditReading])[] = [
  ["memory", () => new MemoryAccessStore()],
  ["sqlite", openSqlite],
];

for (const [backend, open] of BACKENDS) {
  for (const { promise, run } of ACCESS_STORE_CONTRACT) {
    test(`access store (${backend}): ${promise}`, () => run(open()));
  }
}

test("a look for what is not there ends after some entries, and says where to go on", async () => {
  const store = openSqlite();
  const entry = {
    ...{ caller: "alice", via: "session", address: "", cmdlet: "Set-X", object: "", error: "" },
    ...{ parameters: "{}", succeeded: true, changes: "[]" },
  };
  for (let atMs = 1; atMs <= 2_500; atMs += 1) await store.addAudit({ ...entry, atMs });
  const page = { fromMs: 0, toMs: 2, limit: 200 };
  const first = await store.readAudit({ ...page, beforeId: 10_000 });
  assert.deepEqual(first, { rows: [], examinedCount: 2_000, next: 501 });
  const second = await store.readAudit({ ...page, beforeId: 501 });
  assert.deepEqual([second.rows.length, second.examinedCount, second.next], [1, 500, undefined]);
});

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
