import { createHash, type X509Certificate } from "node:crypto";
import type { Resolver } from "../dns/resolver.ts";
import { ipAddressNumber, parseIpAddress } from "../mail/address-literal.ts";
import { usableTlsa, verifyDane } from "../tls/dane.ts";
import { describeAnswer, lookUpAddresses, type RecordCheck, zoneLine } from "./record-check.ts";

/** The port on which other servers deliver; TLSA records are about it. */
const SMTP_PORT = 25;

/** Whether a name of this server leads anywhere. */
export async function checkHost(resolver: Resolver, host: string): Promise<RecordCheck> {
  const { addresses, failed } = await lookUpAddresses(resolver, host);
  const isThere = addresses.length > 0;
  const missing =
    failed === undefined
      ? "the name in EHLO and in MX records does not resolve"
      : `not known just now: ${failed}`;
  return {
    domain: "",
    record: "Host",
    name: host,
    verdict: isThere ? "Pass" : failed === undefined ? "Fail" : "Warning",
    found: addresses,
    expected: isThere ? [] : [zoneLine(host, "A", "<the public address of this server>")],
    detail: isThere ? "the name that this server gives itself resolves" : missing,
  };
}

/** Whether DNSSEC vouches for the certificate that we show (RFC 7672). */
export async function checkTlsa(
  resolver: Resolver,
  host: string,
  ours: { readonly certificate: X509Certificate | undefined; readonly nowMs: number },
): Promise<RecordCheck> {
  const name = `_${SMTP_PORT}._tcp.${host}`;
  const base = { domain: "", record: "TLSA", name } as const;
  const { certificate, nowMs } = ours;
  const answer = await resolver.lookup(name, "TLSA");
  const found = answer.kind === "records" ? answer.records : [];
  const shown = answer.kind === "records" ? describeAnswer(answer).split("; ") : [];
  const records = found.filter((record) => record.type === "TLSA");
  if (certificate === undefined) {
    const detail = "there is no certificate of ours for that name";
    const verdict = records.length > 0 ? "Fail" : "Info";
    return { ...base, verdict, found: shown, expected: [], detail };
  }
  const expected = [zoneLine(name, "TLSA", tlsaData(certificate))];
  if (answer.kind === "failed") {
    const detail = `${answer.reason}: servers that heed DANE will not deliver here (RFC 7672 §2.1)`;
    return { ...base, verdict: "Fail", found: [], expected, detail };
  }
  if (answer.kind !== "records") {
    const isSigned = answer.authenticated;
    const detail = isSigned
      ? "no record, though the zone is signed"
      : "no record, and the zone is not signed: DNSSEC comes first";
    return { ...base, verdict: isSigned ? "Warning" : "Info", found: [], expected, detail };
  }
  if (!answer.authenticated) {
    const detail = "DNSSEC does not vouch for it: nobody heeds it";
    return { ...base, verdict: "Warning", found: shown, expected: [], detail };
  }
  const verdict = verifyDane([certificate], {
    records: usableTlsa(records),
    names: [host],
    nowMs,
  });
  if (verdict.ok) {
    const detail = "fits our certificate";
    return { ...base, verdict: "Pass", found: shown, expected: [], detail };
  }
  const isAnchor = records.some(({ usage }) => usage === TRUST_ANCHOR);
  const detail = isAnchor
    ? "names an authority: whether our chain leads to it was not checked"
    : `does not fit our certificate: servers that heed DANE deliver nothing (${verdict.reason})`;
  return { ...base, verdict: isAnchor ? "Info" : "Fail", found: shown, expected, detail };
}

const TRUST_ANCHOR = 2;

/** `3 1 1` and the digest of the key: outlives renewals that keep the key (RFC 7671 §5.1). */
export function tlsaData(certificate: X509Certificate): string {
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  return `3 1 1 ${createHash("sha256").update(key).digest("hex")}`;
}

/** Whether an address that we send from has a name which leads back to it (RFC 1912 §2.1). */
export async function checkPtr(
  resolver: Resolver,
  address: string,
  hosts: readonly string[],
): Promise<RecordCheck> {
  const name = reverseName(address);
  const base = { domain: "", record: "PTR", name: name ?? address } as const;
  if (name === undefined || isPrivate(address)) {
    const detail = `${address} is not seen outside: name the public one with -OutgoingAddress`;
    return { ...base, verdict: "Info", found: [], expected: [], detail };
  }
  const expected = [zoneLine(name, "PTR", `${hosts[0]}.`)];
  const answer = await resolver.lookup(name, "PTR");
  const records = answer.kind === "records" ? answer.records : [];
  const targets = records.flatMap((record) => (record.type === "PTR" ? [record.target] : []));
  if (targets.length === 0) {
    const why = answer.kind === "failed" ? answer.reason : `${address} has no name`;
    const detail = `${why}: many servers refuse its mail. Whoever gave you the address sets it`;
    return {
      ...base,
      verdict: answer.kind === "failed" ? "Warning" : "Fail",
      found: [],
      expected,
      detail,
    };
  }
  const confirmed: string[] = [];
  for (const target of targets) {
    if ((await lookUpAddresses(resolver, target)).addresses.includes(address)) {
      confirmed.push(target);
    }
  }
  if (confirmed.length === 0) {
    const detail = `${targets.join(", ")} does not lead back to ${address}`;
    return { ...base, verdict: "Fail", found: targets, expected, detail };
  }
  const isOurs = confirmed.some((target) => hosts.includes(target));
  const detail = isOurs
    ? `${address} and its name confirm each other`
    : `${address} is confirmed, under another name than we give in EHLO`;
  return {
    ...base,
    verdict: isOurs ? "Pass" : "Info",
    found: targets,
    expected: isOurs ? [] : expected,
    detail,
  };
}

/** RFC 1035 §3.5, RFC 3596 §2.5 */
export function reverseName(address: string): string | undefined {
  const parsed = parseIpAddress(address);
  if (parsed === undefined) return undefined;
  const number = ipAddressNumber(parsed);
  if (!address.includes(":")) return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
  const digits = [...number.toString(16).padStart(32, "0")];
  return `${digits.reverse().join(".")}.ip6.arpa`;
}

const PRIVATE_IPV4 = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)/;
const PRIVATE_IPV6 = /^(?:::1$|fe[89ab][0-9a-f]:|f[cd][0-9a-f]{2}:)/i;

/** Loopback, link-local, and RFC 1918 and RFC 4193's private networks. */
export function isPrivate(address: string): boolean {
  return PRIVATE_IPV4.test(address) || PRIVATE_IPV6.test(address);
}
