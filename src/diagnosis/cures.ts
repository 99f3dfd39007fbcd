import type { TlsResultType } from "../tls/tls-report.ts";
import type { Fault } from "../transport/queue/outcome.ts";

/** What to do when TLS with a host has come to nothing. */
export const TLS_CURES: Readonly<Record<TlsResultType, string>> = {
  "starttls-not-supported":
    "their server has to offer STARTTLS, or a TLS policy of ours to ask for less",
  "certificate-host-mismatch":
    "their certificate has to bear the host's name; or name the right one in tlsDomain",
  "certificate-expired": "their certificate has to be renewed",
  "certificate-not-trusted":
    "their certificate has to come from a trusted authority with its whole chain, or its " +
    "authority to be trusted here",
  "validation-failure": "see what was found; it is theirs to mend, or ours if it names a setting",
  "tlsa-invalid": "their TLSA records do not fit their certificate: they have to publish new ones",
  "dnssec-invalid": "their DNSSEC is broken, or our resolver; compare with another resolver",
  "dane-required": "they publish nothing for DANE: ask for less than smtpDaneMode Mandatory",
  "sts-policy-fetch-error": "their web server mta-sts.DOMAIN has to hand out the policy over HTTPS",
  "sts-policy-invalid": "their policy file cannot be read (RFC 8461 §3.2): they have to mend it",
  "sts-webpki-invalid":
    "the certificate of their mta-sts.DOMAIN is not valid: it is theirs to renew",
};

/** The beginnings of what DNS and the network say, and what to do about each. */
const FAULT_CURES: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, "nothing listens there: is it the right host and port?"],
  [
    /Connection timed out/,
    "something drops the packets: may this machine open connections to that port? Many " +
      "providers close 25",
  ],
  [/Host unreachable/, "no way there from this machine: look at its routes and its IPv6"],
  [/null MX/, "the domain takes no mail (RFC 7505): the address is wrong"],
  [/nonexistent domain|NonExistentDomain/, "the domain does not exist: is it spelt right?"],
  [/MxLoopback/, "its MX is this server: make it an accepted domain, or mend the MX"],
  [/DNS query failed/, "the name servers do not answer for it: see Get-ServerHealth DNS"],
  [/does not meet the TLS policy/, "see the TLS steps; Set-TlsPolicy can ask for less"],
  [/STARTTLS is required/, TLS_CURES["starttls-not-supported"]],
  [/^5/, "their server refuses us: its words say why"],
  [/^4/, "their server puts us off: its words say why; mail waits and is tried again"],
];

/** What to do about a fault of a next hop; "" when nothing is known. */
export function cureOf({ diagnostic }: Pick<Fault, "diagnostic">): string {
  return FAULT_CURES.find(([pattern]) => pattern.test(diagnostic))?.[1] ?? "";
}
