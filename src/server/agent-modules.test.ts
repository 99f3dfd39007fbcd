import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { plainOrganization } from "../org/sample-objects.fake.ts";
import type { TransportAgentSettings } from "../org/transport-agent-settings.ts";
import { AgentRoster } from "../transport/agents/agent-roster.ts";
import type { ReceiveAgent } from "../transport/agents/receive-agent.ts";
import { AgentModules, checkAgentModule, findAgentModule } from "./agent-modules.ts";

const SETTINGS: TransportAgentSettings = {
  ...{ name: "Guard", enabled: true, priority: undefined, failMode: undefined },
  ...{ timeLimitMs: undefined, shadowRun: false, modulePath: "guard.js" },
};

function setUp(t: TestContext) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "postrider-modules-"));
  mkdirSync(join(dataDirectory, "agents"));
  const parts = { clock: fakeClock(), diagnostics: silentDiagnostics, dataDirectory };
  const modules = new AgentModules(parts);
  t.after(async () => {
    await modules.close();
    rmSync(dataDirectory, { recursive: true });
  });
  const roster = new AgentRoster<ReceiveAgent>([], modules.guards, modules.receive);
  /** Puts a module of that text there, hearing that. */
  const write = (text: string) => writeFileSync(join(dataDirectory, "agents", "guard.js"), text);
  const organizationOf = (...transportAgents: readonly TransportAgentSettings[]) => ({
    ...plainOrganization(),
    transportAgents,
  });
  const use = async (...agents: readonly TransportAgentSettings[]) => {
    const organization = organizationOf(...agents);
    await modules.use(organization);
    return organization;
  };
  return { modules, roster, parts, write, use };
}

const hearing = (...events: readonly string[]) =>
  `export default { events: { ${events.map((event) => `${event}() {}`).join(", ")} } };`;

test("an agent is there for what it hears, and goes when it is switched off", async (t) => {
  const { modules, roster, write, use } = setUp(t);
  write(hearing("OnConnect", "OnResolvedMessage"));
  const organization = await use(SETTINGS);
  const [seat] = roster.seats(organization);
  assert.deepEqual(Object.keys(seat?.agent.on ?? {}), ["OnConnect"]);
  assert.equal(seat?.priority, 100);
  assert.deepEqual(Object.keys(modules.routing().all[0]?.on ?? {}), ["OnResolvedMessage"]);
  assert.equal(roster.seats(organization), roster.seats(organization));
  const off = await use({ ...SETTINGS, enabled: false });
  assert.deepEqual(roster.seats(off), []);
  assert.deepEqual(modules.routing().all, []);
  assert.deepEqual(
    modules.report().filter(({ module }) => module !== undefined),
    [],
  );
});

test("a file that has changed is read anew with the next change, or when asked", async (t) => {
  const { modules, roster, write, use } = setUp(t);
  write(hearing("OnConnect"));
  const organization = await use(SETTINGS);
  const [before] = roster.seats(organization);
  const [kept] = roster.seats(await use({ ...SETTINGS, timeLimitMs: 500 }));
  assert.equal(kept?.agent, before?.agent);
  write(hearing("OnMailCommand", "OnDisconnect"));
  const next = await use(SETTINGS);
  const [after] = roster.seats(next);
  assert.deepEqual(Object.keys(after?.agent.on ?? {}), ["OnMailCommand", "OnDisconnect"]);
  assert.notEqual(after?.guard, before?.guard);
  await modules.reload(next, "Guard");
  const [reloaded] = roster.seats(next);
  assert.notEqual(reloaded?.agent, after?.agent);
  assert.notEqual(reloaded?.guard, after?.guard);
});

test("one that cannot be loaded stands where all mail passes, until it can be", async (t) => {
  const { modules, roster, write, use, parts } = setUp(t);
  const organization = await use(SETTINGS);
  const [seat] = roster.seats(organization);
  assert.deepEqual(Object.keys(seat?.agent.on ?? {}), ["OnEndOfData"]);
  assert.deepEqual(Object.keys(modules.routing().all[0]?.on ?? {}), ["OnSubmittedMessage"]);
  const [report] = modules.report();
  assert.equal(report?.state, "NotLoaded");
  assert.match(report.lastFault, /Cannot find module/);
  const checked = await checkAgentModule(parts, "guard.js");
  assert.ok(!checked.ok);
  write(hearing("OnConnect"));
  await use(SETTINGS);
  const [mended] = modules.report();
  assert.equal(mended?.state, "Healthy");
  assert.deepEqual(Object.keys(roster.seats(organization)[0]?.agent.on ?? {}), ["OnConnect"]);
});

test("changes one upon the other come to the last one", async (t) => {
  const { modules, write, use } = setUp(t);
  write(hearing("OnConnect"));
  const off = { ...SETTINGS, enabled: false };
  await Promise.all([use(SETTINGS), use(off), use(SETTINGS), use(off)]);
  assert.deepEqual(modules.receive().all, []);
  await Promise.all([use(SETTINGS), use(off), use(SETTINGS)]);
  assert.equal(modules.receive().all.length, 1);
});

test("a module is found without being run", async (t) => {
  const { write, parts } = setUp(t);
  assert.match(String(await faultOf(findAgentModule(parts, "guard.js"))), /there is no file/);
  write("throw new Error('it ran')");
  assert.equal(await faultOf(findAgentModule(parts, "guard.js")), undefined);
  assert.match(String(await faultOf(findAgentModule(parts, "."))), /there is no file/);
});

async function faultOf(found: ReturnType<typeof findAgentModule>): Promise<string | undefined> {
  const result = await found;
  return result.ok ? undefined : result.fault;
}
