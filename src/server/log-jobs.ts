import { randomUUID } from "node:crypto";
import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count, Metrics } from "../base/metrics.ts";
import { queueInfo } from "../cmdlets/queues/queue-info.ts";
import type { QueueDesk } from "../cmdlets/queues/services.ts";
import { formatRoutes, formatRoutingTable } from "../logs/routing-table.ts";
import type { Organization } from "../org/organization.ts";
import { formatQueueState } from "../transport/tracking/queue-line.ts";
import { FigureHost } from "./figure-host.ts";
import { LogHost, type LogHostParts } from "./log-host.ts";
import { type LogWriter, openLogWriter } from "./log-writer.ts";

/** What the logs of the main thread are written from. */
interface LogJobParts {
  readonly logs: LogHost;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
  readonly organization: () => Organization;
}

/** Starts the log thread, and with it the main thread's own logs and the figures of mail flow. */
export function openLogs(
  parts: LogHostParts & Omit<LogJobParts, "logs" | "count"> & { readonly metrics: Metrics },
): {
  readonly logs: LogHost;
  readonly logJobs: LogJobs;
  readonly figures: FigureHost;
} {
  const restarted = () => {
    parts.restarted();
    logJobs.renew();
  };
  const logs = new LogHost({ ...parts, restarted }, parts.organization().transportService);
  const { metrics } = parts;
  const logJobs: LogJobs = new LogJobs({ ...parts, logs, count: metrics.add });
  const figures = new FigureHost({ ...parts, logs, ownMetrics: metrics.snapshot });
  return { logs, logJobs, figures };
}

/** Queue log and routing table log: what the main thread writes by itself (reference §7.6). */
export class LogJobs {
  readonly #parts: LogJobParts;
  readonly #writer: LogWriter;
  #queues: QueueDesk | undefined;
  #timer: Timer | undefined;
  #routes = "";
  #isStopped = false;

  constructor(parts: LogJobParts) {
    this.#parts = parts;
    const { clock, count, logs } = parts;
    this.#writer = openLogWriter(logs.attach(), {
      clock,
      dropped: (lines) => count("postrider_log_lines_dropped_total", lines),
    });
  }

  /** Begins with the routing table as it is, and the queues an interval later. */
  start(queues: QueueDesk): void {
    this.#queues = queues;
    this.organizationChanged();
  }

  /** Another configuration is in force. */
  organizationChanged(): void {
    this.#timer?.cancel();
    this.#schedule();
    const { clock, diagnostics, logs } = this.#parts;
    const organization = this.#parts.organization();
    if (!organization.transportService.routingTableLogEnabled) return;
    const routes = formatRoutes(organization).join("");
    if (routes === this.#routes) return;
    this.#routes = routes;
    const nowMs = clock.nowMs();
    const xml = formatRoutingTable(organization, { serverName: organization.server.fqdn, nowMs });
    const snapshot = { version: organization.version, createdMs: nowMs, xml };
    logs.remote.ask("writeRoutingTable", snapshot).catch((error: unknown) => {
      this.#routes = "";
      diagnostics.error("log-failed", { log: "routing", reason: String(error) });
    });
  }

  /** Another log thread has taken the place of one that died. */
  renew(): void {
    this.#writer.usePort(this.#parts.logs.attach());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#writer.flush();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    const { clock, organization } = this.#parts;
    this.#timer = clock.startTimer(organization().transportService.queueLoggingIntervalMs, () => {
      void this.#logQueues().finally(() => this.#schedule());
    });
  }

  async #logQueues(): Promise<void> {
    const { clock, diagnostics, organization } = this.#parts;
    const queues = this.#queues;
    if (queues === undefined || !organization().transportService.queueLogEnabled) return;
    try {
      const listing = await queues.list();
      const snapshot = randomUUID();
      const nowMs = clock.nowMs();
      for (const queue of listing.queues) {
        this.#writer.append("queue", formatQueueState(queueInfo(queue, queues), snapshot, nowMs));
      }
    } catch (error) {
      // The next snapshot may succeed: this one is missing.
      diagnostics.warn("queue-log-failed", { reason: String(error) });
    }
  }
}
