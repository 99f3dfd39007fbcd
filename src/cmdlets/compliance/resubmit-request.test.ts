import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { HOUR } from "../../base/units.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import type { Resubmissions, ResubmitStatus } from "./services.ts";
import { COMPLIANCE_CMDLETS } from "./table.ts";

const NOW_MS = Date.parse("2026-11-21T08:00:00Z");

function openRoom(holdTime = "2.00:00:00") {
  let all: readonly ResubmitStatus[] = [];
  const resubmissions: Resubmissions = {
    list: async () => all,
    async add(what) {
      const request = { ...what, id: 7 + all.length, createdMs: NOW_MS };
      all = [{ request, progress: undefined }, ...all];
      return { request, progress: undefined };
    },
    async switch(id, to) {
      const found = all.find(({ request }) => request.id === id);
      return found && { ...found, request: { ...found.request, enabled: to === "on" } };
    },
    async remove(id) {
      const before = all.length;
      all = all.filter(({ request }) => request.id !== id);
      return all.length < before;
    },
  };
  const organization = organizationOf(`transportConfig: { safetyNetHoldTime: "${holdTime}" }`);
  const audited: AuditEntry[] = [];
  const execute = createExecute({
    table: createCmdletTable(COMPLIANCE_CMDLETS),
    services: { resubmissions, organization: { organization } },
    clock: fakeClock(NOW_MS),
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const run = async (cmdlet: string, parameters: object = {}) => {
    const roleGroups = ["Server Management"] as const;
    const caller = { name: "sue", roleGroups, via: "session", address: "::1" } as const;
    const { signal } = new AbortController();
    const request = { cmdlet, parameters: { ...parameters }, whatIf: false, caller, signal };
    const records: ExecutionRecord[] = [];
    for await (const record of execute(request)) records.push(record);
    return {
      values: records.flatMap((one) => (one.kind === "object" ? [one.value] : [])),
      warnings: records.flatMap((one) => (one.kind === "warning" ? [one.text] : [])),
      failed: records.find((one) => one.kind === "failed"),
    };
  };
  return { run, audited, requests: () => all.map(({ request }) => request) };
}

const SPAN = { StartTime: "-2h", EndTime: "2026-11-22T00:00:00Z" };

test("a request is made, ends now at the latest, and is on record", async () => {
  const { run, audited, requests } = openRoom();
  const { values, warnings } = await run("Add-ResubmitRequest", {
    ...SPAN,
    Recipient: "alice@contoso.test",
  });
  assert.equal(values[0]?.["Identity"], "7");
  assert.equal(values[0]["EndTime"], "2026-11-21T08:00:00.000Z");
  assert.deepEqual(warnings, []);
  const [request] = requests();
  assert.equal(request?.startMs, NOW_MS - 2 * HOUR);
  assert.deepEqual([request.by, request.recipient], ["sue", "alice@contoso.test"]);
  assert.equal(audited[0]?.changes[0]?.object, "ResubmitRequest 7");
});

test("while the Safety Net is off, whoever asks is told", async () => {
  const { warnings } = await openRoom("00:00:00").run("Add-ResubmitRequest", SPAN);
  assert.match(warnings.join(), /switched off.*SafetyNetHoldTime/);
});

for (const [cmdlet, parameters, code] of [
  ["Add-ResubmitRequest", { StartTime: "now", EndTime: "-1h" }, "bad-parameter"],
  ["Add-ResubmitRequest", { ...SPAN, Recipient: "alice" }, "bad-parameter"],
  ["Get-ResubmitRequest", { Identity: 1 }, "not-found"],
  ["Set-ResubmitRequest", { Identity: 1, Enabled: true }, "not-found"],
  ["Remove-ResubmitRequest", { Identity: 1 }, "not-found"],
] as const) {
  test(`${cmdlet} ${JSON.stringify(parameters)}: ${code}`, async () => {
    assert.equal((await openRoom().run(cmdlet, parameters)).failed?.code, code);
  });
}

test("a request waits, and goes", async () => {
  const { run } = openRoom();
  await run("Add-ResubmitRequest", SPAN);
  const paused = await run("Set-ResubmitRequest", { Identity: 7, Enabled: false });
  assert.equal(paused.values[0]?.["State"], "Paused");
  assert.equal((await run("Get-ResubmitRequest")).values.length, 1);
  await run("Remove-ResubmitRequest", { Identity: 7 });
  assert.equal((await run("Get-ResubmitRequest")).values.length, 0);
});
