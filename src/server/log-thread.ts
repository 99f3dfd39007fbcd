import { join } from "node:path";
import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { systemClock, type Timer } from "../base/clock.ts";
import { type LogDirectory, openLogDirectory } from "../base/log-directory.ts";
import { createMetrics } from "../base/metrics.ts";
import { createDiagnostics } from "../base/pino-diagnostics.ts";
import { MINUTE } from "../base/units.ts";
import { createAuditScan } from "../cmdlets/access/audit-search.ts";
import type { RoutingTableFiles } from "../logs/routing-table-files.ts";
import type { TransportService } from "../org/organization.ts";
import { AuditReader } from "../store/audit-reader.ts";
import { QueueReader } from "../store/queue-reader.ts";
import { RecipientReader } from "../store/recipient-reader.ts";
import { FigureThread } from "./figure-thread.ts";
import { LOG_KIND_NAMES, LOG_KINDS, type LogBatch, type LogKind } from "./log-kinds.ts";
import { logSearchCalls, openRoutingTableFiles } from "./log-search-calls.ts";
import { queueReaderCalls } from "./queue-calls.ts";
import { recipientReaderCalls } from "./recipient-calls.ts";
import type { LogThreadCalls, LogThreadData } from "./thread-calls.ts";
import { linkThreads } from "./thread-link.ts";
import { TrackingThread } from "./tracking-thread.ts";

const data = workerData as LogThreadData;
const metrics = createMetrics("logs");
const diagnostics = createDiagnostics({ destination: 2, thread: "logs", level: "info" });

function openLogs(service: TransportService): ReadonlyMap<LogKind, LogDirectory> {
  return new Map(
    LOG_KIND_NAMES.map((kind) => {
      const { folder, prefix, header, limits } = LOG_KINDS[kind];
      const directory = join(data.dataDirectory, "logs", folder);
      const options = { directory, prefix, header, clock: systemClock, ...limits(service) };
      return [kind, openLogDirectory(options)];
    }),
  );
}

/** Files age without a line that is written to them. */
const PRUNE_INTERVAL_MS = MINUTE;

/** Removes what is too old or too much by the limits in force. */
function pruneLogs(parts: {
  readonly logs: ReadonlyMap<LogKind, LogDirectory>;
  readonly routing: RoutingTableFiles;
  readonly transportService: TransportService;
}): void {
  const { logs, routing, transportService: service } = parts;
  const nowMs = systemClock.nowMs();
  const failed = (log: string, error: unknown) => {
    metrics.add("postrider_log_failures_total");
    diagnostics.error("log-failed", { log, reason: String(error) });
  };
  for (const [kind, log] of logs) {
    try {
      log.prune(nowMs);
    } catch (error) {
      failed(kind, error);
    }
  }
  const limits = {
    maxAgeMs: service.routingTableLogMaxAgeMs,
    maxDirectoryBytes: service.routingTableLogMaxDirectorySize,
  };
  routing.prune(limits, nowMs).catch((error: unknown) => failed("routing", error));
}

/**
 * The log thread: writes the logs that no mail waits for. It may wait for the disk; when it dies,
 * mail goes on and it is started anew.
 */
function openOrganizationReaders(dataDirectory: string) {
  const path = join(dataDirectory, "organization.db");
  const recipients = new RecipientReader(path);
  const audit = new AuditReader(path);
  return {
    calls: { ...recipientReaderCalls(recipients), scanAudit: createAuditScan(audit) },
    close() {
      recipients.close();
      audit.close();
    },
  };
}

function run(): void {
  assert(parentPort !== null, "the logs are written in a worker thread");
  const logs = openLogs(data.transportService);
  const ports = new Set<MessagePort>();
  const write = (port: MessagePort, batches: readonly LogBatch[]) => {
    let length = 0;
    for (const { kind, text } of batches) {
      length += text.length;
      try {
        logs.get(kind)?.append(text);
      } catch (error) {
        // Evidence, not mail: its loss is told and costs nothing else.
        metrics.add("postrider_log_failures_total");
        diagnostics.error("log-failed", { log: kind, reason: String(error) });
      }
    }
    port.postMessage(length);
  };
  const parts = { dataDirectory: data.dataDirectory, clock: systemClock, diagnostics, metrics };
  const tracking = new TrackingThread(parts, data.transportService);
  const figures = new FigureThread({ ...parts, lookIntervalMs: data.figureIntervalMs });
  const queue = new QueueReader(join(data.dataDirectory, "queue.db"));
  const routing = openRoutingTableFiles(data.dataDirectory);
  let { transportService } = data;
  const prune = () => pruneLogs({ logs, routing, transportService });
  const schedule = (): Timer =>
    systemClock.startTimer(PRUNE_INTERVAL_MS, () => {
      prune();
      pruning = schedule();
    });
  let pruning = schedule();
  prune();
  const organization = openOrganizationReaders(data.dataDirectory);
  const calls: LogThreadCalls = {
    ...tracking.calls,
    ...figures.calls,
    ...logSearchCalls({ dataDirectory: data.dataDirectory, clock: systemClock, routing }),
    ...queueReaderCalls(queue),
    ...organization.calls,
    attach({ port }) {
      ports.add(port);
      port.on("message", (batches: readonly LogBatch[]) => write(port, batches));
      port.on("close", () => ports.delete(port));
    },
    configure(service) {
      for (const kind of LOG_KIND_NAMES) logs.get(kind)?.configure(LOG_KINDS[kind].limits(service));
      tracking.configure(service);
      transportService = service;
      prune();
    },
    report: () => metrics.snapshot(),
    async close() {
      pruning.cancel();
      // What threads sent before they stopped lies in their ports.
      for (const port of ports) {
        for (;;) {
          const waiting = receiveMessageOnPort(port);
          if (waiting === undefined) break;
          write(port, waiting.message as readonly LogBatch[]);
        }
      }
      for (const log of logs.values()) log.close();
      queue.close();
      organization.close();
      figures.close();
      await tracking.close();
    },
  };
  linkThreads<Record<string, never>>(parentPort, calls);
}

run();
