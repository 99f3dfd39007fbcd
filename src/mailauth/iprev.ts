import ipaddr from "ipaddr.js";
import type { Resolver } from "../dns/resolver.ts";
import type { IprevResult } from "./sender-authentication.ts";

/** Names of one address that are looked at; more are a mistake or an attack. */
const NAMES_MAX = 5;

/**
 * Looks for a name of the address that leads back to it (RFC 8601 §3): permerror without any name,
 * fail when none leads back.
 */
export async function checkIprev(resolver: Resolver, address: string): Promise<IprevResult> {
  if (!ipaddr.isValid(address)) return { result: "permerror" };
  const parsed = ipaddr.process(address);
  const found = await resolver.lookup(reverseName(parsed), "PTR");
  if (found.kind === "failed") return { result: "temperror" };
  if (found.kind !== "records") return { result: "permerror" };
  const type = parsed.kind() === "ipv4" ? "A" : "AAAA";
  const wanted = parsed.toNormalizedString();
  let isUnknown = false;
  for (const record of found.records.slice(0, NAMES_MAX)) {
    if (record.type !== "PTR") continue;
    const answer = await resolver.lookup(record.target, type);
    if (answer.kind === "failed") isUnknown = true;
    if (answer.kind !== "records") continue;
    const leadsBack = answer.records.some(
      (one) =>
        (one.type === "A" || one.type === "AAAA") &&
        ipaddr.isValid(one.address) &&
        ipaddr.parse(one.address).toNormalizedString() === wanted,
    );
    if (leadsBack) return { result: "pass", name: record.target };
  }
  return { result: isUnknown ? "temperror" : "fail" };
}

/** The name under which an address's names are (RFC 1035 §3.5, RFC 3596 §2.5). */
function reverseName(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  const bytes = address.toByteArray();
  if (bytes.length === 4) return `${bytes.toReversed().join(".")}.in-addr.arpa`;
  const hex = Buffer.from(bytes).toString("hex");
  return `${[...hex].toReversed().join(".")}.ip6.arpa`;
}
