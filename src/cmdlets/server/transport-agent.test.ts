import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { fault, ok } from "../../base/result.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { textOf } from "../../base/text-of.fake.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { PIPELINE_EVENTS, TRANSPORT_AGENTS, type TransportAgent } from "../../org/agent-table.ts";
import { StoredOrganization } from "../../org/stored-organization.ts";
import { MemoryOrganizationStore } from "../../store/organization-memory.ts";
import type { AgentReport } from "../../transport/agents/agent-report.ts";
import type { TransportAgentServices } from "./services.ts";
import { getTransportAgent, getTransportPipeline } from "./transport-agent.ts";
import {
  disableTransportAgent,
  enableTransportAgent,
  installTransportAgent,
  setTransportAgent,
  uninstallTransportAgent,
} from "./transport-agent-changes.ts";

const CMDLETS = [
  getTransportAgent,
  getTransportPipeline,
  setTransportAgent,
  enableTransportAgent,
  disableTransportAgent,
  installTransportAgent,
  uninstallTransportAgent,
];

const HEALTHY: Omit<AgentReport, "name"> = {
  ...{ state: "Healthy", failures: 0, timeouts: 0, passedOver: 0 },
  ...{ lastFault: "", lastFaultMs: undefined, waits: 0, waitedMs: 0, longestMs: 0 },
};
const MODULE = { description: "A guard", events: ["OnMailCommand"], loadFault: "" } as const;

/** The cmdlets on an organization in memory; `reports` is what the threads say. */
async function openRoom(reports: readonly AgentReport[] = []) {
  const organization = new StoredOrganization({
    store: new MemoryOrganizationStore(),
    secrets: createSecretBox(Buffer.alloc(32)),
    machine: { hostName: "mail.contoso.test", cores: 2 },
    file: undefined,
  });
  const parsed = await organization.parse("acceptedDomains: [{name: contoso.test}]", "f.yaml");
  assert.ok(parsed.ok);
  await organization.apply(parsed.value, { mode: "store" });
  assert.ok((await organization.open()).ok);
  const checked: string[] = [];
  const services: TransportAgentServices = {
    organization,
    agents: {
      report: async () => reports,
      reload: async () => undefined,
      find: async (path) => (path === "missing.js" ? fault("there is no file") : ok(undefined)),
      async check(path) {
        checked.push(path);
        return path === "broken.js" ? fault("it threw Error: no") : ok(MODULE);
      },
    },
  };
  const audited: AuditEntry[] = [];
  const execute = createExecute<TransportAgentServices>({
    table: createCmdletTable<TransportAgentServices>(CMDLETS),
    services,
    clock: fakeClock(0),
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const run = async (
    cmdlet: string,
    parameters: object = {},
    how: { readonly role?: RoleGroup; readonly whatIf?: boolean } = {},
  ) => {
    const { role = "Organization Management", whatIf = false } = how;
    const caller = { name: "hugh", roleGroups: [role], via: "session", address: "" } as const;
    const { signal } = new AbortController();
    const records: ExecutionRecord[] = [];
    const request = { cmdlet, parameters: { ...parameters }, whatIf, caller, signal };
    for await (const record of execute(request)) records.push(record);
    return {
      objects: records.flatMap((record) => (record.kind === "object" ? [record.value] : [])),
      warnings: records.flatMap((record) => (record.kind === "warning" ? [record.text] : [])),
      plan: records.flatMap((record) => (record.kind === "plan" ? record.plan.actions : [])),
      failure: records.find((record) => record.kind === "failed"),
    };
  };
  /** As `run`; it must succeed. */
  const works = async (cmdlet: string, parameters: object = {}) => {
    const done = await run(cmdlet, parameters);
    assert.equal(done.failure, undefined, done.failure?.message);
    return done;
  };
  return { organization, run, works, checked, audited };
}

const AGENTS = Object.values<TransportAgent>(TRANSPORT_AGENTS).toSorted(
  (one, other) => one.priority - other.priority,
);

test("the pipeline: every event in order, each agent at all of its own", async () => {
  const { works } = await openRoom();
  const { objects } = await works("Get-TransportPipeline");
  assert.deepEqual(
    objects.map((one) => one["Event"]),
    PIPELINE_EVENTS.map(({ name }) => name),
  );
  const acting = new Map(
    objects.map((one) => [textOf(one["Event"]), textOf(one["TransportAgents"]).split(",")]),
  );
  assert.equal(acting.get("OnConnect")?.[0], "Connection Filtering Agent");
  for (const [event, names] of acting) {
    const own = AGENTS.filter(({ events }) => events.some((one) => one === event));
    assert.deepEqual(
      names.filter((name) => name !== ""),
      own.map(({ name }) => name),
    );
  }
});

for (const [identity, names] of [
  [undefined, AGENTS.map(({ name }) => name)],
  ["sender filter agent", ["Sender Filter Agent"]],
  ["*filter agent", ["Sender Filter Agent", "Recipient Filter Agent", "Content Filter Agent"]],
  ["Nobody*", []],
] as const) {
  test(`agents: ${identity ?? "all"}`, async () => {
    const { works } = await openRoom();
    const parameters = identity === undefined ? {} : { Identity: identity };
    const { objects } = await works("Get-TransportAgent", parameters);
    assert.deepEqual(
      objects.map((one) => one["Identity"]),
      names,
    );
  });
}

test("an agent that is not there is named", async () => {
  const { run } = await openRoom();
  for (const { name, parameters } of CMDLETS) {
    if (!("Identity" in parameters)) continue;
    const { failure } = await run(name, { Identity: "Nobody's Agent" });
    assert.equal(failure?.code, "not-found", name);
    assert.match(failure.message, /"Nobody's Agent".*Get-TransportAgent lists all/);
  }
});

test("no two agents share a priority", () => {
  assert.equal(new Set(AGENTS.map(({ priority }) => priority)).size, AGENTS.length);
});

test("an agent of the server: set, off, on, as it has it itself", async () => {
  const { works, organization, audited } = await openRoom();
  const Identity = "sender id agent";
  const settings = { Priority: 40, FailMode: "Reject", TimeLimit: "00:00:05", ShadowRun: true };
  await works("Set-TransportAgent", { Identity, ...settings });
  const [set] = (await works("Get-TransportAgent", { Identity })).objects;
  assert.deepEqual(
    ["Priority", "FailMode", "TimeLimit", "ShadowRun", "Enabled"].map((name) => set?.[name]),
    [40, "Reject", "00:00:05", true, true],
  );
  const [entry] = audited;
  assert.deepEqual(entry?.changes[0]?.before, {
    ...{ Priority: 9, FailMode: "Accept", TimeLimit: "00:01:00", ShadowRun: false },
  });
  await works("Disable-TransportAgent", { Identity });
  const pipeline = await works("Get-TransportPipeline");
  assert.ok(!JSON.stringify(pipeline.objects).includes("Sender Id Agent"));
  await works("Enable-TransportAgent", { Identity });
  await works("Set-TransportAgent", {
    ...{ Identity, Priority: null, FailMode: null, TimeLimit: null, ShadowRun: null },
  });
  const [own] = (await works("Get-TransportAgent", { Identity })).objects;
  assert.deepEqual([own?.["Priority"], own?.["FailMode"], own?.["Enabled"]], [9, "Accept", true]);
  assert.equal(organization.organization.transportAgents[0]?.shadowRun, false);
});

test("what of an agent is the server itself stays, and who switches it off is told", async () => {
  const { works } = await openRoom();
  const { warnings } = await works("Disable-TransportAgent", {
    Identity: "Recipient Filter Agent",
  });
  assert.match(warnings.join(), /a part is the server itself and stays: recipients that nobody/);
});

test("installed: off at first, checked, on, and gone again", async () => {
  const health = { name: "Guard", ...HEALTHY, failures: 2, module: MODULE };
  const { works, run, checked } = await openRoom([health]);
  const given = { Name: "Guard", ModulePath: "guard.js", FailMode: "Accept" };
  const { objects, warnings } = await works("Install-TransportAgent", given);
  assert.deepEqual(
    ["Identity", "Enabled", "Priority", "FailMode", "ModulePath", "State"].map(
      (name) => objects[0]?.[name],
    ),
    ["Guard", false, 100, "Accept", "guard.js", "Unknown"],
  );
  assert.match(warnings.join(), /Enable-TransportAgent "Guard"/);
  const again = await run("Install-TransportAgent", { ...given, Name: "GUARD" });
  assert.equal(again.failure?.code, "conflict");
  await works("Enable-TransportAgent", { Identity: "guard" });
  assert.deepEqual(checked, ["guard.js", "guard.js"]);
  const [enabled] = (await works("Get-TransportAgent", { Identity: "Guard" })).objects;
  assert.deepEqual(
    ["Enabled", "Events", "State", "Failures", "Description"].map((name) => enabled?.[name]),
    [true, ["OnMailCommand"], "Healthy", 2, "A guard"],
  );
  const { plan } = await run("Uninstall-TransportAgent", { Identity: "Guard" }, { whatIf: true });
  assert.deepEqual(plan, ["Remove TransportAgent Guard"]);
  await works("Uninstall-TransportAgent", { Identity: "Guard" });
  assert.equal((await run("Get-TransportAgent", { Identity: "Guard" })).failure?.code, "not-found");
});

test("what would be done is shown without running a module", async () => {
  const { works, run, checked } = await openRoom();
  const given = { Name: "Guard", ModulePath: "guard.js" };
  const shown = await run("Install-TransportAgent", given, { whatIf: true });
  assert.equal(shown.failure, undefined);
  assert.match(shown.plan.join(), /Guard/);
  assert.match(shown.warnings.join(), /guard\.js was not loaded/);
  const missing = { ...given, ModulePath: "missing.js" };
  const refused = await run("Install-TransportAgent", missing, { whatIf: true });
  assert.match(refused.failure?.message ?? "", /cannot be loaded: there is no file/);
  assert.deepEqual(checked, []);
  await works("Install-TransportAgent", given);
  const enabling = await run("Enable-TransportAgent", { Identity: "Guard" }, { whatIf: true });
  assert.match(enabling.warnings.join(), /not loaded/);
  assert.deepEqual(checked, ["guard.js"]);
});

for (const [what, cmdlet, parameters, code, message] of [
  [
    "a module that cannot be loaded",
    "Install",
    { Name: "B", ModulePath: "broken.js" },
    "bad-parameter",
    /broken\.js cannot be loaded: it threw Error: no/,
  ],
  [
    "the name of one of ours",
    "Install",
    { Name: "sender id agent", ModulePath: "a.js" },
    "conflict",
    /already an agent "Sender Id Agent"/,
  ],
  [
    "a name that is none",
    "Install",
    { Name: " x", ModulePath: "a.js" },
    "bad-parameter",
    /begin or end with a space/,
  ],
  [
    "one of ours",
    "Uninstall",
    { Identity: "Sender Id Agent" },
    "bad-parameter",
    /part of the server; Disable-TransportAgent/,
  ],
] as const) {
  test(`${cmdlet}-TransportAgent: ${what}`, async () => {
    const { run } = await openRoom();
    const { failure } = await run(`${cmdlet}-TransportAgent`, parameters);
    assert.equal(failure?.code, code);
    assert.match(failure.message, message);
  });
}

test("only Organization Management may bring code into the server", async () => {
  const { run } = await openRoom();
  const role = "Hygiene Management";
  const install = { Name: "A", ModulePath: "a.js" };
  const installing = await run("Install-TransportAgent", install, { role });
  assert.equal(installing.failure?.code, "forbidden");
  const Identity = "Sender Id Agent";
  assert.equal((await run("Disable-TransportAgent", { Identity }, { role })).failure, undefined);
});
