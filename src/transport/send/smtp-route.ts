import type { SendConnector } from "../../org/organization.ts";
import type { QueueKey } from "../../store/queue-store.ts";
import type { Lane } from "../queue/courier.ts";
import {
  CANDIDATES_MAX,
  endpointOf,
  type HopCandidate,
  type HopUnresolved,
} from "./connect-hop.ts";
import { errorPoliciesOf } from "./error-policy.ts";
import { type CandidateOptions, candidatesOf, hostOf } from "./hop-candidates.ts";
import { planFault } from "./hop-fault.ts";
import type { HopRoute } from "./hop-lane.ts";
import { createTlsGuard } from "./hop-tls.ts";
import { LogonConversation } from "./logon.ts";
import type { RecentFailures } from "./recent-failures.ts";
import type { HostResolution, SendDependencies } from "./send-dependencies.ts";
import type { SourceAddresses } from "./source-address.ts";

/** What the routes of one courier share. */
export interface RouteState {
  readonly dependencies: SendDependencies;
  readonly failures: RecentFailures;
  /** Connector to the smart host that the next connection starts at. */
  readonly rotation: Map<string, number>;
  readonly sources: SourceAddresses;
}

/** Whether a queue's hosts come from its domain's MX records, or somebody set them. */
export function routingOf({ deliveryType }: QueueKey): "mx" | "fixed" {
  return deliveryType === "SmartHostConnectorDelivery" ? "fixed" : "mx";
}

/** How the hosts of a queue are found and spoken to, as the connector says. */
export function smtpRoute(
  lane: Pick<Lane, "key" | "organization">,
  by: { readonly connector: SendConnector; readonly routing: "mx" | "fixed" },
  state: RouteState,
): HopRoute {
  const { connector, routing } = by;
  const own = [connector.fqdn, lane.organization.server.fqdn];
  const { dependencies, failures } = state;
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
    readonly rotation: RouteState["rotation"];
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
