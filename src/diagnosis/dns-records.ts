import type { X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Resolver } from "../dns/resolver.ts";
import type { Organization } from "../org/organization.ts";
import type { FetchPolicy } from "../transport/send/sts-source.ts";
import { checkDkim, type DkimFacts } from "./dkim-records.ts";
import { checkHost, checkPtr, checkTlsa, isPrivate } from "./host-records.ts";
import {
  checkDmarc,
  checkSpf,
  checkSts,
  checkTlsReporting,
  type PolicyFacts,
} from "./mail-policies.ts";
import { describeAnswer, lookUpAddresses, type RecordCheck, zoneLine } from "./record-check.ts";

/** What is asked about. */
export interface RecordInquiry {
  /** Of the authoritative accepted domains only this one; `undefined`: all. */
  readonly domain: string | undefined;
  /** As others see them; empty: as the send connectors say, else as our name resolves. */
  readonly outgoingAddresses: readonly string[];
}

/** What the records are compared with. */
export interface RecordTools {
  readonly organization: Organization;
  readonly resolver: Resolver;
  readonly fetchPolicy: FetchPolicy;
  /** What we show as that host. */
  readonly certificateOf: (host: string) => X509Certificate | undefined;
  readonly dkimRecord: DkimFacts["dkimRecord"];
  readonly clock: Clock;
}

/** Domains that are looked at in one go. */
const DOMAINS_MAX = 100;

/** Looks at all records that mail of our domains depends on, one after the other. */
export async function* checkRecords(
  inquiry: RecordInquiry,
  tools: RecordTools,
): AsyncGenerator<RecordCheck> {
  const { organization, resolver, fetchPolicy, certificateOf, dkimRecord, clock } = tools;
  const hosts = ownHosts(organization);
  const outgoingAddresses = await outgoingOf(inquiry, tools);
  const domains = organization.acceptedDomains
    .filter(({ domainType }) => domainType === "Authoritative")
    .map(({ domainName }) => domainName.toLowerCase())
    .filter((name) => inquiry.domain === undefined || name === inquiry.domain.toLowerCase());
  for (const domain of domains.slice(0, DOMAINS_MAX)) {
    const seen = outgoingAddresses.filter((address) => !isPrivate(address));
    const facts: PolicyFacts = { domain, hosts, outgoingAddresses: seen, resolver, fetchPolicy };
    yield await checkMx(facts);
    yield await checkSpf(facts);
    const config = organization.dkimSigningConfigs.find(({ name }) => name === domain);
    yield* checkDkim({ domain, config, dkimRecord, resolver });
    yield await checkDmarc(facts);
    yield await checkSts(facts);
    yield await checkTlsReporting(facts);
  }
  for (const host of hosts) {
    yield await checkHost(resolver, host);
    const certificate = certificateOf(host);
    yield await checkTlsa(resolver, host, { certificate, nowMs: clock.nowMs() });
  }
  for (const address of outgoingAddresses) yield await checkPtr(resolver, address, hosts);
}

/** Our name, and those that connectors for other servers have. */
function ownHosts({ server, receiveConnectors }: Organization): readonly [string, ...string[]] {
  const others = receiveConnectors
    .filter(({ enabled, bindings }) => enabled && bindings.some(({ port }) => port === SMTP_PORT))
    .map(({ fqdn }) => fqdn.toLowerCase());
  const [first = "", ...rest] = new Set([server.fqdn.toLowerCase(), ...others]);
  return [first, ...rest];
}

const SMTP_PORT = 25;

async function outgoingOf(
  { outgoingAddresses }: RecordInquiry,
  { organization, resolver }: RecordTools,
): Promise<readonly string[]> {
  if (outgoingAddresses.length > 0) return outgoingAddresses;
  const set = organization.sendConnectors
    .filter(({ enabled }) => enabled)
    .flatMap(({ sourceIPAddresses }) => sourceIPAddresses);
  if (set.length > 0) return [...new Set(set)];
  return (await lookUpAddresses(resolver, organization.server.fqdn)).addresses;
}

async function checkMx({ domain, hosts, resolver }: PolicyFacts): Promise<RecordCheck> {
  const answer = await resolver.lookup(domain, "MX");
  const base = { domain, record: "MX", name: domain } as const;
  const found = answer.kind === "records" ? describeAnswer(answer).split("; ") : [];
  const expected = [zoneLine(domain, "MX", `10 ${hosts[0]}.`)];
  if (answer.kind === "failed") {
    const detail = `not known just now: ${answer.reason}`;
    return { ...base, verdict: "Warning", found, expected, detail };
  }
  if (answer.kind !== "records") {
    const isThere = answer.kind === "nodata";
    const detail = isThere ? "no record: mail goes to its A record" : "the domain does not exist";
    return { ...base, verdict: "Fail", found, expected, detail };
  }
  const names = answer.records.flatMap((record) =>
    record.type === "MX" ? [record.exchange.toLowerCase()] : [],
  );
  const secured = answer.authenticated ? "; DNSSEC vouches for it" : "";
  if (names.some((name) => hosts.includes(name))) {
    const detail = `leads to this server${secured}`;
    return { ...base, verdict: "Pass", found, expected: [], detail };
  }
  const detail = "leads to other servers: they have to pass the mail on to this one";
  return { ...base, verdict: "Warning", found, expected, detail };
}
