import { type Domain, parseDomain } from "../mail/address.ts";
import { buildAcceptedDomains } from "./accepted-domain-reader.ts";
import type { FaultList } from "./configuration-fault.ts";
import type { DeclaredObject } from "./declared-object.ts";
import type { Organization, Server, TransportService } from "./organization.ts";
import { readPolicySettings } from "./policy-settings-reader.ts";
import { type ReadObject, readObjects, readSingle } from "./read-object.ts";
import { buildReceiveConnectors } from "./receive-connector-reader.ts";
import { buildRemoteDomains } from "./remote-domain.ts";
import { buildSendConnectors } from "./send-connector-reader.ts";
import { formatSpan } from "./settings/setting-types.ts";
import { buildThrottlingPolicies } from "./throttling-policy.ts";

/** What the machine says of itself, for the defaults that depend on it. */
export interface Machine {
  readonly hostName: string;
  readonly cores: number;
}

/** Builds the organization, version 0; `undefined` when a fault was reported. */
export function readOrganization(
  declared: readonly DeclaredObject[],
  machine: Machine,
  faults: FaultList,
): Organization | undefined {
  const server = buildServer(readSingle("server", declared, faults), machine);
  const fqdn = server.fqdn;
  const acceptedDomains = buildAcceptedDomains(readObjects("acceptedDomain", declared, faults));
  const receiveConnectors = buildReceiveConnectors(
    readObjects("receiveConnector", declared, faults),
    { serverFqdn: fqdn, acceptedDomains },
  );
  const service = readSingle("transportService", declared, faults);
  const sendConnectors = buildSendConnectors(readObjects("sendConnector", declared, faults), {
    serverFqdn: fqdn,
    externalDNSServers: service?.values.externalDNSServers ?? [],
  });
  const tlsPolicies = readObjects("tlsPolicy", declared, faults).map(({ values }) => values);
  const oauthIssuers = readObjects("oauthIssuer", declared, faults).map(({ values }) => values);
  const remoteDomains = buildRemoteDomains(readObjects("remoteDomain", declared, faults));
  const policySettings = readPolicySettings(declared, faults, acceptedDomains);
  const systemMessages = readObjects("systemMessage", declared, faults).map(({ values }) => values);
  const throttlingPolicies = buildThrottlingPolicies(
    readObjects("throttlingPolicy", declared, faults),
  );
  const transportConfig = readSingle("transportConfig", declared, faults)?.values;
  const transportService = service === undefined ? undefined : buildTransportService(service);
  if (!faults.isEmpty || policySettings === undefined) return undefined;
  if (transportService === undefined || transportConfig === undefined) return undefined;
  return {
    version: 0,
    server,
    acceptedDomains,
    receiveConnectors,
    sendConnectors,
    tlsPolicies,
    ...policySettings,
    oauthIssuers,
    throttlingPolicies,
    remoteDomains,
    systemMessages,
    transportService,
    transportConfig,
  };
}

function buildServer(
  object: ReadObject<"server"> | undefined,
  machine: Machine,
): Server & { readonly fqdn: Domain } {
  const values = object?.values;
  return {
    fqdn: values?.fqdn ?? hostNameDomain(machine.hostName),
    transportThreads: values?.transportThreads ?? Math.max(1, machine.cores),
    dnsServers: values?.dnsServers ?? [],
    keytab: values?.keytab ?? "smtp.keytab",
    admin: values?.admin ?? { listen: undefined, oidc: undefined },
  };
}

/** A host name need not be a domain name; mail needs one all the same. */
function hostNameDomain(hostName: string): Domain {
  // "localhost" is a domain name: the brand's promise holds.
  return parseDomain(hostName) ?? ("localhost" as Domain);
}

function buildTransportService(object: ReadObject<"transportService">): TransportService {
  const { given, report } = object;
  const values = object.values;
  const transientMs = values.transientFailureRetryCount * values.transientFailureRetryIntervalMs;
  if (values.delayNotificationTimeoutMs <= transientMs) {
    const property =
      ["delayNotificationTimeout", "transientFailureRetryInterval"].find((name) =>
        given.has(name),
      ) ?? "transientFailureRetryCount";
    report(
      property,
      `delayNotificationTimeout (${formatSpan(values.delayNotificationTimeoutMs)}) ` +
        "must exceed transientFailureRetryCount × transientFailureRetryInterval " +
        `(${formatSpan(transientMs)})`,
    );
  }
  const inAll = values.maxOutboundConnections;
  const perDomain = values.maxPerDomainOutboundConnections;
  if (perDomain > inAll && given.has("maxPerDomainOutboundConnections")) {
    const message = `${perDomain} exceeds maxOutboundConnections, which is ${inAll}`;
    report("maxPerDomainOutboundConnections", `maxPerDomainOutboundConnections: ${message}`);
  }
  return { ...values, maxPerDomainOutboundConnections: Math.min(perDomain, inAll) };
}
