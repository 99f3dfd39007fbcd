import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { systemClock } from "../base/clock.ts";
import { createMetrics, type Metrics } from "../base/metrics.ts";
import { createDiagnostics } from "../base/pino-diagnostics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { createDirectory } from "../org/cached-directory.ts";
import type { Organization, SendConnector } from "../org/organization.ts";
import { createQueueClient } from "../store/queue-client.ts";
import { openStorePort } from "../store/store-port.ts";
import { type CertificateStore, openCertificateStore } from "../tls/certificate-store.ts";
import { type DigestParts, DigestSender } from "../transport/quarantine/digest-sender.ts";
import { quarantineLinkKey } from "../transport/quarantine/quarantine-link.ts";
import { PressureGauge } from "../transport/queue/pressure.ts";
import type { OpeningState } from "../transport/queue/recovery.ts";
import { openConnectionCounts } from "../transport/receive/connection-counts.ts";
import { openRateCounts } from "../transport/receive/rate-counts.ts";
import { createTransportRuleAgent } from "../transport/rules/transport-rule-agent.ts";
import { formatConnectivityEvent } from "../transport/tracking/connectivity-line.ts";
import { AgentModules, agentThreadCalls } from "./agent-modules.ts";
import { ContentHost } from "./content-host.ts";
import { openSecrets } from "./data-directory.ts";
import { diagnosisThreadCalls } from "./diagnosis-thread.ts";
import { Doors } from "./doors.ts";
import { createHygieneAgents } from "./hygiene-agents.ts";
import { type LogWriter, openLogWriter } from "./log-writer.ts";
import { openLogons } from "./logons.ts";
import { MailauthHost } from "./mailauth-host.ts";
import { MarkTable } from "./mark-table.ts";
import { openOrganizationPort } from "./organization-calls.ts";
import { queueThreadCalls } from "./queue-calls.ts";
import { openReports } from "./reports.ts";
import { openRuleParts, ruleThreadCalls } from "./rule-agent.ts";
import { createSessionLogs } from "./session-desk.ts";
import { loadTestFaults, type TestFaults } from "./test-faults.ts";
import type { SupervisorCalls, TransportThreadCalls, TransportThreadData } from "./thread-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";
import { ThreadMonitor } from "./thread-monitor.ts";
import { createTransport, type Transport } from "./transport.ts";

/** Part of the stop's time that sessions get; the rest is the queue's. */
const SESSIONS_SHARE = 0.5;

const data = workerData as TransportThreadData;
const diagnostics = createDiagnostics({
  destination: 2,
  thread: `transport-${data.index}`,
  level: "info",
});

/** What a reload or a renewed certificate changes while the thread runs. */
interface InForce {
  organization: Organization;
  certificates: CertificateStore;
  /** Where all mail goes while an administrator has it sent to another server. */
  redirection: SendConnector | undefined;
}

/** The stages, and what they share with nobody outside this thread. */
function openStages(
  inForce: InForce,
  tools: {
    readonly faults: TestFaults;
    readonly metrics: Metrics;
    readonly logs: LogWriter;
  },
) {
  const { faults, metrics, logs } = tools;
  const organization = () => inForce.organization;
  const organizations = openOrganizationPort(data.organizationPort);
  const directory = createDirectory(organizations);
  const secrets = openSecrets(data.dataDirectory);
  const { records } = organizations;
  const { nameServers, dataDirectory, index, count, reputation } = data;
  const common = { clock: systemClock, diagnostics, organization, dataDirectory, nameServers };
  const known = { ...common, directory, secrets, records };
  const logons = openLogons({
    ...{ ...common, count: metrics.add, store: organizations, secrets },
    failures: data.logonFailures,
  });
  const reports = openReports({ ...common, records, index });
  const mailauth = new MailauthHost(common);
  const content = new ContentHost(common);
  const modules = new AgentModules(common);
  const marks = new MarkTable(data.marks);
  const store = createQueueClient(openStorePort(data.queuePort));
  const rates = openRateCounts(data.rateCounts);
  const rules = openRuleParts({ ...common, directory, content, secrets });
  const transport = createTransport({
    redirection: () => inForce.redirection,
    ...common,
    ...{ faults, index, count, metrics, store, directory, secrets, modules, rates },
    authenticator: logons.authenticator,
    routingAgents: [createTransportRuleAgent(rules)],
    ...{ checkSender: mailauth.check, readDmarcReport: mailauth.readDmarcReport },
    ...{ judged: reports.judged, tlsAttempt: reports.attempt },
    agents: createHygieneAgents({ ...known, index, reputation, content }),
    pressure: new PressureGauge(data.pressure),
    connections: openConnectionCounts(data.connectionCounts, { thread: index, threads: count }),
    tlsFor: (connector, { requestsCertificate }) =>
      inForce.certificates.sessionTls(connector, {
        serverFqdn: organization().server.fqdn,
        requestsCertificate,
      }),
    clientContext: (client) => inForce.certificates.clientContext(client),
    records,
    mark: (messageId) => marks.mark(messageId),
    alone: (messageId, work) => marks.alone(messageId, work),
    ...createSessionLogs({ clock: systemClock, index, organization, logs, count: metrics.add }),
    connectivity: (event) => {
      if (!organization().transportService.connectivityLogEnabled) return;
      logs.append("connectivity", formatConnectivityEvent(event, systemClock.nowMs()));
    },
  });
  const calls = {
    ...diagnosisThreadCalls({
      ...{ ...known, rates, faults, queue: transport.queue },
      certificates: () => inForce.certificates,
      checkSender: mailauth.check,
    }),
    ...ruleThreadCalls(rules, organization),
    ...agentThreadCalls(modules, organization),
  };
  const digests = openDigests(transport, { directory, records, secrets, organization, store });
  const threads = { mailauth, content, modules };
  return { ...transport, directory, logons, reports, digests, ...threads, calls };
}

/** What tells mailboxes of what is kept from them: the first thread does, for all. */
function openDigests(
  { queue }: Transport,
  parts: Pick<DigestParts, "directory" | "records" | "organization" | "store"> & {
    readonly secrets: SecretBox;
  },
): DigestSender | undefined {
  if (data.index !== 0) return undefined;
  const linkKey = quarantineLinkKey(parts.secrets);
  return new DigestSender({ ...parts, clock: systemClock, diagnostics, queue, linkKey });
}

/**
 * A transport thread: sessions, categorizer, its delivery queues, outgoing connections (design §3).
 */
async function run(): Promise<void> {
  assert(parentPort !== null, "a transport thread is a worker");
  const faults = await loadTestFaults(diagnostics);
  faults.transportThread?.(data.index);
  const metrics = createMetrics(`transport-${data.index}`);
  const inForce: InForce = {
    organization: data.organization,
    certificates: openCertificateStore(data.certificates, systemClock),
    redirection: data.redirection,
  };
  const logs = openLogWriter(data.logPort, {
    clock: systemClock,
    dropped: (lines) => metrics.add("postrider_log_lines_dropped_total", lines),
  });
  const stages = openStages(inForce, { faults, metrics, logs });
  const { queue, openSession, pollers, directory, logons, reports, digests } = stages;
  const doors = new Doors({ clock: systemClock, diagnostics, count: metrics.add, openSession });
  const monitor = new ThreadMonitor(metrics);
  const calls: TransportThreadCalls = {
    ...queueThreadCalls(queue),
    ...stages.calls,
    connectPeer: ({ index, port }) => queue.connect(index, port),
    async useOrganization(next: Organization) {
      await stages.modules.use(next);
      const before = inForce.organization;
      inForce.organization = next;
      directory.invalidate();
      queue.organizationChanged(before, next);
      return doors.use(next);
    },
    useRedirection(connector) {
      const before = inForce.organization;
      inForce.redirection = connector;
      // Lanes end where they are: a connection to the other server must not be kept.
      inForce.organization = { ...before };
      queue.organizationChanged(before, inForce.organization);
    },
    useCertificates(set) {
      inForce.certificates = openCertificateStore(set, systemClock);
    },
    useLogPort: ({ port }) => logs.usePort(port),
    report: () => monitor.report(queue.figures(), doors.sessionCount),
    holds: ({ recipients, asker }) => queue.holds(recipients, asker),
    async stop({ waitMs }) {
      await Promise.all([
        doors.stop(waitMs * SESSIONS_SHARE),
        ...pollers.map((poller) => poller.stop()),
      ]);
      logons.close();
      await Promise.all([stages.mailauth.close(), stages.content.close()]);
      await reports.stop();
      await digests?.stop();
      const isTakenUp = await queue.stop(waitMs * (1 - SESSIONS_SHARE));
      await stages.modules.close();
      logs.flush();
      await diagnostics.flush();
      return isTakenUp;
    },
  };
  const supervisor = linkThreads<SupervisorCalls>(parentPort, calls);
  await stages.modules.use(inForce.organization);
  await queue.open(openingState(supervisor));
  reports.start(queue);
  digests?.start();
  const problems = await doors.use(inForce.organization);
  // Two threads at one directory would take the same files.
  if (data.index === 0) for (const poller of pollers) poller.start();
  supervisor.tell("ready", problems);
}

function openingState(supervisor: Remote<SupervisorCalls>): OpeningState {
  const { wasUnclean, beforeId, isReplacement, blamed, suspects } = data;
  return {
    wasUnclean,
    beforeId,
    isReplacement,
    blamed,
    suspects,
    elsewhere: (recipients) => supervisor.ask("elsewhere", recipients),
    cleared: (messageId) => supervisor.tell("cleared", messageId),
  };
}

await run();
