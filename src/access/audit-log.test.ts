import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY, HOUR } from "../base/units.ts";
import type { AuditEntry } from "../cmdlet/execution.ts";
import { AUDIT_CHARACTERS_MAX } from "../store/access-store.ts";
import { openSampleAccess } from "./access.fake.ts";
import { formatAuditRow } from "./audit-row.ts";

function entry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    atMs: 1000,
    caller: { name: "alice", roleGroups: [], via: "session", address: "192.0.2.7" },
    cmdlet: "Set-SendConnector",
    parameters: { Identity: "Internet", Enabled: false },
    succeeded: true,
    error: undefined,
    changes: [
      { object: "SendConnector Internet", before: { Enabled: true }, after: { Enabled: false } },
    ],
    ...change,
  };
}

test("an entry keeps who, what, whereof, and how it was before", () => {
  assert.deepEqual(formatAuditRow(entry()), {
    atMs: 1000,
    caller: "alice",
    via: "session",
    address: "192.0.2.7",
    cmdlet: "Set-SendConnector",
    object: "SendConnector Internet",
    parameters: '{"Identity":"Internet","Enabled":false}',
    succeeded: true,
    error: "",
    changes:
      '[{"object":"SendConnector Internet","before":{"Enabled":true},"after":{"Enabled":false}}]',
  });
});

test("a run that has changed nothing names what was meant", () => {
  assert.equal(formatAuditRow(entry({ changes: [] })).object, "Internet");
  assert.equal(formatAuditRow(entry({ changes: [], parameters: {} })).object, "");
});

test("what is long is cut, and says so", () => {
  const changes = Array.from({ length: 3000 }, (_, index) => ({
    object: `Mailbox m${index}`,
    after: { Name: "x".repeat(500) },
  }));
  const parameters = { File: "y".repeat(64 * 1024 * 1024), List: "z".repeat(2500) };
  const row = formatAuditRow(entry({ changes, parameters, error: "e".repeat(10_000) }));
  assert.match(row.parameters, /y… \(67108864 characters\)/);
  assert.match(row.changes, /in all\)"\]$/);
  assert.ok(row.object.length < 3000);
});

test("whatever was given fits into the store", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ maxLength: 3000 }), fc.jsonValue({ maxDepth: 20 })),
      fc.array(fc.record({ object: fc.string(), after: fc.dictionary(fc.string(), fc.string()) })),
      (parameters, changes) => {
        const row = formatAuditRow(entry({ parameters, changes }));
        const texts = [row.parameters, row.changes, row.error, row.caller, row.address, row.object];
        JSON.parse(row.parameters);
        JSON.parse(row.changes);
        return texts.join("").length <= AUDIT_CHARACTERS_MAX;
      },
    ),
  );
});

test("entries go when they are older than the limit, and not before", async () => {
  const { auditLog, clock, store } = await openSampleAccess(90 * DAY);
  const nowMs = clock.nowMs();
  for (let count = 0; count < 1500; count += 1) {
    await auditLog.write(entry({ atMs: nowMs - 90 * DAY - 1 }));
  }
  await auditLog.write(entry({ atMs: nowMs - 90 * DAY }));
  await auditLog.prune();
  const everything = { fromMs: 0, toMs: nowMs, beforeId: 1e9, limit: 200 };
  const countAll = async () => (await store.readAudit(everything)).rows.length;
  assert.equal(await countAll(), 1);
  auditLog.start();
  clock.advance(HOUR);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await countAll(), 0);
  store.failure = "disk full";
  clock.advance(HOUR);
  await new Promise((resolve) => setImmediate(resolve));
  auditLog.stop();
});

test("an entry that cannot be written is an error", async () => {
  const { auditLog, store } = await openSampleAccess();
  store.failure = "disk full";
  await assert.rejects(auditLog.write(entry()), /disk full/);
});
