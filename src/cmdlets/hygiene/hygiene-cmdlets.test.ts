import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { HOUR } from "../../base/units.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import { StoredOrganization } from "../../org/stored-organization.ts";
import { MemoryOrganizationStore } from "../../store/organization-memory.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import { MachineEntries } from "../../transport/hygiene/machine-entries.ts";
import {
  createReputationMemory,
  ReputationTable,
} from "../../transport/hygiene/reputation-table.ts";
import type { HygieneServices } from "./services.ts";
import { HYGIENE_CMDLETS } from "./table.ts";

const NOW_MS = Date.parse("2026-06-01T00:00:00Z");

async function openRoom(yaml = "") {
  const secrets = createSecretBox(Buffer.alloc(32));
  const machine = { hostName: "mail.contoso.test", cores: 1 };
  const organization = new StoredOrganization({
    store: new MemoryOrganizationStore(),
    secrets,
    machine,
    file: undefined,
  });
  const parsed = await organization.parse(yaml, "f.yaml");
  assert.ok(parsed.ok);
  await organization.apply(parsed.value, { mode: "store" });
  assert.ok((await organization.open()).ok);
  const clock = fakeClock(NOW_MS);
  const reputation = new ReputationTable(createReputationMemory());
  const records = new MemoryRecordStore();
  const entries = new MachineEntries({
    clock,
    diagnostics: silentDiagnostics,
    records,
    reputation,
  });
  const services: HygieneServices = {
    organization,
    hygiene: {
      machineEntries: () => entries.list(),
      removeMachineEntry: (address) => entries.remove(address),
      askProvider: async (provider, address) => ({
        kind: "listed",
        code: `${provider.lookupDomain} ${address}`,
      }),
      source: (address) => reputation.read(address, clock.nowMs()),
      sources: () => reputation.all(clock.nowMs()),
    },
  };
  const audited: AuditEntry[] = [];
  const execute = createExecute({
    table: createCmdletTable(HYGIENE_CMDLETS),
    services,
    clock,
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const caller = {
    name: "root",
    roleGroups: ["Hygiene Management"],
    via: "socket",
    address: "",
  } as const;
  const run = async (cmdlet: string, parameters: object = {}, whatIf = false) => {
    const { signal } = new AbortController();
    const request = { cmdlet, parameters: { ...parameters }, whatIf, caller, signal };
    const all: ExecutionRecord[] = [];
    for await (const record of execute(request)) all.push(record);
    return all;
  };
  const objects = async (cmdlet: string, parameters: object = {}) => {
    const all = await run(cmdlet, parameters);
    assert.equal(all.at(-1)?.kind, "done", JSON.stringify(all.at(-1)));
    return all.flatMap((record) => (record.kind === "object" ? [record.value] : []));
  };
  return { organization, reputation, entries, clock, run, objects, audited };
}

test("an entry is in force as soon as it is added, and goes with its cmdlet", async () => {
  const { organization, objects, run } = await openRoom();
  await objects("Add-IPBlockListEntry", { IPRange: "192.0.2.0/24", ExpirationTime: "+1h" });
  const [entry] = organization.organization.hygiene.ipBlockListEntries;
  assert.equal(entry?.name.text, "192.0.2.0/24");
  assert.equal(entry.expirationTime, "2026-06-01T01:00:00Z");
  const again = (await run("Add-IPBlockListEntry", { IPRange: "192.0.2.0/24" })).at(-1);
  assert.equal(again?.kind === "failed" && again.code, "conflict");
  const none = (await run("Add-IPAllowListEntry", { Comment: "x" })).at(-1);
  assert.equal(none?.kind === "failed" && none.code, "bad-parameter");
  await objects("Remove-IPBlockListEntry", { Identity: "192.0.2.0/24" });
  assert.deepEqual(organization.organization.hygiene.ipBlockListEntries, []);
  const gone = (await run("Remove-IPBlockListEntry", { Identity: "192.0.2.0/24" })).at(-1);
  assert.equal(gone?.kind === "failed" && gone.code, "not-found");
});

test("entries are found by an address that they hold, machine entries among them", async () => {
  const { objects, entries, reputation, audited } = await openRoom(`
ipBlockListEntries: [{ name: 192.0.2.0/24, comment: "Ours" }, { name: 198.51.100.1 }]
`);
  const block = { address: "192.0.2.9", untilMs: NOW_MS + HOUR, level: 8 };
  await entries.keep({ ...block, reasons: ["SpamShare 1.00"] });
  await entries.restore();
  assert.equal(reputation.isBlocked("192.0.2.9", NOW_MS), true);
  const found = await objects("Get-IPBlockListEntry", { IPAddress: "192.0.2.9" });
  assert.deepEqual(
    found.map((one) => [one["Identity"], one["IsMachineGenerated"], one["Comment"]]),
    [
      ["192.0.2.0/24", false, "Ours"],
      ["192.0.2.9", true, "Sender reputation level 8, SpamShare 1.00"],
    ],
  );
  const network = { address: "2001:db8::/64", untilMs: NOW_MS + HOUR, level: 8, reasons: [] };
  await entries.keep(network);
  await entries.restore();
  assert.equal(reputation.isBlocked("2001:db8::7", NOW_MS), true);
  const holding = await objects("Get-IPBlockListEntry", { IPAddress: "2001:db8::7" });
  assert.deepEqual(
    holding.map((one) => one["Identity"]),
    ["2001:db8::/64"],
  );
  await objects("Remove-IPBlockListEntry", { Identity: "2001:db8::/64" });
  assert.equal(reputation.isBlocked("2001:db8::7", NOW_MS), false);
  await objects("Remove-IPBlockListEntry", { Identity: "192.0.2.9" });
  assert.equal(reputation.isBlocked("192.0.2.9", NOW_MS), false);
  assert.equal((await objects("Get-IPBlockListEntry")).length, 2);
  assert.match(JSON.stringify(audited.at(-1)), /IPBlockListEntry 192\.0\.2\.9/);
});

test("a list in DNS is tested by its name", async () => {
  const { objects, run } = await openRoom(`
ipBlockListProviders: [{ name: Sample, lookupDomain: bl.test }]
`);
  const parameters = { Identity: "sample", IPAddress: "127.0.0.2" };
  const [answer] = await objects("Test-IPBlockListProvider", parameters);
  assert.deepEqual(
    [answer?.["Matched"], answer?.["ProviderResult"]],
    [true, ["bl.test 127.0.0.2"]],
  );
  const last = (await run("Test-IPAllowListProvider", parameters)).at(-1);
  assert.equal(last?.kind === "failed" && last.code, "not-found");
});

test("the worst sources come first, with what their level is made of", async () => {
  const { objects, reputation } = await openRoom();
  for (let count = 0; count < 20; count += 1) {
    reputation.add("192.0.2.1", ["messages"], { nowMs: NOW_MS });
    reputation.add("192.0.2.2", ["messages", "rated", "spam"], { nowMs: NOW_MS });
  }
  const [worst, other] = await objects("Get-SenderReputation");
  assert.equal(worst?.["Source"], "192.0.2.2");
  assert.equal(worst["SenderReputationLevel"], 7);
  assert.deepEqual(worst["Reasons"], ["SpamShare 1.00: 7.0"]);
  assert.deepEqual([other?.["SenderReputationLevel"], other?.["Reasons"]], [0, []]);
  assert.equal((await objects("Get-SenderReputation", { IPAddress: "192.0.2.3" })).length, 0);
});
