import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AcmeJob, type AcmeJobParts } from "../acme/acme-job.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import { parseDnsServer, parseResolvConf } from "../dns/resolv-conf.ts";
import type { DnsServer } from "../dns/transport.ts";
import type { ManagementServer } from "../management/http-server.ts";
import type { Organization } from "../org/organization.ts";
import { PressureGauge } from "../transport/queue/pressure.ts";
import type { AccessHost } from "./access-host.ts";
import { CertificateKeeper } from "./certificate-keeper.ts";
import { ClockWatch } from "./clock-watch.ts";
import { ComponentKeeper } from "./component-keeper.ts";
import { type DataDirectory, openDataDirectory } from "./data-directory.ts";
import { type DkimRotator, startDkimRotator } from "./dkim-rotator.ts";
import type { FigureHost } from "./figure-host.ts";
import type { LogHost } from "./log-host.ts";
import { type LogJobs, openLogs } from "./log-jobs.ts";
import { openManagementHost } from "./management-host.ts";
import { OrganizationKeeper } from "./organization-keeper.ts";
import { PressureMonitor } from "./pressure-monitor.ts";
import type { QueueHost } from "./queue-services.ts";
import { takeUpRestore } from "./restore.ts";
import { StartFailure } from "./start-failure.ts";
import { type StoreHost, startStore } from "./store-host.ts";
import { Supervisor } from "./supervisor.ts";
import { loadTestFaults } from "./test-faults.ts";

/** What a server starts with. */
export interface ServerOptions {
  readonly configFile: string | undefined;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Called once when the server cannot go on: its process must end and be started again. */
  readonly failed: (reason: string) => void;
  /** Called when the server is to be stopped and started again in this process. */
  readonly restart: () => void;
}

interface ServerParts {
  readonly options: ServerOptions;
  readonly data: DataDirectory;
  readonly store: StoreHost;
  readonly keeper: OrganizationKeeper;
  readonly certificates: CertificateKeeper;
  readonly acme: AcmeJob;
  readonly supervisor: Supervisor;
  readonly monitor: PressureMonitor;
  readonly management: ManagementServer;
  readonly logs: LogHost;
  readonly logJobs: LogJobs;
  readonly rotator: DkimRotator;
  readonly access: AccessHost;
  readonly setupLink: string | undefined;
  readonly queues: QueueHost;
  readonly figures: FigureHost;
}

/** The whole server, as the main thread holds it. */
export class PostriderServer {
  readonly #parts: ServerParts;
  #stopped: Promise<void> | undefined;
  #reloading: Promise<void> = Promise.resolve();

  private constructor(parts: ServerParts) {
    this.#parts = parts;
    const { certificates, keeper, management, supervisor } = parts;
    certificates.start((set) => {
      supervisor.useCertificates(set);
      const secret = certificates.store.serverSecret(keeper.organization.server.fqdn);
      // Without any for that name, the one it has is better than none.
      if (secret !== undefined) management.useCertificate(secret);
    });
    parts.acme.use(keeper.organization.transportConfig.acme);
    keeper.start((next, scope) => this.#putInForce(next, scope));
  }

  /**
   * Starts everything; resolves when every listener is open. Rejects with StartFailure or
   * StoreFailure.
   */
  static async start(options: ServerOptions): Promise<PostriderServer> {
    const { clock, diagnostics } = options;
    const faults = await loadTestFaults(diagnostics);
    const metrics = createMetrics("main");
    const { keeper, data, store } = await openData(options);
    const { organization } = keeper;
    const certificates = await CertificateKeeper.open({
      directory: join(data.path, "certificates"),
      organization: () => keeper.organization,
      ...{ clock, diagnostics, metrics },
    });
    store.remote.tell("configureTracking", organization);
    const nameServers = nameServersOf(organization);
    const gauge = new PressureGauge();
    const { records } = store.organization;
    const components = new ComponentKeeper({ records, gauge, diagnostics });
    await components.open();
    const clockWatch = new ClockWatch(clock);
    clockWatch.start();
    const { logs, logJobs, figures } = openLogs({
      ...{ dataDirectory: data.path, clock, diagnostics, metrics },
      organization: () => keeper.organization,
      restarted: () => supervisor.renewLogs(),
      figureIntervalMs: faults.figureIntervalMs,
    });
    const supervisor: Supervisor = new Supervisor(
      {
        clock,
        diagnostics,
        metrics,
        dataDirectory: data.path,
        nameServers,
        pressure: gauge,
        beforeId: await store.queue.reserveIds(1),
        wasUnclean: data.wasUnclean,
        certificates: certificates.set,
        attachStore: () => store.attach(),
        attachLogs: () => logs.attach(),
        supervision: {
          ...(faults.silentMs !== undefined && { silentMs: faults.silentMs }),
          ...(faults.stalledMs !== undefined && { stalledMs: faults.stalledMs }),
        },
      },
      organization,
    );
    const problems = await supervisor.start();
    if (problems.length > 0) throw new StartFailure(problems.join("\n"));
    const monitor = new PressureMonitor({
      clock,
      diagnostics,
      metrics,
      gauge,
      dataDirectory: data.path,
      poll: () => supervisor.poll(),
      askStore: () => store.remote.ask("report", undefined),
      looked: (snapshots) => figures.look(snapshots),
    });
    monitor.start();
    const acme = openAcmeJob({ dataDirectory: data.path, clock, diagnostics, certificates });
    const base = { acme, data, store, keeper, supervisor, monitor, logs, certificates, figures };
    const surfaces = await openManagementHost({
      ...base,
      ...{ clock, diagnostics, components, clockWatch, nameServers, restart: options.restart },
      ...{ ownMetrics: metrics.snapshot, count: metrics.add },
    });
    logJobs.start(surfaces.queues.desk);
    const rotator = startDkimRotator({ keeper, clock, diagnostics, nameServers });
    return new PostriderServer({ ...base, ...surfaces, logJobs, rotator, options });
  }

  /** A secret: where the first administrator is made, as long as there is none. */
  get setupLink(): string | undefined {
    return this.#parts.setupLink;
  }

  /**
   * Reads the configuration file again (SIGHUP). When anything is wrong with it nothing changes.
   */
  reload(): Promise<void> {
    const { diagnostics } = this.#parts.options;
    this.#reloading = this.#reloading
      .then(() => this.#reload())
      .catch((error: unknown) => diagnostics.error("reload-failed", { reason: String(error) }));
    return this.#reloading;
  }

  async #reload(): Promise<void> {
    const { keeper } = this.#parts;
    const { version } = keeper.organization;
    await keeper.reload();
    // Whatever became of the file: certificates may have been renewed, and are read again.
    const { organization } = keeper;
    if (organization.version === version) await this.#putInForce(organization, "all");
  }

  /** Brings an organization to all that work by it; resolves with what could not be done. */
  async #putInForce(
    organization: Organization,
    scope: "all" | "recipients",
  ): Promise<readonly string[]> {
    const { store, supervisor, certificates, logs, options } = this.#parts;
    if (scope === "all") {
      await certificates.refresh();
      this.#parts.acme.use(organization.transportConfig.acme);
      store.remote.tell("configureTracking", organization);
      logs.configure(organization.transportService);
      this.#parts.logJobs.organizationChanged();
    }
    const problems = await supervisor.useOrganization(organization);
    for (const problem of problems) options.diagnostics.error("listener-not-opened", { problem });
    return problems;
  }

  /** Drains and stops; what is not done after `drainMs` waits in the store. */
  stop(drainMs: number): Promise<void> {
    this.#stopped ??= this.#stop(drainMs);
    return this.#stopped;
  }

  async #stop(drainMs: number): Promise<void> {
    const { supervisor, monitor, management, certificates } = this.#parts;
    const { store, logs, data, access } = this.#parts;
    monitor.stop();
    this.#parts.queues.stop();
    this.#parts.logJobs.stop();
    await this.#parts.rotator.stop();
    access.auditLog.stop();
    this.#parts.acme.stop();
    await certificates.stop();
    await this.#parts.figures.stop();
    const isDrained = await supervisor.stop(drainMs);
    await management.close();
    await store.close();
    await logs.close();
    // Without the mark the next start takes what was under way for possible duplicates.
    if (isDrained) data.markStopped();
    else this.#parts.options.diagnostics.error("stopped-before-drained");
  }
}

function openAcmeJob(
  parts: Pick<AcmeJobParts, "dataDirectory" | "clock" | "diagnostics"> & {
    readonly certificates: CertificateKeeper;
  },
): AcmeJob {
  const { dataDirectory, certificates } = parts;
  return new AcmeJob({
    ...parts,
    directory: join(dataDirectory, "certificates"),
    authorities: () => certificates.store.authorities(),
    installed: () => certificates.refresh(),
  });
}

async function openData(options: ServerOptions): Promise<{
  readonly keeper: OrganizationKeeper;
  readonly data: DataDirectory;
  readonly store: StoreHost;
}> {
  const keeper = new OrganizationKeeper(options);
  // Before anything is touched: a file with a fault must leave no trace.
  await keeper.readFile();
  let data: DataDirectory;
  let isRestored: boolean;
  try {
    isRestored = takeUpRestore(options.dataDirectory, options);
    data = openDataDirectory(options.dataDirectory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartFailure(`the data directory cannot be used: ${reason}`);
  }
  const store = await startStore({
    dataDirectory: data.path,
    diagnostics: options.diagnostics,
    died: (reason) => options.failed(`the store thread died: ${reason}`),
  });
  await keeper.open(store.organization, data.secrets);
  return { keeper, data: isRestored ? { ...data, wasUnclean: true } : data, store };
}

function nameServersOf(organization: Organization): readonly DnsServer[] {
  const { dnsServers } = organization.server;
  if (dnsServers.length > 0) {
    return dnsServers.map(parseDnsServer).filter((server) => server !== undefined);
  }
  try {
    return parseResolvConf(readFileSync("/etc/resolv.conf", "utf8"));
  } catch {
    // Without the file there is no name server; every lookup then says so and mail waits.
    return [];
  }
}
