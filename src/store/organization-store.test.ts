import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import type { Address } from "../mail/address.ts";
import { ORGANIZATION_STORE_CONTRACT, sampleMailbox } from "./organization-contract.ts";
import { MemoryOrganizationStore } from "./organization-memory.ts";
import { ORGANIZATION_MIGRATIONS } from "./organization-migrations.ts";
import { OrganizationSqlite } from "./organization-sqlite.ts";
import type { OrganizationStore } from "./organization-store.ts";
import { StoreFailure } from "./queue-store.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-organization-"));
const opened: OrganizationSqlite[] = [];
after(() => {
  for (const store of opened) store.close();
  rmSync(directory, { recursive: true });
});
let files = 0;

function freshPath(): string {
  files += 1;
  return join(directory, `organization-${files}.db`);
}

function openSqlite(path: string): OrganizationSqlite {
  const store = new OrganizationSqlite(path);
  opened.push(store);
  return store;
}

const BACKENDS: readonly (readonly [string, () => OrganizationStore])[] = [
  ["memory", () => new MemoryOrganizationStore()],
  ["sqlite", () => openSqlite(freshPath())],
];

for (const [backend, open] of BACKENDS) {
  for (const { promise, run } of ORGANIZATION_STORE_CONTRACT) {
    test(`organization store (${backend}): ${promise}`, () => run(open()));
  }
}

test("the organization outlives the process", async () => {
  const path = freshPath();
  const first = new OrganizationSqlite(path);
  const objects = [{ kind: "server", name: "", json: "{}" }];
  await first.change({ objects, recipients: [sampleMailbox("alice")] });
  first.close();
  const second = openSqlite(path);
  assert.deepEqual(await second.readObjects(), { version: 1, value: objects });
  const { value } = await second.findRecipients(["alice@contoso.test" as Address]);
  assert.equal(value[0]?.name, "alice");
});

test("a page of members is found by its offset, not by counting", () => {
  const path = freshPath();
  const store = new OrganizationSqlite(path);
  store.close();
  const database = new DatabaseSync(path);
  const plan = database
    .prepare(
      `EXPLAIN QUERY PLAN SELECT address FROM member WHERE recipient_id = 1 AND position >= 9
        ORDER BY position LIMIT 5`,
    )
    .all();
  database.close();
  assert.match(JSON.stringify(plan), /USING PRIMARY KEY \(recipient_id=\? AND position>\?\)/);
});

test("a database that fails says so and is not thought empty", async () => {
  const store = new OrganizationSqlite(freshPath());
  store.close();
  await assert.rejects(store.readObjects(), StoreFailure);
  await assert.rejects(store.findRecipients(["alice@contoso.test" as Address]), StoreFailure);
  await assert.rejects(store.change({}), StoreFailure);
});

test("what an older release has stored gives way to the next file, and is all there", async () => {
  const path = freshPath();
  const database = new DatabaseSync(path);
  const older = ORGANIZATION_MIGRATIONS.slice(0, 2);
  database.exec(`PRAGMA page_size=16384; ${older.join(";")}; PRAGMA user_version=2;
    UPDATE organization SET version = 7;
    INSERT INTO object VALUES ('sendConnector', 'out', 'Out', '{}');
    INSERT INTO recipient VALUES (1, 'mailbox', 'alice', 'alice', '{}', 0, 'digest');
    INSERT INTO address VALUES ('alice@contoso.test', 1);`);
  database.close();
  const store = openSqlite(path);
  const owner = "(first start)";
  const row = { kind: "sendConnector", name: "Out", json: "{}", owner };
  assert.deepEqual(await store.readObjects(), { version: 7, value: [row] });
  const { value } = await store.findRecipients(["alice@contoso.test" as Address]);
  assert.deepEqual(value, [{ kind: "mailbox", name: "alice", json: "{}", memberCount: 0, owner }]);
});
