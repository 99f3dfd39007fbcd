import type { TlsaRecord } from "./message.ts";
import type { MxHost } from "./mx-plan.ts";
import type { DnsAnswer, Resolver } from "./resolver.ts";

/** What DNSSEC says about the certificates of one host. */
export type TlsaAnswer =
  /** No TLSA records that DNSSEC vouches for: DANE does not apply. */
  | { readonly kind: "none" }
  | {
      readonly kind: "records";
      /** At least one; whether any can be used is another question. */
      readonly records: readonly TlsaRecord[];
      /** The name that they belong to: for SNI and as a reference identifier (RFC 7672 §2.2.3). */
      readonly baseDomain: string;
    }
  /** There may be records that somebody keeps from us: the host must not be used now. */
  | { readonly kind: "failed"; readonly reason: string };

const NONE = { kind: "none" } as const;
/** More than that is no rollover; what is left out can only make a match fail. */
const TLSA_MAX = 32;

/**
 * Looks up the TLSA records of a host (RFC 7672 §2.2.2, §2.2.3). Names whose addresses DNSSEC does
 * not vouch for are not asked about: their servers have often never heard of TLSA, and fail on it
 * (§2.1.2). An alias is asked about at its end first, then under its own name. Never rejects.
 */
export async function lookupTlsa(
  host: Pick<MxHost, "name" | "authenticated" | "canonicalName">,
  port: number,
  resolver: Resolver,
): Promise<TlsaAnswer> {
  const { name, authenticated = false, canonicalName } = host;
  if (canonicalName !== undefined && authenticated) {
    const atEnd = await ask(canonicalName, port, resolver);
    if (atEnd.kind !== "none") return atEnd;
  }
  if (authenticated) return ask(name, port, resolver);
  // The alias may be signed where what it stands for is not (§2.1.3).
  if (canonicalName === undefined) return NONE;
  const alias = await resolver.lookup(name, "CNAME");
  // Who keeps from us whether it is signed may want us to do without (§2.1.1).
  if (alias.kind === "failed") return { kind: "failed", reason: alias.reason };
  const isSigned = alias.kind === "records" && alias.authenticated;
  return isSigned ? ask(name, port, resolver) : NONE;
}

async function ask(baseDomain: string, port: number, resolver: Resolver): Promise<TlsaAnswer> {
  const answer = await resolver.lookup(`_${port}._tcp.${baseDomain}`, "TLSA");
  if (answer.kind === "failed") return { kind: "failed", reason: answer.reason };
  if (answer.kind !== "records" || !answer.authenticated) return NONE;
  return { kind: "records", records: recordsOf(answer), baseDomain };
}

function recordsOf(answer: DnsAnswer & { readonly kind: "records" }): readonly TlsaRecord[] {
  return answer.records.filter((record) => record.type === "TLSA").slice(0, TLSA_MAX);
}
