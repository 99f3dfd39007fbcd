import { hostname } from "node:os";
import type { Authenticator } from "../authentication/authenticator.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Metrics } from "../base/metrics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { createSessionIds } from "../base/session-ids.ts";
import { MiB } from "../base/units.ts";
import type { DnsServer } from "../dns/transport.ts";
import { createSenderRewriting } from "../mail/srs.ts";
import type { CachedDirectory } from "../org/directory.ts";
import type { Organization, SendConnector } from "../org/organization.ts";
import { withRewrittenSenders } from "../org/rewritten-senders.ts";
import type { OpenSession } from "../smtp/session-handler.ts";
import type { TapeDesk } from "../smtp/session-tape.ts";
import type { QueueStore } from "../store/queue-store.ts";
import {
  AgentGuards,
  AgentRoster,
  type InstalledAgents,
} from "../transport/agents/agent-roster.ts";
import type { ReceiveAgent } from "../transport/agents/receive-agent.ts";
import type { RoutingAgent } from "../transport/agents/routing-agent.ts";
import { createCategorize } from "../transport/categorize/categorize.ts";
import { classificationAgent } from "../transport/compliance/classification-agent.ts";
import { inboundRewritingAgent } from "../transport/compliance/inbound-rewriting-agent.ts";
import { journalingAgent } from "../transport/compliance/journaling-agent.ts";
import { variableEnvelopeAgent } from "../transport/compliance/variable-envelope-agent.ts";
import { openMailboxCourier } from "../transport/deliver/mailbox-courier.ts";
import { type ReadDmarcReport, withReportIntake } from "../transport/deliver/report-intake.ts";
import type { Courier } from "../transport/queue/courier.ts";
import { ContentBudget } from "../transport/queue/message-content.ts";
import type { PressureGauge } from "../transport/queue/pressure.ts";
import { ALARM_MS, type QueueContext } from "../transport/queue/queue-context.ts";
import { createStageContent } from "../transport/queue/staged-content.ts";
import { TransportQueue } from "../transport/queue/transport-queue.ts";
import { countingCheck } from "../transport/receive/authentication-counts.ts";
import type { ConnectionCounts } from "../transport/receive/connection-counts.ts";
import type { DirectoryPoller } from "../transport/receive/directory-poller.ts";
import type { JudgedMessage } from "../transport/receive/dmarc-counts.ts";
import { createPickup } from "../transport/receive/pickup.ts";
import type { RateCounts } from "../transport/receive/rate-counts.ts";
import { createReceive } from "../transport/receive/receive.ts";
import { createReplay } from "../transport/receive/replay.ts";
import { type CheckSender, senderIdAgent } from "../transport/receive/sender-id-agent.ts";
import type { SessionDependencies } from "../transport/receive/session.ts";
import { createLmtpCourier } from "../transport/send/lmtp-courier.ts";
import { createRedirectCourier, createSmtpCourier } from "../transport/send/smtp-courier.ts";
import type { AgentDecision } from "../transport/tracking/agent-line.ts";
import type { ConnectivityEvent } from "../transport/tracking/connectivity-line.ts";
import { createLinkTo } from "./moderation-links.ts";
import { createSendDependencies, type SendParts } from "./send-stage.ts";
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
  /** Opens what we log on with elsewhere. */
  readonly secrets: SecretBox;
  /** Where all mail goes while an administrator has it sent to another server. */
  readonly redirection?: () => SendConnector | undefined;
  readonly pressure: PressureGauge;
  readonly connections?: ConnectionCounts;
  readonly rates?: RateCounts;
  readonly organization: () => Organization;
  /** Certificates and rules of TLS on a receive connector; without it, none has TLS. */
  readonly tlsFor?: SessionDependencies["tlsFor"];
  /** As `SendParts`. */
  readonly records?: SendParts["records"];
  readonly clientContext?: SendParts["clientContext"];
  readonly tlsAttempt?: SendParts["tlsAttempt"];
  /** Logs users on; without it, no receive connector offers AUTH. */
  readonly authenticator?: Authenticator;
  /** Finds out who has sent a stranger's message; without it, nobody does. */
  readonly checkSender?: CheckSender;
  /** Told of strangers' mail whose author's domain wants reports on DMARC. */
  readonly judged?: (message: JudgedMessage) => void;
  readonly readDmarcReport?: ReadDmarcReport;
  /** Others that judge sessions and messages; absent: none. */
  readonly agents?: readonly ReceiveAgent[];
  /** Those that judge messages in the categorizer; absent: none. */
  readonly routingAgents?: readonly RoutingAgent[];
  /** Agents that are installed, and the guards of all; absent: none is. */
  readonly modules?: {
    readonly guards: AgentGuards;
    readonly receive: () => InstalledAgents<ReceiveAgent>;
    readonly routing: () => InstalledAgents<RoutingAgent>;
  };
  /** As `QueueContext`. */
  readonly mark: QueueContext["mark"];
  readonly alone: QueueContext["alone"];
  readonly connectivity: (event: ConnectivityEvent) => void;
  /** Where what is said in sessions goes, and what is refused in them; absent: nowhere. */
  readonly desk?: TapeDesk;
  readonly agentDecision?: (decision: AgentDecision) => void;
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
    sendsMail: () => parts.pressure.sendsMail,
    alone: parts.alone,
    threadCount: parts.count,
    alarmMs: faults.alarmMs ?? ALARM_MS,
    records: parts.records,
  };
  // Derived, not stored: each thread has the same key, and a restart too.
  const rewriting = createSenderRewriting(parts.secrets.derive("srs"), () => parts.clock.nowMs());
  const linkTo = createLinkTo(parts.secrets);
  const { store } = context;
  const stage = createStageContent(store, () => queue.nextMessageId());
  const journaling = journalingAgent({ ...parts, stage });
  const guards = parts.modules?.guards ?? new AgentGuards(parts);
  const listed = [...(parts.routingAgents ?? []), journaling, variableEnvelopeAgent()];
  const installed = parts.modules?.routing;
  const routingAgents = new AgentRoster<RoutingAgent>(listed, guards, installed);
  const discardContent = (id: number) => discard(store, id, parts.diagnostics);
  const queue: TransportQueue = new TransportQueue({
    context,
    threadIndex: parts.index,
    threadCount: parts.count,
    pressure: parts.pressure,
    categorize(nextMessageId) {
      const { organization, clock, diagnostics } = parts;
      const directory = withRewrittenSenders(parts.directory, rewriting, organization);
      const categorize = createCategorize({
        organization,
        directory,
        nextMessageId,
        rewriting,
        moderation: { clock, linkTo },
        agents: { roster: routingAgents, clock, diagnostics, discardContent },
      });
      return faults.categorize?.(categorize) ?? categorize;
    },
  });
  const receiveAgents = createReceiveAgents(parts, guards);
  const openSession = createReceive({
    organization: parts.organization,
    directory: parts.directory,
    queue,
    clock: parts.clock,
    diagnostics: parts.diagnostics,
    count: parts.metrics.add,
    tlsFor: parts.tlsFor ?? (() => undefined),
    mailDelayMs: () => queue.mailDelayMs,
    takesMail: () => parts.pressure.takesMail,
    ...(parts.connections && { connections: parts.connections }),
    ...(parts.rates && { rates: parts.rates }),
    ...(parts.authenticator && { authenticator: parts.authenticator }),
    rewriting,
    agents: receiveAgents,
    desk: parts.desk,
    agentDecision: parts.agentDecision,
  });
  return { queue, openSession, pollers: createPollers(parts, queue) };
}

/** What cannot be removed now, the store removes at its next start. */
function discard(store: QueueStore, contentId: number, diagnostics: Diagnostics): void {
  store.discardContent(contentId).catch((error: unknown) => {
    diagnostics.warn("content-discard-failed", { error: String(error) });
  });
}

function createReceiveAgents(
  parts: TransportParts,
  guards: AgentGuards,
): AgentRoster<ReceiveAgent> {
  const { checkSender, modules } = parts;
  return new AgentRoster<ReceiveAgent>(
    [
      ...(checkSender === undefined
        ? []
        : [senderIdAgent(countingCheck(checkSender, parts.metrics.add), parts.judged)]),
      ...(parts.agents ?? []),
      inboundRewritingAgent(),
      classificationAgent(),
    ],
    guards,
    modules?.receive,
  );
}

function createPollers(parts: TransportParts, queue: TransportQueue): readonly DirectoryPoller[] {
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
  return [createPickup(files), createReplay(files)];
}

function createCouriers(parts: TransportParts): QueueContext["courierFor"] {
  const nextSessionId = parts.desk?.nextId ?? createSessionIds(parts.clock, parts.index);
  const send = createSendDependencies({ ...parts, nextSessionId });
  const smtp = createSmtpCourier(send);
  const redirect = createRedirectCourier(send, () => parts.redirection?.());
  const lmtp = createLmtpCourier(send);
  const mailbox = openMailboxCourier({
    dataDirectory: parts.dataDirectory,
    hostName: hostname(),
    directory: parts.directory,
    clock: parts.clock,
    diagnostics: parts.diagnostics,
  });
  const { records } = parts;
  const watched = (courier: Courier) =>
    records ? withReportIntake(courier, { ...parts, records }) : courier;
  const byType: Readonly<Record<string, Courier>> = {
    SmtpDeliveryToMailbox: watched(mailbox),
    LmtpDelivery: watched(lmtp),
  };
  return (deliveryType) =>
    parts.redirection?.() === undefined ? (byType[deliveryType] ?? smtp) : redirect;
}
