import { networkInterfaces } from "node:os";
import { SECOND } from "../../base/units.ts";
import type { Organization, ReceiveConnector } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  ConnectionFacts,
  OpenSession,
  SessionHandler,
  XclientAttributes,
} from "../../smtp/session-handler.ts";
import { AgentGuards, AgentRoster, type Seat } from "../agents/agent-roster.ts";
import type { ReceiveAgent } from "../agents/receive-agent.ts";
import { admitClient } from "./admission.ts";
import { type ConnectionCounts, ownConnectionCounts } from "./connection-counts.ts";
import { bannerOf, type ConnectorProfile, connectorProfile } from "./connector-profile.ts";
import { HeardSession } from "./heard-session.ts";
import {
  ObservedSession,
  type Observers,
  tellDecision,
  type WatchedSession,
} from "./observed-session.ts";
import { POLICY_REPLY } from "./policy-reply.ts";
import { ownRateCounts, type RateCounts } from "./rate-counts.ts";
import { holdsAddress, rememberSelections } from "./select-connector.ts";
import { ReceiveSession, type SessionDependencies } from "./session.ts";
import { rememberHearers } from "./session-hearers.ts";
import { type HeardFacts, SessionHearing } from "./session-hearing.ts";
import { sparingDiagnostics } from "./sparing-diagnostics.ts";
import type { Vouched } from "./vouched-client.ts";

/** Connections that find no connector are logged so often at most: a scanner makes thousands. */
const LOG_INTERVAL_MS = 1 * SECOND;

/** What the receive stage needs of its surroundings. */
export interface ReceiveDependencies extends Omit<SessionDependencies, "limits">, Observers {
  /** Connections of all transport threads; without it, limits count this thread's alone. */
  readonly connections?: ConnectionCounts;
  /** Rates of all transport threads; without them, limits count this thread's alone. */
  readonly rates?: RateCounts;
  /** Those that judge sessions and messages; absent: nobody does. */
  readonly agents?: AgentRoster<ReceiveAgent>;
}

/** The receive stage: finds a connection's connector, and hands out the policy of its session. */
export function createReceive(dependencies: ReceiveDependencies): OpenSession {
  const { organization: current, clock, count, diagnostics } = dependencies;
  const connections = dependencies.connections ?? ownConnectionCounts();
  const rates = dependencies.rates ?? ownRateCounts();
  const log = sparingDiagnostics(diagnostics, clock);
  const session: SessionDependencies = {
    ...dependencies,
    limits: { rates, clock, count, log },
  };
  const { agents = new AgentRoster([], new AgentGuards(dependencies)) } = dependencies;
  const profileOf = rememberProfiles(dependencies);
  const hearersOf = rememberHearers();
  const selectConnector = rememberSelections();
  let loggedMs = Number.NEGATIVE_INFINITY;
  const open = (
    connection: ConnectionFacts,
    vouched: Vouched | undefined,
  ): SessionHandler | Reply => {
    const organization = current();
    const { remoteAddress } = connection;
    if (dependencies.takesMail?.() === false) {
      count("postrider_connections_refused_total:not_in_service");
      return POLICY_REPLY.notInService;
    }
    const { connector, reasons } = selectConnector(organization.receiveConnectors, {
      ...connection,
      scopeNumber,
    });
    if (connector === undefined) {
      count("postrider_connections_refused_total:no_connector");
      if (clock.monotonicMs() - loggedMs >= LOG_INTERVAL_MS) {
        loggedMs = clock.monotonicMs();
        diagnostics.info("connection-without-connector", { remoteAddress, reasons });
      }
      return tellRefusal(dependencies, { connection, connector: "", ...NO_CONNECTOR });
    }
    // XCLIENT opens no further connection.
    const isNew = vouched === undefined;
    const ratePerMinute = connectionRateOf(organization, remoteAddress);
    const leave = admitClient(
      { connections, rates, clock, count, log },
      { connector, remoteAddress, ratePerMinute: isNew ? ratePerMinute : Infinity },
    );
    if (leave === undefined) {
      const refused = { connection, connector: connector.name, ...TOO_MANY };
      return tellRefusal(dependencies, refused);
    }
    count("postrider_connections_accepted_total");
    const sessionId = dependencies.desk?.nextId() ?? "";
    const opened = new ReceiveSession(session, {
      organization,
      profile: profileOf(organization, connector),
      connection,
      sessionId,
      banner: bannerOf(connector, clock.nowMs()),
      vouched,
      // Behind a proxy that passes commands on, it is the client that speaks from then on.
      mayVouch: isNew && holdsAddress(connector.xclientSources, remoteAddress),
      reopen: (attributes) => open(...clientOf(connection, remoteAddress, attributes)),
      leave,
    });
    const beginning = { organization, connector, standing: opened.standing, remoteAddress };
    const seats = hearersOf(agents.seats(organization), beginning);
    const heard = hear(opened, seats, { organization, connector, connection });
    return observe(heard, dependencies, { connection, connector, sessionId });
  };
  return (connection) => open(connection, undefined);
}

const NO_CONNECTOR = { reply: POLICY_REPLY.noConnector };
const TOO_MANY = { reply: POLICY_REPLY.tooManyConnections };

/** Tells the agent log of a connection that is refused; returns what it is told. */
function tellRefusal(
  { agentDecision }: Observers,
  refused: {
    readonly connection: ConnectionFacts;
    readonly connector: string;
    readonly reply: Reply;
  },
): Reply {
  if (agentDecision !== undefined) {
    tellDecision(agentDecision, { ...refused, moment: "connect", sessionId: "", recipients: [] });
  }
  return refused.reply;
}

/** The session with agents that care for it. */
function hear(
  session: ReceiveSession,
  seats: readonly Seat<ReceiveAgent>[],
  facts: Omit<HeardFacts, "standing">,
): WatchedSession {
  if (seats.length === 0) return session;
  const hearing = SessionHearing.open(seats, { ...facts, standing: () => session.standing });
  return new HeardSession(session, hearing);
}

/** The session with whoever watches it. */
function observe(
  session: WatchedSession,
  observers: Observers,
  at: {
    readonly connection: ConnectionFacts;
    readonly connector: ReceiveConnector;
    readonly sessionId: string;
  },
): SessionHandler {
  if (!observers.desk && !observers.agentDecision) return session;
  const { name, protocolLoggingLevel } = at.connector;
  const isVerbose = protocolLoggingLevel === "Verbose";
  return new ObservedSession(session, observers, { ...at, connector: name, isVerbose });
}

/** What all sessions of a connector share, worked out once for each organization. */
function rememberProfiles({ authenticator }: Pick<ReceiveDependencies, "authenticator">) {
  const profiles = new WeakMap<Organization, Map<ReceiveConnector, ConnectorProfile>>();
  return (organization: Organization, connector: ReceiveConnector) => {
    let known = profiles.get(organization);
    if (known === undefined) {
      known = new Map();
      profiles.set(organization, known);
    }
    let profile = known.get(connector);
    if (profile === undefined) {
      profile = connectorProfile(organization, connector, authenticator);
      known.set(connector, profile);
    }
    return profile;
  };
}

/** Reference §11. */
const CONNECTION_RATE_DEFAULT = 1200;

/**
 * Connections per minute that a client's one counts among. The default is for strangers: programs
 * on this machine could not do harm that they cannot do otherwise, and would be its first victims.
 */
function connectionRateOf({ transportService }: Organization, remoteAddress: string): number {
  const { maxConnectionRatePerMinute } = transportService;
  if (maxConnectionRatePerMinute !== undefined) return maxConnectionRatePerMinute;
  const isOwn = remoteAddress === "::1" || remoteAddress.startsWith("127.");
  return isOwn ? Number.POSITIVE_INFINITY : CONNECTION_RATE_DEFAULT;
}

/** The connection as XCLIENT's speaker describes it; what it leaves out stays as it is. */
function clientOf(
  connection: ConnectionFacts,
  speaker: string,
  attributes: XclientAttributes,
): [ConnectionFacts, Vouched] {
  const { address, port, destinationAddress, destinationPort, helo, protocol } = attributes;
  return [
    {
      remoteAddress: address ?? connection.remoteAddress,
      remotePort: port ?? connection.remotePort,
      localAddress: destinationAddress ?? connection.localAddress,
      localPort: destinationPort ?? connection.localPort,
      proxyAddress: speaker,
    },
    { speaker, helo, protocol, login: attributes.login ?? "" },
  ];
}

/** Ranges may name a link by the number of its interface (`%11`), as Windows does. */
function scopeNumber(interfaceName: string): string | undefined {
  const addresses = networkInterfaces()[interfaceName] ?? [];
  const scopes = addresses.flatMap((one) => (one.family === "IPv6" ? [one.scopeid] : []));
  return scopes.find((scope) => scope > 0)?.toString();
}
