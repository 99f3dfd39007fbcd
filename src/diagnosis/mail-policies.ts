import { isIP } from "node:net";
import type { Resolver } from "../dns/resolver.ts";
import { parseAddressRange } from "../org/settings/address-range.ts";
import { isAllowedMx, parseStsPolicy, parseStsRecord } from "../tls/mta-sts.ts";
import { parseTlsReportRecord } from "../tls/tls-report.ts";
import { holdsAddress } from "../transport/receive/select-connector.ts";
import type { FetchPolicy } from "../transport/send/sts-source.ts";
import { TLS_CURES } from "./cures.ts";
import { lookUpAddresses, lookUpTexts, type RecordCheck, textLine } from "./record-check.ts";

/** What a domain's policies are compared with. */
export interface PolicyFacts {
  readonly domain: string;
  /** Names of this server that MX records may point to; the first is the one to publish. */
  readonly hosts: readonly [string, ...string[]];
  readonly outgoingAddresses: readonly string[];
  readonly resolver: Resolver;
  readonly fetchPolicy: FetchPolicy;
}

const LOOKUP_FAILED = "the name servers do not answer; see Get-ServerHealth DNS";

/** Whom the domain lets send for it (RFC 7208). Other domains' records are not followed. */
export async function checkSpf(facts: PolicyFacts): Promise<RecordCheck> {
  const { domain, resolver, outgoingAddresses } = facts;
  const { texts, failed } = await lookUpTexts(resolver, domain);
  const found = texts.filter((text) => /^v=spf1(?: |$)/i.test(text));
  const base = { domain, record: "SPF", name: domain, found } as const;
  const listed = outgoingAddresses.map((one) => `${isIP(one) === 6 ? "ip6" : "ip4"}:${one}`);
  const expected = [textLine(domain, ["v=spf1", "mx", ...listed, "-all"].join(" "))];
  if (failed !== undefined) {
    return { ...base, verdict: "Warning", expected, detail: LOOKUP_FAILED };
  }
  const [record, ...others] = found;
  if (record === undefined) {
    const detail = "no record: anybody may send as this domain, and many servers mind";
    return { ...base, verdict: "Fail", expected, detail };
  }
  if (others.length > 0) {
    const detail = "more than one record: servers treat that as an error (RFC 7208 §4.5)";
    return { ...base, verdict: "Fail", expected, detail };
  }
  const terms = record.toLowerCase().split(/ +/).slice(1);
  const uncovered: string[] = [];
  for (const address of outgoingAddresses) {
    if (!(await covers(terms, address, facts))) uncovered.push(address);
  }
  const isOpen = terms.includes("+all") || terms.includes("all");
  if (isOpen) {
    const detail = "+all lets everybody send as this domain";
    return { ...base, verdict: "Fail", expected, detail };
  }
  if (uncovered.length === 0) {
    const named = outgoingAddresses.join(", ");
    const detail = named === "" ? "one record" : `covers ${named}`;
    return { ...base, verdict: "Pass", expected: [], detail };
  }
  const isFurther = terms.some((term) => /^[+?~-]?(?:include:|redirect=|exists:|ptr)/.test(term));
  const missing = `${uncovered.join(", ")} is not named`;
  const detail = isFurther ? `${missing}; what it includes was not followed` : missing;
  return { ...base, verdict: isFurther ? "Warning" : "Fail", expected, detail };
}

/** Mechanisms that pass (RFC 7208 §5); others are not looked at. */
async function covers(
  terms: readonly string[],
  address: string,
  { domain, resolver }: PolicyFacts,
): Promise<boolean> {
  for (const term of terms) {
    const match = /^\+?(ip4|ip6|a|mx)(?::([^/]+))?((?:\/\d+)?(?:\/\/\d+)?)$/.exec(term);
    if (match === null) {
      const literal = /^\+?ip[46]:(.+)$/.exec(term)?.[1];
      if (literal !== undefined && holds(literal, address)) return true;
      continue;
    }
    const [, kind = "", target = domain, length = ""] = match;
    if (kind.startsWith("ip")) {
      if (holds(target + length, address)) return true;
      continue;
    }
    const names = kind === "a" ? [target] : await exchangersOf(resolver, target);
    for (const name of names) {
      if ((await lookUpAddresses(resolver, name)).addresses.includes(address)) return true;
    }
  }
  return false;
}

function holds(rangeText: string, address: string): boolean {
  const range = parseAddressRange(rangeText);
  return range !== undefined && holdsAddress([range], address);
}

/** Hosts of a domain's MX records. */
export async function exchangersOf(resolver: Resolver, domain: string): Promise<readonly string[]> {
  const answer = await resolver.lookup(domain, "MX");
  if (answer.kind !== "records") return [];
  return answer.records.flatMap((record) =>
    record.type === "MX" && record.exchange !== "." ? [record.exchange] : [],
  );
}

/** What receivers shall do with mail that proves nothing (RFC 7489 §6.3). */
export async function checkDmarc({ domain, resolver }: PolicyFacts): Promise<RecordCheck> {
  const name = `_dmarc.${domain}`;
  const { texts, failed } = await lookUpTexts(resolver, name);
  const found = texts.filter((text) => /^v=DMARC1\s*(?:;|$)/i.test(text));
  const base = { domain, record: "DMARC", name, found } as const;
  const expected = [textLine(name, `v=DMARC1; p=none; rua=mailto:postmaster@${domain}`)];
  if (failed !== undefined) {
    return { ...base, verdict: "Warning", expected, detail: LOOKUP_FAILED };
  }
  const [record, ...others] = found;
  if (record === undefined || others.length > 0) {
    const detail = others.length > 0 ? "more than one record: none counts" : "no record";
    return { ...base, verdict: others.length > 0 ? "Fail" : "Warning", expected, detail };
  }
  const policy = /;\s*p\s*=\s*(none|quarantine|reject)\s*(?:;|$)/i.exec(record)?.[1];
  if (policy === undefined) {
    return { ...base, verdict: "Fail", expected, detail: "it has no policy p= that is valid" };
  }
  const isWatching = policy.toLowerCase() === "none";
  const detail = isWatching ? "p=none: reports only" : `p=${policy}`;
  return { ...base, verdict: isWatching ? "Info" : "Pass", expected: [], detail };
}

/** Whether others may hold our hosts to TLS (RFC 8461), and get the policy that says so. */
export async function checkSts(facts: PolicyFacts): Promise<RecordCheck> {
  const { domain, resolver, fetchPolicy, hosts } = facts;
  const name = `_mta-sts.${domain}`;
  const { texts, failed } = await lookUpTexts(resolver, name);
  const found = texts.filter((text) => text.startsWith("v=STSv1"));
  const base = { domain, record: "MTA-STS", name } as const;
  const expected = [
    textLine(name, "v=STSv1; id=1"),
    `https://mta-sts.${domain}/.well-known/mta-sts.txt:`,
    ...["version: STSv1", "mode: testing", `mx: ${hosts[0]}`, "max_age: 86400"],
  ];
  if (failed !== undefined) {
    return { ...base, verdict: "Warning", found, expected, detail: LOOKUP_FAILED };
  }
  const id = parseStsRecord(texts);
  if (id === undefined) {
    const isBroken = found.length > 0;
    const detail = isBroken ? "not exactly one valid record" : "no record: TLS to us is optional";
    return { ...base, verdict: isBroken ? "Fail" : "Warning", found, expected, detail };
  }
  const fetched = await fetchPolicy(domain);
  if (!fetched.ok) {
    const { type, detail: why } = fetched.fault;
    const detail = `${type}: ${why}; ${TLS_CURES[type]}`;
    return { ...base, verdict: "Fail", found, expected, detail };
  }
  const text = fetched.value.split(/\r?\n/).filter((line) => line !== "");
  const policy = parseStsPolicy(fetched.value);
  const all = [...found, ...text];
  if (!policy.ok) {
    const detail = `the policy cannot be read: ${policy.fault}`;
    return { ...base, verdict: "Fail", found: all, expected, detail };
  }
  const { mode } = policy.value;
  const named = await exchangersOf(resolver, domain);
  const left = named.filter((host) => !isAllowedMx(policy.value, host));
  if (left.length > 0 && mode !== "none") {
    const detail = `mode ${mode}, and ${left.join(", ")} of the MX records is not in it`;
    return { ...base, verdict: "Fail", found: all, expected, detail };
  }
  const verdict = mode === "enforce" ? "Pass" : "Info";
  return { ...base, verdict, found: all, expected: [], detail: `mode ${mode}` };
}

/** Where others send their reports about TLS with us (RFC 8460 §3). */
export async function checkTlsReporting({ domain, resolver }: PolicyFacts): Promise<RecordCheck> {
  const name = `_smtp._tls.${domain}`;
  const { texts, failed } = await lookUpTexts(resolver, name);
  const found = texts.filter((text) => text.startsWith("v=TLSRPTv1"));
  const base = { domain, record: "TLS-RPT", name, found } as const;
  const expected = [textLine(name, `v=TLSRPTv1; rua=mailto:postmaster@${domain}`)];
  if (failed !== undefined) {
    return { ...base, verdict: "Warning", expected, detail: LOOKUP_FAILED };
  }
  const to = parseTlsReportRecord(texts);
  if (to === undefined) {
    const isBroken = found.length > 0;
    const detail = isBroken
      ? "not exactly one valid record"
      : "no record: nobody tells of failures";
    return { ...base, verdict: isBroken ? "Fail" : "Warning", expected, detail };
  }
  const detail = `reports go to ${[...to.mail, ...to.https].join(", ")}`;
  return { ...base, verdict: "Pass", expected: [], detail };
}
