import { networkInterfaces } from "node:os";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { CounterName, Metrics } from "../base/metrics.ts";
import { ok } from "../base/result.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { resolveHost, resolveMx } from "../dns/mx-plan.ts";
import { parseDnsServer } from "../dns/resolv-conf.ts";
import { openResolver, type Resolver } from "../dns/resolver.ts";
import { lookupTlsa } from "../dns/tlsa-lookup.ts";
import type { DnsServer } from "../dns/transport.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import { postForm } from "../net/https-form.ts";
import type { Organization } from "../org/organization.ts";
import type { TapeDesk } from "../smtp/session-tape.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { CertificateStore } from "../tls/certificate-store.ts";
import { createOutgoingRewriting } from "../transport/compliance/outgoing-rewriting.ts";
import { createOutgoingTagging } from "../transport/hygiene/outgoing-tagging.ts";
import { createOutgoingSigner } from "../transport/send/outgoing-signer.ts";
import type {
  HostResolution,
  SendDependencies,
  SendMetric,
} from "../transport/send/send-dependencies.ts";
import { createFetchPolicy, createStsSource, type StsState } from "../transport/send/sts-source.ts";
import type { TlsAttempt } from "../transport/send/tls-attempt.ts";
import { createTokenSource } from "../transport/send/token-source.ts";
import type { ConnectivityEvent } from "../transport/tracking/connectivity-line.ts";
import { bounceTags } from "./bounce-tags.ts";
import type { TestFaults } from "./test-faults.ts";

/** What the sending stage of one thread is made of. */
export interface SendParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly nameServers: readonly DnsServer[];
  readonly secrets: SecretBox;
  readonly organization: () => Organization;
  readonly connectivity: (event: ConnectivityEvent) => void;
  /** As `SendDependencies`. */
  readonly nextSessionId: () => string;
  readonly desk?: TapeDesk | undefined;
  readonly diagnostics: Diagnostics;
  /** Where policies of MTA-STS are kept; without it, nobody's is looked for. */
  readonly records?: RecordStore;
  /** What to begin TLS with towards a next hop; without it, the runtime's defaults. */
  readonly clientContext?: CertificateStore["clientContext"];
  /** Told of every try to secure a connection. */
  readonly tlsAttempt?: (attempt: TlsAttempt) => void;
  readonly faults?: TestFaults;
  /** Puts somebody who watches between the stage and DNS; absent: nobody. */
  readonly watched?: (resolver: Resolver) => Resolver;
}

/** Joins DNS, secrets, tokens and counters for the couriers of one thread. */
export function createSendDependencies(parts: SendParts): SendDependencies {
  const { clock, metrics, secrets } = parts;
  const openSecret = (sealed: string) => secrets.open(sealed);
  const post = (url: string, form: Readonly<Record<string, string>>) => postForm(url, form, clock);
  const tokens = createTokenSource({ clock, post, openSecret });
  const external = new Map<string, HostResolution>();
  return {
    clock,
    ...openResolution(parts, parts.nameServers),
    resolveAt(servers) {
      const key = servers.join(" ");
      let resolution = external.get(key);
      if (resolution === undefined) {
        resolution = openResolution(
          parts,
          servers.map(parseDnsServer).filter((server) => server !== undefined),
        );
        // One list is in force at a time; a reload brings another one.
        external.clear();
        external.set(key, resolution);
      }
      return resolution;
    },
    tlsContext: (own) => parts.clientContext?.(own) ?? ok(undefined),
    signer: createOutgoingSigner({ ...parts, openSecret }),
    rewriter: createOutgoingRewriting(parts.organization),
    tagSender: createOutgoingTagging(parts.organization, bounceTags(parts)),
    tlsAttempt(attempt) {
      // A smart host or a recipient by its address has no domain that a report could go to.
      if (attempt.domain !== "" && !attempt.domain.startsWith("[")) parts.tlsAttempt?.(attempt);
    },
    logon: { openSecret, tokens, clock },
    nextSessionId: parts.nextSessionId,
    desk: parts.desk,
    connectivity: parts.connectivity,
    count: (metric, amount) => {
      const counter = SEND_COUNTERS[metric];
      if (counter !== undefined) metrics.add(counter, amount);
    },
  };
}

/** A resolver of its own, with its own cache: two sets of servers may say different things. */
function openResolution(parts: SendParts, servers: readonly DnsServer[]): HostResolution {
  const { clock, metrics, organization, records, diagnostics, faults } = parts;
  const opened = openResolver({ servers, exchange: openDnsTransport(clock), clock });
  const resolver = parts.watched?.(opened) ?? countLookups(opened, metrics);
  const ipv6 = hasGlobalIpv6();
  const random = () => clock.random();
  const fetchPolicy = createFetchPolicy({ resolver, clock, port: faults?.mtaStsPort });
  const sts = records && createStsSource({ resolver, records, fetchPolicy, clock, diagnostics });
  return {
    lookupTlsa: (host, port) => lookupTlsa(host, port, resolver),
    findSts: (domain) => sts?.find(domain) ?? Promise.resolve(NO_STS),
    resolveMx: (domain) => {
      const ownNames = new Set(namesOf(organization()));
      return resolveMx(domain, resolver, { ownNames, random, ipv6 });
    },
    resolveHost: (name) => resolveHost(name, resolver, { random, ipv6 }),
  };
}

const NO_STS: StsState = { kind: "none", failure: undefined };

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
