import type { Clock } from "../base/clock.ts";
import type { Organization, SendConnector } from "../org/organization.ts";
import { formatSpan } from "../org/settings/setting-types.ts";
import type { QueueKey } from "../store/queue-store.ts";
import { endpointOf, type HopCandidate } from "../transport/send/connect-hop.ts";
import type { HopRoute } from "../transport/send/hop-lane.ts";
import { describePlan } from "../transport/send/hop-log.ts";
import { RecentFailures } from "../transport/send/recent-failures.ts";
import type { SendDependencies } from "../transport/send/send-dependencies.ts";
import { routingOf, smtpRoute } from "../transport/send/smtp-route.ts";
import { SourceAddresses } from "../transport/send/source-address.ts";
import { requirementOf, type TlsRequirement } from "../transport/send/tls-policy.ts";
import { describeSchedule, retryPhases } from "./retry-schedule.ts";
import { type Step, step } from "./step.ts";

/** How hosts are found and reached: as delivery does it, but nobody else is told. */
export interface SendingTools {
  readonly clock: Clock;
  /** What a courier works with, with caches of its own; `tell` hears what it is told of. */
  readonly openSending: (tell: SendingEar) => SendDependencies;
}

/** What is told while hosts are found and reached. */
export type SendingEar = Pick<SendDependencies, "tlsAttempt" | "desk"> & {
  /** Told of each question to a name server. */
  readonly lookup: (asked: AskedName) => void;
};

/** A question to a name server, and what came of it. */
export interface AskedName {
  readonly name: string;
  readonly type: string;
  /** `10 mx.fabrikam.test`, `NXDOMAIN`, `SERVFAIL …`; several are joined by `; `. */
  readonly answer: string;
  readonly kind: "records" | "nxdomain" | "nodata" | "failed";
  /** DNSSEC vouches for it, says the server. */
  readonly authenticated: boolean;
  readonly elapsedMs: number;
}

/** Hosts that are listed. */
const HOSTS_MAX = 20;

/** How a queue's hop is found, secured and tried again: told, without connecting to anybody. */
export async function* hopSteps(
  key: QueueKey,
  how: { readonly organization: Organization; readonly resolveDns: boolean },
  tools: SendingTools,
): AsyncGenerator<Step> {
  const { organization } = how;
  const connector = organization.sendConnectors.find(({ name }) => name === key.nextHopConnector);
  yield step(0, `Delivery queue ${key.nextHopDomain}`, {
    verdict: "Pass",
    decision: key.deliveryType,
    why: key.nextHopConnector === "" ? "" : `by send connector ${key.nextHopConnector}`,
    source: key.nextHopConnector === "" ? "mailbox" : "send connectors",
  });
  if (connector !== undefined) {
    yield connectorStep(connector, organization);
    yield requirementStep(requirementFor(key, connector, organization));
    if (how.resolveDns) yield* hostSteps(key, { connector, organization }, tools);
  }
  const { transportService: service } = organization;
  yield step(1, "While it cannot be reached", {
    decision: `tried ${describeSchedule(retryPhases(service, key.deliveryType))}`,
    why:
      `the sender is told after ${formatSpan(service.delayNotificationTimeoutMs)}, ` +
      `and it fails after ${formatSpan(service.messageExpirationTimeoutMs)}`,
    source: "transport service: …RetryInterval, …RetryCount, messageExpirationTimeout",
  });
}

function connectorStep(connector: SendConnector, { transportService }: Organization): Step {
  const { maxConnections, messageRateLimit, port } = connector;
  const { maxPerDomainOutboundConnections: perDomain } = transportService;
  const most = Math.min(maxConnections, perDomain);
  const rate = messageRateLimit === Infinity ? "any number of" : String(messageRateLimit);
  return step(1, "Connections", {
    decision: `at most ${most} to port ${port}`,
    why: `${rate} messages per minute`,
    source:
      `send connector ${connector.name}: maxConnections, messageRateLimit; ` +
      "transport service: maxPerDomainOutboundConnections",
  });
}

/** What our settings want of TLS with the hop of a queue. */
export function requirementFor(
  key: QueueKey,
  connector: SendConnector,
  organization: Organization,
): TlsRequirement {
  const [smartHost] = connector.smartHosts;
  const name = smartHost === undefined || smartHost.isAddress ? "" : smartHost.host.toLowerCase();
  const domain = key.deliveryType === "DnsConnectorDelivery" ? key.nextHopDomain : name;
  return requirementOf({
    connector,
    policies: organization.tlsPolicies,
    secureDomains: organization.transportConfig.tlsSendDomainSecureList,
    domain,
  });
}

const CHECK_WORDS = {
  none: "no certificate is checked",
  chain: "the certificate must be of a trusted authority",
  name: "the certificate must be trusted and bear the name",
};

/** What our own settings ask of TLS, before what the domain publishes. */
export function requirementStep(requirement: TlsRequirement): Step {
  const { startTls, check, names, dane, sts, origin } = requirement;
  const named = names.length > 0 ? ` ${names.join(" or ")}` : "";
  return step(1, "TLS requirement", {
    decision: `TLS ${startTls}`,
    why: `${CHECK_WORDS[check]}${named}; DANE ${dane}, MTA-STS ${sts}`,
    source: origin,
  });
}

/** How delivery would find and reach the hosts of a queue. */
export function routeFor(
  key: QueueKey,
  by: { readonly connector: SendConnector; readonly organization: Organization },
  tools: { readonly clock: Clock; readonly dependencies: SendDependencies },
): HopRoute {
  const { dependencies, clock } = tools;
  const { connector, organization } = by;
  return smtpRoute(
    { key, organization },
    { connector, routing: routingOf(key) },
    {
      dependencies,
      failures: new RecentFailures(clock),
      rotation: new Map(),
      sources: new SourceAddresses(),
    },
  );
}

async function* hostSteps(
  key: QueueKey,
  by: { readonly connector: SendConnector; readonly organization: Organization },
  { openSending, clock }: SendingTools,
): AsyncGenerator<Step> {
  const asked: AskedName[] = [];
  const dependencies = openSending({
    lookup: (one) => void asked.push(one),
    tlsAttempt: () => undefined,
  });
  const told: Step[] = [];
  const candidates = routeFor(key, by, { dependencies, clock }).candidates({
    tlsAttempt: () => undefined,
    hosts: (name, plan) => {
      const isGood = plan.kind === "hosts";
      const decision = describePlan(name, plan);
      const verdict = isGood ? "Pass" : plan.kind === "failed" ? "Warning" : "Fail";
      told.push(step(1, `Hosts of ${name}`, { verdict, decision, source: "DNS" }));
    },
  });
  let count = 0;
  for await (const candidate of candidates) {
    yield* told.splice(0);
    count += 1;
    if (count > HOSTS_MAX) break;
    yield candidate.kind === "candidate"
      ? candidateStep(candidate)
      : step(2, "Host passed over", { verdict: "Fail", decision: candidate.fault.diagnostic });
  }
  yield* told.splice(0);
}

/** A host to try, and what TLS with it has to come to. */
export function candidateStep(candidate: HopCandidate): Step {
  const { tls, name } = candidate;
  const { decision } = tls ?? {};
  const records = decision === undefined ? [] : decision.policy.text;
  return step(2, name === "" ? endpointOf(candidate) : `${name} ${endpointOf(candidate)}`, {
    decision: decision === undefined ? "as the connector says" : `TLS ${decision.startTls}`,
    why: decision?.label ?? "",
    source: records.length === 0 ? "" : `published: ${records.join("; ")}`,
  });
}
