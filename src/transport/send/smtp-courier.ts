import type { SendConnector } from "../../org/organization.ts";
import type { Courier, Lane } from "../queue/courier.ts";
import {
  CANDIDATES_MAX,
  endpointOf,
  type HopCandidate,
  type HopUnresolved,
} from "./connect-hop.ts";
import { errorPoliciesOf } from "./error-policy.ts";
import { type CandidateOptions, candidatesOf, hostOf } from "./hop-candidates.ts";
import { ourFault, planFault } from "./hop-fault.ts";
import { type HopRoute, type LaneShared, runHopLane, Suspects } from "./hop-lane.ts";
import { createTlsGuard } from "./hop-tls.ts";
import { LogonConversation } from "./logon.ts";
import { RecentFailures } from "./recent-failures.ts";
import type { HostResolution, SendDependencies } from "./send-dependencies.ts";
import { SourceAddresses } from "./source-address.ts";

/**
 * The courier of DnsConnectorDelivery and SmartHostConnectorDelivery: SMTP to the hosts of the
 * recipient's domain or to the connector's smart hosts, as the connector of the lane's snapshot
 * says.
 */
export function createSmtpCourier(dependencies: SendDependencies): Courier {
  const state = openState(dependencies);
  return {
    async run(lane) {
      const name = lane.key.nextHopConnector;
      const connector = lane.organization.sendConnectors.find((one) => one.name === name);
      if (connector === undefined) {
        const text = "The send connector of this queue is gone";
        return { kind: "hop-failed", fault: ourFault(451, "4.4.0", text, "ROUTING") };
      }
      const isFixed = lane.key.deliveryType === "SmartHostConnectorDelivery";
      const route = routeOf(lane, { connector, routing: isFixed ? "fixed" : "mx" }, state);
      return runHopLane(lane, route, state.shared);
    },
  };
}

/**
 * The courier of every queue while an administrator has all mail sent to another server: SMTP to
 * the smart hosts of `connector`, whatever queue the lane is of.
 */
export function createRedirectCourier(
  dependencies: SendDependencies,
  connector: () => SendConnector | undefined,
): Courier {
  const state = openState(dependencies);
  return {
    async run(lane) {
      const target = connector();
      if (target === undefined) return { kind: "done" };
      const route = routeOf(lane, { connector: target, routing: "fixed" }, state);
      return runHopLane(lane, route, state.shared);
    },
  };
}

function openState(dependencies: SendDependencies): CourierState {
  const failures = new RecentFailures(dependencies.clock);
  const shared: LaneShared = { dependencies, failures, suspects: new Suspects() };
  return { shared, rotation: new Map(), sources: new SourceAddresses() };
}

interface CourierState {
  readonly shared: LaneShared;
  /** Connector to the smart host that the next connection starts at. */
  readonly rotation: Map<string, number>;
  readonly sources: SourceAddresses;
}

function routeOf(
  lane: Lane,
  by: { readonly connector: SendConnector; readonly routing: "mx" | "fixed" },
  state: CourierState,
): HopRoute {
  const { connector, routing } = by;
  const own = [connector.fqdn, lane.organization.server.fqdn];
  const { dependencies, failures } = state.shared;
  const { smtpMaxMessagesPerConnection: messagesMax } = connector;
  const names = connector.useExternalDNSServersEnabled
    ? dependencies.resolveAt(lane.organization.transportService.externalDNSServers)
    : dependencies;
  const { organization } = lane;
  const published = lane.key.tlsNotRequired === true ? "ignored" : "heeded";
  return {
    settings: {
      protocol: "smtp",
      routing,
      fqdn: connector.fqdn,
      ownNames: own.map((name) => name.toLowerCase()),
      forceHelo: connector.forceHELO,
      tls: connector.requireTLS ? "required" : connector.ignoreSTARTTLS ? "never" : "opportunistic",
      tlsPolicies: routing === "fixed" ? organization.tlsPolicies : undefined,
      sourceAddress: (target) => state.sources.pick(connector, target),
      connector: connector.name,
      isVerbose: connector.protocolLoggingLevel === "Verbose",
      logon: logsOn(connector)
        ? () => new LogonConversation(connector, dependencies.logon)
        : undefined,
    },
    candidates: ({ tlsAttempt, hosts: tellHosts }) => {
      const parts = { connector, organization, routing, published, names } as const;
      const guard = createTlsGuard({ ...parts, dependencies, tlsAttempt });
      const options = { port: connector.port, guard, tellHosts };
      const all =
        routing === "fixed"
          ? smartHostCandidates(connector, { rotation: state.rotation, options, names })
          : mxCandidates(lane.key.nextHopDomain, options, names);
      return failedLast(all, failures);
    },
    messagesMax: messagesMax > 0 ? messagesMax : Number.POSITIVE_INFINITY,
    idleTimeoutMs: connector.connectionInactivityTimeoutMs,
    to: {
      audience: connector.cloudServicesMailEnabled ? "cloud" : "anyone",
      serverName: lane.organization.server.fqdn,
    },
    errorPolicies: errorPoliciesOf(connector),
  };
}

function logsOn({ smartHostAuthMechanism }: SendConnector): boolean {
  return smartHostAuthMechanism !== "None" && smartHostAuthMechanism !== "ExternalAuthoritative";
}

async function* mxCandidates(
  domain: string,
  options: CandidateOptions,
  { resolveMx }: HostResolution,
): AsyncGenerator<HopCandidate | HopUnresolved> {
  const plan = await resolveMx(domain);
  options.tellHosts(domain, plan);
  if (plan.kind === "hosts") yield* candidatesOf(plan, domain, options);
  else yield { kind: plan.kind, fault: planFault(plan) };
}

/** Each connection starts at the next smart host (reference §3.4), and goes round them once. */
async function* smartHostCandidates(
  connector: SendConnector,
  parts: {
    readonly rotation: CourierState["rotation"];
    readonly options: CandidateOptions;
    readonly names: HostResolution;
  },
): AsyncGenerator<HopCandidate | HopUnresolved> {
  const { rotation, options, names } = parts;
  const { smartHosts } = connector;
  const start = rotation.get(connector.name) ?? 0;
  if (smartHosts.length > 1) rotation.set(connector.name, (start + 1) % smartHosts.length);
  for (let turn = 0; turn < smartHosts.length; turn++) {
    const smartHost = smartHosts[(start + turn) % smartHosts.length];
    if (smartHost !== undefined) yield* hostOf(smartHost, options, names);
  }
}

/** The same candidates, those that failed a moment ago at the end. */
async function* failedLast(
  candidates: AsyncIterable<HopCandidate | HopUnresolved>,
  failures: RecentFailures,
): AsyncGenerator<HopCandidate | HopUnresolved> {
  const later: HopCandidate[] = [];
  for await (const candidate of candidates) {
    const isLater = candidate.kind === "candidate" && failures.has(endpointOf(candidate));
    if (!isLater) yield candidate;
    else if (later.length < CANDIDATES_MAX) later.push(candidate);
  }
  yield* later;
}
