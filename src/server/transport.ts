import { hostname, networkInterfaces } from "node:os";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { CounterName, Metrics } from "../base/metrics.ts";
import { MiB } from "../base/units.ts";
import { resolveHost, resolveMx } from "../dns/mx-plan.ts";
import { openResolver, type Resolver } from "../dns/resolver.ts";
import type { DnsServer } from "../dns/transport.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import type { CachedDirectory } from "../org/directory.ts";
import type { Organization, ReceiveConnector } from "../org/organization.ts";
import type { OpenSession, SessionTls } from "../smtp/session-handler.ts";
import type { QueueStore } from "../store/queue-store.ts";
import { createCategorize } from "../transport/categorize/categorize.ts";
import { openMailboxCourier } from "../transport/deliver/mailbox-courier.ts";
import type { Courier } from "../transport/queue/courier.ts";
import { ContentBudget } from "../transport/queue/message-content.ts";
import type { PressureGauge } from "../transport/queue/pressure.ts";
import { ALARM_MS, type QueueContext } from "../transport/queue/queue-context.ts";
import { TransportQueue } from "../transport/queue/transport-queue.ts";
import type { ConnectionCounts } from "../transport/receive/connection-counts.ts";
import type { DirectoryPoller } from "../transport/receive/directory-poller.ts";
import { createPickup } from "../transport/receive/pickup.ts";
import { createReceive } from "../transport/receive/receive.ts";
import { createReplay } from "../transport/receive/replay.ts";
import { createLmtpCourier } from "../transport/send/lmtp-courier.ts";
import type { SendDependencies, SendMetric } from "../transport/send/send-dependencies.ts";
import { createSmtpCourier } from "../transport/send/smtp-courier.ts";
import type { ConnectivityEvent } from "../transport/tracking/connectivity-line.ts";
import type { TestFaults } from "./test-faults.ts";

/** Content that one thread keeps in memory for mail that is about to be sent. */
const CONTENT_IN_MEMORY_BYTES = 64 * MiB;

/** What one transport thread is made of; a test makes one in its own thread. */
export interface TransportParts {
  readonly index: number;
  readonly count: number;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
  readonly store: QueueStore;
  readonly directory: CachedDirectory;
  readonly dataDirectory: string;
  readonly nameServers: readonly DnsServer[];
  readonly pressure: PressureGauge;
  readonly connections?: ConnectionCounts;
  readonly organization: () => Organization;
  /** Certificates and rules of TLS on a receive connector; without it, none has TLS. */
  readonly tlsFor?: (connector: ReceiveConnector) => SessionTls | undefined;
  readonly mark: (messageId: number) => () => void;
  readonly connectivity: (event: ConnectivityEvent) => void;
  /** What a test has go wrong; nothing by default. */
  readonly faults?: TestFaults;
}

/** The stages of one transport thread, joined by its queue. */
export interface Transport {
  readonly queue: TransportQueue;
  readonly openSession: OpenSession;
  /** Pickup and Replay; only one thread of a server may start them. */
  readonly pollers: readonly DirectoryPoller[];
}

/** Joins the stages: they know the queue, not each other. */
export function createTransport(parts: TransportParts): Transport {
  const { faults = {} } = parts;
  const couriers = createCouriers(parts);
  const context: QueueContext = {
    store: faults.queueStore?.(parts.store) ?? parts.store,
    clock: parts.clock,
    diagnostics: parts.diagnostics,
    metrics: parts.metrics,
    budget: new ContentBudget(CONTENT_IN_MEMORY_BYTES),
    organization: parts.organization,
    courierFor: couriers,
    mark: parts.mark,
    threadCount: parts.count,
    alarmMs: faults.alarmMs ?? ALARM_MS,
  };
  const queue = new TransportQueue({
    context,
    threadIndex: parts.index,
    threadCount: parts.count,
    pressure: parts.pressure,
    categorize(nextMessageId) {
      const { organization, directory } = parts;
      const categorize = createCategorize({ organization, directory, nextMessageId });
      return faults.categorize?.(categorize) ?? categorize;
    },
  });
  const openSession = createReceive({
    organization: parts.organization,
    directory: parts.directory,
    queue,
    clock: parts.clock,
    diagnostics: parts.diagnostics,
    count: parts.metrics.add,
    tlsFor: parts.tlsFor ?? (() => undefined),
    mailDelayMs: () => queue.mailDelayMs,
    ...(parts.connections && { connections: parts.connections }),
  });
  const files = {
    organization: parts.organization,
    dataDirectory: parts.dataDirectory,
    queue,
    reject: queue.reject.bind(queue),
    record: queue.record.bind(queue),
    clock: parts.clock,
    diagnostics: parts.diagnostics,
    count: parts.metrics.add,
  };
  return { queue, openSession, pollers: [createPickup(files), createReplay(files)] };
}

function createCouriers(parts: TransportParts): QueueContext["courierFor"] {
  const send = createSendDependencies(parts);
  const smtp = createSmtpCourier(send);
  const lmtp = createLmtpCourier(send);
  const mailbox = openMailboxCourier({
    dataDirectory: parts.dataDirectory,
    hostName: hostname(),
    directory: parts.directory,
    clock: parts.clock,
    diagnostics: parts.diagnostics,
  });
  const byType: Readonly<Record<string, Courier>> = {
    SmtpDeliveryToMailbox: mailbox,
    LmtpDelivery: lmtp,
  };
  return (deliveryType) => byType[deliveryType] ?? smtp;
}

function createSendDependencies(parts: TransportParts): SendDependencies {
  const { clock, metrics } = parts;
  const resolver = countLookups(
    openResolver({ servers: parts.nameServers, exchange: openDnsTransport(clock), clock }),
    metrics,
  );
  const ipv6 = hasGlobalIpv6();
  const random = () => clock.random();
  return {
    clock,
    resolveMx: (domain) => {
      const ownNames = new Set(namesOf(parts.organization()));
      return resolveMx(domain, resolver, { ownNames, random, ipv6 });
    },
    resolveHost: (name) => resolveHost(name, resolver, { random, ipv6 }),
    connectivity: parts.connectivity,
    count: (metric, amount) => {
      const counter = SEND_COUNTERS[metric];
      if (counter !== undefined) metrics.add(counter, amount);
    },
  };
}

function countLookups(resolver: Resolver, metrics: Metrics): Resolver {
  return {
    async lookup(name, type) {
      const answer = await resolver.lookup(name, type);
      const result = answer.kind === "failed" ? "failed" : "answered";
      metrics.add(`postrider_dns_queries_total:${result}`);
      return answer;
    },
  };
}

/** Outcomes of recipients are counted where they are settled. */
const SEND_COUNTERS: Partial<Record<SendMetric, CounterName>> = {
  connections: "postrider_outgoing_connections_total:connected",
  "connection-failures": "postrider_outgoing_connections_total:failed",
  "tls-connections": "postrider_tls_handshakes_total:out_done",
  "tls-failures": "postrider_tls_handshakes_total:out_failed",
  bytes: "postrider_sent_bytes_total",
};

/** Names under which this server is known: mail for a domain whose MX is one of them would loop. */
function namesOf(organization: Organization): readonly string[] {
  const names = organization.receiveConnectors.map(({ fqdn }) => fqdn);
  return [organization.server.fqdn, ...names].map((name) => name.toLowerCase());
}

function hasGlobalIpv6(): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return addresses.some(({ family, internal, address }) => {
    return family === "IPv6" && !internal && !address.toLowerCase().startsWith("fe80");
  });
}
