import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow } from "../../harness/cmdlet-row.ts";
import { runCmdlet, tryCmdlet } from "../../harness/cmdlets.ts";
import { eventually } from "../../harness/eventually.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";

type Row = CmdletRow<EveryBench>;

const MAINTENANCE = { Component: "HubTransport", Requester: "Maintenance" };

function backupPath({ server }: EveryBench, name: string): string {
  return join(server.dataFolder, "backups", name);
}

const STATE: readonly Row[] = [
  {
    cmdlet: "Get-ExchangeServer",
    count: 1,
    expect({ objects: [server] }) {
      assert.equal(server?.["Fqdn"], "mail.contoso.test");
      assert.match(textOf(server["AdminDisplayVersion"]), /^Version \d+\.\d+\.\d+$/);
    },
  },
  {
    cmdlet: "Get-ResourceThrottling",
    count: 4,
    expect({ objects }) {
      const disk = objects.find((one) => one["Resource"] === "DatabaseUsedSpace");
      assert.equal(disk?.["MediumToHigh"], 99);
    },
  },
  {
    cmdlet: "Get-ServerHealth",
    given: { HealthSet: "Queues" },
    expect({ objects }) {
      assert.ok(objects.every((one) => one["HealthSetName"] === "Queues"));
      assert.ok(objects.every((one) => one["Server"] === "mail.contoso.test"));
    },
  },
  {
    cmdlet: "Get-HealthReport",
    count: 10,
    expect({ objects }) {
      const store = objects.find((one) => one["HealthSetName"] === "Store");
      assert.equal(store?.["AlertValue"], "Healthy");
    },
  },
  {
    cmdlet: "Test-ServiceHealth",
    count: 3,
    expect({ objects: [role] }) {
      assert.equal(role?.["Role"], "Frontend Transport");
      assert.equal(role["RequiredServicesRunning"], true);
    },
  },
  {
    cmdlet: "Get-ServerComponentState",
    given: { Component: "FrontendTransport" },
    count: 1,
    expect({ objects: [component] }) {
      assert.equal(component?.["State"], "Active");
    },
  },
  {
    cmdlet: "Set-ServerComponentState",
    given: async ({ server }) => {
      await runCmdlet(server, "Set-ServerComponentState", { ...MAINTENANCE, State: "Active" });
      return { ...MAINTENANCE, State: "Draining" };
    },
    count: 1,
    async expect({ objects: [component], bench: { server } }) {
      assert.equal(component?.["State"], "Draining");
      const { Component } = MAINTENANCE;
      const [shown] = await runCmdlet(server, "Get-ServerComponentState", { Component });
      assert.equal(shown?.["State"], "Draining");
      await runCmdlet(server, "Set-ServerComponentState", { ...MAINTENANCE, State: "Active" });
    },
  },
];

const AGENTS: readonly Row[] = [
  {
    cmdlet: "Get-TransportAgent",
    given: { Identity: "recipient*" },
    count: 1,
    expect({ objects: [agent] }) {
      assert.equal(agent?.["Identity"], "Recipient Filter Agent");
      assert.deepEqual(agent["Events"], ["OnRcptCommand"]);
    },
  },
  {
    cmdlet: "Get-TransportPipeline",
    expect({ objects: [first] }) {
      assert.equal(first?.["Event"], "OnConnect");
      const { TransportAgents: names } = first;
      assert.ok(Array.isArray(names) && names[0] === "Connection Filtering Agent");
    },
  },
];

const MODULE = "export default { events: { OnMailCommand() {} } };";

/** An agent of the test's own, installed and switched off. */
async function installed({ server }: EveryBench, name: string): Promise<string> {
  const folder = join(server.dataFolder, "agents");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "row-agent.js"), MODULE);
  const given = { Name: name, ModulePath: "row-agent.js" };
  await runCmdlet(server, "Install-TransportAgent", given);
  return name;
}

const INSTALLED: readonly Row[] = [
  {
    cmdlet: "Install-TransportAgent",
    given: async (bench, via) => {
      await installed(bench, ownName("first", via));
      return { Name: ownName("installed", via), ModulePath: "row-agent.js", Priority: 77 };
    },
    count: 1,
    expect({ objects: [agent] }) {
      assert.equal(agent?.["Enabled"], false);
      assert.equal(agent["Priority"], 77);
    },
  },
  {
    cmdlet: "Enable-TransportAgent",
    given: async (bench, via) => ({ Identity: await installed(bench, ownName("enabled", via)) }),
    count: 0,
    async expect({ given, bench: { server } }) {
      const [agent] = await runCmdlet(server, "Get-TransportAgent", given);
      assert.equal(agent?.["State"], "Healthy");
      assert.deepEqual(agent["Events"], ["OnMailCommand"]);
    },
  },
  {
    cmdlet: "Disable-TransportAgent",
    given: async (bench, via) => {
      const Identity = await installed(bench, ownName("disabled", via));
      await runCmdlet(bench.server, "Enable-TransportAgent", { Identity });
      return { Identity };
    },
    count: 0,
    async expect({ given, bench: { server } }) {
      const [agent] = await runCmdlet(server, "Get-TransportAgent", given);
      assert.equal(agent?.["Enabled"], false);
    },
  },
  {
    cmdlet: "Set-TransportAgent",
    given: async (bench, via) => ({
      Identity: await installed(bench, ownName("set", via)),
      ...{ FailMode: "Accept", TimeLimit: "00:00:02", ShadowRun: true },
    }),
    count: 0,
    async expect({ given, bench: { server } }) {
      const { Identity } = given;
      const [agent] = await runCmdlet(server, "Get-TransportAgent", { Identity });
      assert.equal(agent?.["FailMode"], "Accept");
      assert.equal(agent["TimeLimit"], "00:00:02");
    },
  },
  {
    cmdlet: "Uninstall-TransportAgent",
    given: async (bench, via) => ({ Identity: await installed(bench, ownName("gone", via)) }),
    count: 0,
    async expect({ given, bench: { server } }) {
      const { failure } = await tryCmdlet(server, "Get-TransportAgent", given);
      assert.equal(failure?.code, "not-found");
    },
  },
];

const BACKUPS: readonly Row[] = [
  {
    cmdlet: "Backup-Postrider",
    given: async (bench, via) => ({ Path: backupPath(bench, ownName("backup", via)) }),
    count: 1,
    expect({ objects: [backup], given }) {
      assert.equal(backup?.["HasKeys"], true);
      assert.equal(backup["Messages"], 1);
      assert.ok(existsSync(join(String(given["Path"]), "queue.db")));
    },
  },
  {
    cmdlet: "Get-PostriderBackup",
    given: async (bench, via) => {
      const Path = backupPath(bench, ownName("listed", via));
      await runCmdlet(bench.server, "Backup-Postrider", { Path });
      return {};
    },
    expect({ objects, bench, via }) {
      const Path = backupPath(bench, ownName("listed", via));
      assert.equal(objects.find((one) => one["Path"] === Path)?.["HasFigures"], true);
    },
  },
  {
    cmdlet: "Test-PostriderBackup",
    given: async (bench, via) => {
      const Path = backupPath(bench, ownName("tested", via));
      await runCmdlet(bench.server, "Backup-Postrider", { Path });
      return { Path };
    },
    count: 1,
    expect({ objects: [backup] }) {
      assert.equal(backup?.["Messages"], 1);
    },
  },
  {
    cmdlet: "Restore-Postrider",
    given: async (bench, via) => {
      const { server } = bench;
      const Path = backupPath(bench, ownName("restore", via));
      await runCmdlet(server, "Backup-Postrider", { Path });
      await runCmdlet(server, "New-AcceptedDomain", { Name: `${ownName("late", via)}.test` });
      return { Path, DiscardCurrentQueue: true };
    },
    count: 1,
    async expect({ objects: [backup], given, via, bench: { server } }) {
      assert.equal(backup?.["Path"], given["Path"]);
      const late = `${ownName("late", via)}.test`;
      await eventually({ what: "the domains of the backup" }, async () => {
        const asked = await tryCmdlet(server, "Get-AcceptedDomain").catch(() => undefined);
        const isThere = asked?.objects.some((one) => one["Name"] === late) ?? true;
        return (!isThere && asked?.failure === undefined) || undefined;
      });
    },
  },
];

/** Server and health. */
export const SERVER_ROWS: readonly Row[] = [...STATE, ...AGENTS, ...INSTALLED, ...BACKUPS];
