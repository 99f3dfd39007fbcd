import { readdir } from "node:fs/promises";
import { platform, release } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { MetricsSnapshot } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import { waitingFault } from "../cmdlets/server/backup.ts";
import type { ServerServices } from "../cmdlets/server/services.ts";
import type { HealthFacts } from "../diagnosis/health-sets.ts";
import type { DnsServer } from "../dns/transport.ts";
import { openUpstream } from "../dns/upstream.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import { agentReports, failingAgents, reloadAgent } from "./agent-health.ts";
import { checkAgentModule, findAgentModule } from "./agent-modules.ts";
import { createBackup, readManifest, verifyBackup } from "./backup.ts";
import type { CertificateKeeper } from "./certificate-keeper.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { ComponentKeeper } from "./component-keeper.ts";
import type { LogHost } from "./log-host.ts";
import type { OrganizationKeeper } from "./organization-keeper.ts";
import type { PressureMonitor } from "./pressure-monitor.ts";
import { readProductVersion } from "./product-version.ts";
import { checkBackupPath, stageRestore } from "./restore.ts";
import type { StoreHost } from "./store-host.ts";
import type { Supervisor } from "./supervisor.ts";

/** Below the data directory: where administrators over the network may keep backups. */
const BACKUPS = "backups";

/** What the server's own cmdlets look at and act on. */
export interface ServerServiceParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly dataDirectory: string;
  readonly store: StoreHost;
  readonly keeper: OrganizationKeeper;
  readonly supervisor: Supervisor;
  readonly monitor: PressureMonitor;
  readonly certificates: CertificateKeeper;
  readonly logs: LogHost;
  readonly components: ComponentKeeper;
  readonly clockWatch: ClockWatch;
  readonly ownMetrics: () => MetricsSnapshot;
  readonly nameServers: readonly DnsServer[];
  /** Stops the server and starts it again in this process. */
  readonly restart: () => void;
}

/** What the cmdlets of room `cmdlets/server` ask for. */
export function createServerServices(
  parts: ServerServiceParts,
): Omit<ServerServices, "organization"> {
  const { components, keeper } = parts;
  const serverFqdn = () => keeper.organization.server.fqdn;
  const { clock, dataDirectory, diagnostics } = parts;
  // These services are made when the server starts.
  const startedMs = clock.nowMs();
  let isBackingUp = false;
  let isRestoring = false;
  const queuedRecipients = async () => {
    const queues = await parts.store.queue.listQueues();
    return queues.reduce((sum, { recipientCount }) => sum + recipientCount, 0);
  };
  return {
    agents: {
      report: () => agentReports(parts),
      reload: (name) => reloadAgent(parts, name),
      find: (modulePath) => findAgentModule(parts, modulePath),
      check: (modulePath) => checkAgentModule(parts, modulePath),
    },
    serverFqdn,
    serverFacts: () => factsOf(parts, startedMs),
    pressures: () => parts.monitor.readings,
    backupFolder: join(resolve(dataDirectory), BACKUPS),
    async backup(order) {
      checkBackupPath(dataDirectory, order.path);
      // Each of them is as large as the databases.
      if (isBackingUp) throw new CmdletFault("not-allowed-now", "another backup is being made");
      isBackingUp = true;
      try {
        return await createBackup({ ...order, dataDirectory, clock, serverFqdn: serverFqdn() });
      } finally {
        isBackingUp = false;
      }
    },
    listBackups: () => listFolders(join(resolve(dataDirectory), BACKUPS)),
    readBackup: readManifest,
    verifyBackup: (order) => verifyBackup({ ...order, clock }),
    queuedRecipients,
    restore: async ({ path, queueBefore }) => {
      checkBackupPath(dataDirectory, path);
      if (isRestoring) throw new CmdletFault("not-allowed-now", "another restore is under way");
      isRestoring = true;
      // What came in from now on would be put aside with the queues of now.
      const letIn = components.pause();
      try {
        const waiting = await queuedRecipients();
        if (waiting > 0 && queueBefore === "must-be-empty") throw waitingFault(waiting);
        await stageRestore(dataDirectory, path, queueBefore);
      } catch (error) {
        letIn();
        isRestoring = false;
        throw error;
      }
      diagnostics.warn("restore-staged", { backup: path });
      // The answer goes out first.
      clock.startTimer(SECOND, parts.restart);
    },
    health: () => lookAt(parts),
    componentStates: {
      list: () => components.requests,
      request: (wish) => components.request(wish),
    },
  };
}

/** None when there is no such folder. */
async function listFolders(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
}

async function factsOf(
  { supervisor, dataDirectory, keeper }: ServerServiceParts,
  startedMs: number,
): ReturnType<ServerServices["serverFacts"]> {
  return {
    version: await readProductVersion(),
    nodeVersion: process.versions.node,
    platform: `${platform()} ${release()}`,
    startedMs,
    threads: supervisor.threadCounts,
    dataDirectory: resolve(dataDirectory),
    configurationFile: keeper.file,
  };
}

/** One look at everything. Never rejects. */
async function lookAt(parts: ServerServiceParts): Promise<HealthFacts> {
  const { supervisor, monitor, certificates, components, clockWatch, keeper } = parts;
  const [store, reports, logs, agents, nameServers] = await Promise.all([
    parts.store.remote.ask("report", undefined).catch((error: unknown) => String(error)),
    supervisor.poll(),
    parts.logs.snapshots(),
    agentReports(parts),
    Promise.all(
      parts.nameServers.map((server) =>
        probe(server, { clock: parts.clock, name: keeper.organization.server.fqdn }),
      ),
    ),
  ]);
  const isDown = typeof store === "string";
  const storeMetrics = isDown ? [] : [store.metrics];
  const sum = sumOf([parts.ownMetrics(), ...storeMetrics, ...logs, ...reports.map(metricsOf)]);
  return {
    storeFault: isDown ? store : undefined,
    threads: supervisor.threadCounts,
    listenerProblems: supervisor.listenerProblems,
    ...components.service,
    levels: monitor.levels,
    queues: {
      submission: sum("postrider_queue_recipients:submission"),
      delivery: sum("postrider_queue_recipients:delivery"),
      retry: sum("postrider_queue_recipients:retry"),
      unreachable: sum("postrider_queue_recipients:unreachable"),
      poison: sum("postrider_queue_recipients:poison"),
      stalledMs: Math.max(0, ...reports.map(({ figures }) => figures.stalledMs)),
    },
    nameServers,
    certificates: certificates.state,
    clock: clockWatch.state,
    logs: {
      failures: sum("postrider_log_failures_total") + sum("postrider_tracking_log_failures_total"),
      dropped: sum("postrider_log_lines_dropped_total"),
    },
    failingAgents: failingAgents(keeper.organization, agents),
  };
}

function metricsOf({ metrics }: { readonly metrics: MetricsSnapshot }): MetricsSnapshot {
  return metrics;
}

function sumOf(snapshots: readonly MetricsSnapshot[]) {
  return (series: string) => snapshots.reduce((sum, { values }) => sum + (values[series] ?? 0), 0);
}

async function probe(
  server: DnsServer,
  how: { readonly clock: Clock; readonly name: string },
): Promise<HealthFacts["nameServers"][number]> {
  const { clock, name } = how;
  const label = `${server.address}:${server.port}`;
  const startMs = clock.monotonicMs();
  const asked = await openUpstream([server], openDnsTransport(clock)).ask({ name, type: "A" });
  const ms = clock.monotonicMs() - startMs;
  return { server: label, answer: asked.ok ? { ms } : { fault: asked.fault } };
}
