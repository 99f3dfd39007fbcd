import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { systemClock } from "../base/clock.ts";
import { type LogDirectory, openLogDirectory } from "../base/log-directory.ts";
import { createMetrics } from "../base/metrics.ts";
import { createDiagnostics } from "../base/pino-diagnostics.ts";
import { DAY, HOUR, SECOND } from "../base/units.ts";
import type { Organization } from "../org/organization.ts";
import { EventJournal, type EventLog } from "../store/event-journal.ts";
import { GroupCommit } from "../store/group-commit.ts";
import { OrganizationSqlite } from "../store/organization-sqlite.ts";
import { QueueSqlite } from "../store/queue-sqlite.ts";
import {
  POISON_QUEUE_ID,
  QUARANTINE_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../store/queue-store.ts";
import { StorePortServer } from "../store/store-port.ts";
import { formatTrackingHeader } from "../transport/tracking/tracking-line.ts";
import { serveOrganization } from "./organization-calls.ts";
import { loadTestFaults } from "./test-faults.ts";
import type { StoreSupervisorCalls, StoreThreadCalls, StoreThreadData } from "./thread-calls.ts";
import { linkThreads } from "./thread-link.ts";

/** Until the organization is known: the defaults of reference §7.1. */
const TRACKING_LIMITS = { maxFileBytes: 10e6, maxDirectoryBytes: 1e9, maxAgeMs: 30 * DAY };

/** Counting reads an index: not at every look. */
const COUNT_INTERVAL_MS = 5 * SECOND;
/** Records that have expired are not read; they are removed now and then. */
const PRUNE_INTERVAL_MS = HOUR;

const { dataDirectory } = workerData as StoreThreadData;
const metrics = createMetrics("store");
const diagnostics = createDiagnostics({ destination: 2, thread: "store", level: "info" });

function openStore() {
  const queue = new QueueSqlite(join(dataDirectory, "queue.db"));
  const organization = new OrganizationSqlite(join(dataDirectory, "organization.db"));
  const log = openLogDirectory({
    directory: join(dataDirectory, "logs", "MessageTracking"),
    prefix: "MSGTRK",
    header: formatTrackingHeader,
    clock: systemClock,
    ...TRACKING_LIMITS,
  });
  const parts = { queue, clock: systemClock, diagnostics };
  const counted: EventLog = {
    locate: (bytes, nowMs) => log.locate(bytes, nowMs),
    writeAt(file, offset, bytes) {
      try {
        log.writeAt(file, offset, bytes);
      } catch (error) {
        metrics.add("postrider_tracking_log_failures_total");
        throw error;
      }
    },
    sync: () => log.sync(),
    prune: (nowMs) => void log.prune(nowMs),
    recover: (entries) => log.recover(entries),
  };
  const journal = new EventJournal({ ...parts, log: counted });
  const group = new GroupCommit({
    ...parts,
    journal,
    metrics: {
      committed(writes, durationMs) {
        metrics.add("postrider_store_commits_total");
        metrics.add("postrider_store_changes_total", writes);
        metrics.observe("postrider_store_commit_changes", writes);
        metrics.observe("postrider_store_commit_duration_seconds", durationMs / SECOND);
      },
      failed: (_writes, full) =>
        metrics.add(`postrider_store_failures_total:${full ? "full" : "other"}`),
    },
  });
  return { queue, organization, log, group };
}

function configureTracking(log: LogDirectory, organization: Organization): void {
  const { transportService: service } = organization;
  log.configure({
    maxFileBytes: service.messageTrackingLogMaxFileSize,
    maxDirectoryBytes: service.messageTrackingLogMaxDirectorySize,
    maxAgeMs: service.messageTrackingLogMaxAgeMs,
  });
}

/** The store thread: the only one that writes, and that may wait for the disk. */
function run(): void {
  assert(parentPort !== null, "the store runs in a worker thread");
  const { queue, organization, log, group } = openStore();
  const server = new StorePortServer(group);
  let countedMs = Number.NEGATIVE_INFINITY;
  let prunedMs = systemClock.monotonicMs();
  const calls: StoreThreadCalls = {
    attach(ports) {
      server.attach(ports.queue);
      serveOrganization(ports.organization, organization);
    },
    configureTracking: (snapshot) => configureTracking(log, snapshot),
    report() {
      if (systemClock.monotonicMs() - countedMs > COUNT_INTERVAL_MS) {
        countedMs = systemClock.monotonicMs();
        const unreachable = queue.countRecipients(UNREACHABLE_QUEUE_ID);
        metrics.set("postrider_queue_recipients:unreachable", unreachable);
        metrics.set("postrider_queue_recipients:poison", queue.countRecipients(POISON_QUEUE_ID));
        const kept = queue.countRecipients(QUARANTINE_QUEUE_ID);
        metrics.set("postrider_queue_recipients:quarantine", kept);
      }
      if (systemClock.monotonicMs() - prunedMs > PRUNE_INTERVAL_MS) {
        prunedMs = systemClock.monotonicMs();
        void organization.records.prune(systemClock.nowMs()).catch((error: unknown) => {
          diagnostics.warn("records-not-pruned", { reason: String(error) });
        });
      }
      return { metrics: metrics.snapshot(), freeBytes: queue.freeBytes() };
    },
    close() {
      group.flush();
      log.close();
      queue.close();
      organization.close();
    },
  };
  linkThreads<StoreSupervisorCalls>(parentPort, calls).tell("ready", undefined);
}

try {
  (await loadTestFaults(diagnostics)).storeThread?.();
  run();
} catch (error) {
  assert(parentPort !== null, "the store runs in a worker thread");
  const reason = error instanceof Error ? error.message : String(error);
  linkThreads<StoreSupervisorCalls>(parentPort, {}).tell("ready", reason);
}
