import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { SecureContext } from "node:tls";
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { systemClock } from "../base/clock.ts";
import { createMetrics, type Metrics } from "../base/metrics.ts";
import { createDiagnostics } from "../base/pino-diagnostics.ts";
import { SECOND } from "../base/units.ts";
import { createDirectory } from "../org/cached-directory.ts";
import type { Organization } from "../org/organization.ts";
import { createQueueClient } from "../store/queue-client.ts";
import { openStorePort } from "../store/store-port.ts";
import { type CertificateStore, openCertificateStore } from "../tls/certificate-store.ts";
import { PressureGauge } from "../transport/queue/pressure.ts";
import type { QueueFigures } from "../transport/queue/queue-figures.ts";
import { openConnectionCounts } from "../transport/receive/connection-counts.ts";
import type { ConnectivityEvent } from "../transport/tracking/connectivity-line.ts";
import { Doors } from "./doors.ts";
import { MarkTable } from "./mark-table.ts";
import { openOrganizationPort } from "./organization-calls.ts";
import type { SupervisorCalls, TransportThreadCalls, TransportThreadData } from "./thread-calls.ts";
import { linkThreads } from "./thread-link.ts";
import { createTransport } from "./transport.ts";

const LOOP_DELAY_RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1e6;
/** Part of the stop's time that sessions get; the rest is the queue's. */
const SESSIONS_SHARE = 0.5;

const data = workerData as TransportThreadData;
const diagnostics = createDiagnostics({
  destination: 2,
  thread: `transport-${data.index}`,
  level: "info",
});

/** A transport thread: sessions, categorizer, its delivery queues, outgoing connections (design §3). */
async function run(): Promise<void> {
  assert(parentPort !== null, "a transport thread is a worker");
  const metrics = createMetrics(`transport-${data.index}`);
  const marks = new MarkTable(data.marks);
  let organization = data.organization;
  const directory = createDirectory(openOrganizationPort(data.organizationPort));
  let certificates = await openCertificates();
  const connectivity = batchConnectivity((events) => supervisor.tell("connectivity", events));
  const { queue, openSession, pollers } = createTransport({
    index: data.index,
    count: data.count,
    clock: systemClock,
    diagnostics,
    metrics,
    store: createQueueClient(openStorePort(data.queuePort)),
    directory,
    dataDirectory: data.dataDirectory,
    nameServers: data.nameServers,
    pressure: new PressureGauge(data.pressure),
    connections: openConnectionCounts(data.connectionCounts, {
      thread: data.index,
      threads: data.count,
    }),
    organization: () => organization,
    mark: (messageId) => marks.mark(messageId),
    connectivity: (event) => {
      if (organization.transportService.connectivityLogEnabled) connectivity(event);
    },
  });
  const secureContext = (serverName: string | undefined) =>
    selectContext(certificates, [serverName, organization.server.fqdn]);
  const doors = new Doors({ clock: systemClock, diagnostics, tls: { secureContext }, openSession });
  const delays = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });
  delays.enable();
  const calls: TransportThreadCalls = {
    connectPeer: ({ index, port }) => queue.connect(index, port),
    async useOrganization(next: Organization) {
      const before = organization;
      organization = next;
      directory.invalidate();
      certificates = await openCertificates();
      queue.organizationChanged(before, next);
      return doors.use(next);
    },
    report() {
      const loopDelayMs = beyondResolutionMs(delays.max);
      const figures = queue.figures();
      setGauges(metrics, figures);
      metrics.set("postrider_connections_current", doors.sessionCount);
      metrics.set(
        "postrider_event_loop_delay_seconds",
        beyondResolutionMs(delays.percentile(99)) / SECOND,
      );
      delays.reset();
      return { metrics: metrics.snapshot(), figures, loopDelayMs };
    },
    holds(messageIds) {
      const held = new Set(queue.inventory());
      return messageIds.filter((id) => held.has(id));
    },
    async stop({ waitMs }) {
      await Promise.all([
        doors.stop(waitMs * SESSIONS_SHARE),
        ...pollers.map((poller) => poller.stop()),
      ]);
      await queue.stop(waitMs * (1 - SESSIONS_SHARE));
      connectivity.flush();
      await diagnostics.flush();
    },
  };
  const supervisor = linkThreads<SupervisorCalls>(parentPort, calls);
  await queue.open({
    wasUnclean: data.wasUnclean,
    beforeId: data.beforeId,
    suspects: data.suspects,
    elsewhere: async (messageIds) => {
      if (data.isReplacement) return new Set(await supervisor.ask("elsewhere", messageIds));
      // At the start of the process every thread takes its share, and none has anything yet.
      return new Set(messageIds.filter((id) => id % data.count !== data.index));
    },
  });
  const problems = await doors.use(organization);
  // Two threads at one directory would take the same files.
  if (data.index === 0) for (const poller of pollers) poller.start();
  supervisor.tell("ready", problems);
}

/** The context of the first of these names that has a certificate. */
function selectContext(
  certificates: CertificateStore,
  names: readonly (string | undefined)[],
): SecureContext {
  const [certificate] = names.flatMap((name) => (name && certificates.select(name)) || []);
  assert(certificate !== undefined, "a certificate for the server's own name is always there");
  return certificate.context;
}

function openCertificates(): Promise<CertificateStore> {
  const directory = join(data.dataDirectory, "certificates");
  return openCertificateStore({ directory, clock: systemClock, diagnostics });
}

/** The monitor measures from tick to tick: an idle loop shows its resolution. */
function beyondResolutionMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS_PER_MS - LOOP_DELAY_RESOLUTION_MS);
}

function setGauges(metrics: Metrics, figures: QueueFigures): void {
  const { queuesByStatus } = figures;
  metrics.set("postrider_queue_recipients:submission", figures.submissionLength);
  metrics.set("postrider_queue_recipients:delivery", figures.deliveryLength);
  metrics.set("postrider_queue_recipients:retry", figures.retryLength);
  metrics.set("postrider_queues:active", queuesByStatus.Active);
  metrics.set("postrider_queues:connecting", queuesByStatus.Connecting);
  metrics.set("postrider_queues:ready", queuesByStatus.Ready);
  metrics.set("postrider_queues:retry", queuesByStatus.Retry);
  metrics.set("postrider_queues:suspended", queuesByStatus.Suspended);
  metrics.set("postrider_oldest_due_age_seconds", figures.stalledMs / SECOND);
  metrics.set("postrider_outgoing_connections_current", figures.outgoingConnections);
}

/** Gathers the lines of a second: each message between threads costs more than a line. */
function batchConnectivity(send: (events: readonly ConnectivityEvent[]) => void) {
  let waiting: ConnectivityEvent[] = [];
  const flush = () => {
    if (waiting.length > 0) send(waiting);
    waiting = [];
  };
  const add = (event: ConnectivityEvent) => {
    waiting.push(event);
    if (waiting.length === 1) systemClock.startTimer(SECOND / 5, flush);
  };
  return Object.assign(add, { flush });
}

await run();
