import type { Address, Domain } from "../mail/address.ts";

/** Reference §3.1. */
export type TlsAuthLevel = "EncryptionOnly" | "CertificateValidation" | "DomainValidation";

/** What one destination domain's TLS must be, whatever the connector says. */
export interface TlsPolicy {
  /** A domain, or `*.` and a domain: it and all below it. */
  readonly name: string;
  readonly mode:
    | "None"
    | "Opportunistic"
    | "EncryptionOnly"
    | "CertificateValidation"
    | "DomainValidation"
    | "Dane"
    | "MtaSts";
  readonly tlsDomain: string | undefined;
}

/** Certificates by ACME (RFC 8555). */
export interface AcmeSettings {
  readonly directoryUrl: string;
  readonly contact: readonly string[];
  /** One certificate for all of them. */
  readonly domains: readonly Domain[];
  readonly challenge: "http-01" | "dns-01";
  /** Where HTTP-01 is answered. */
  readonly httpListen: { readonly address: string; readonly port: number } | undefined;
  /** Run with `present|cleanup NAME VALUE` to set and remove the TXT record of DNS-01. */
  readonly dnsHook: string | undefined;
  /** PEM file of authorities to trust besides the system's: a test directory has its own. */
  readonly caFile: string | undefined;
  readonly termsOfServiceAgreed: boolean;
}

/** Reports to others about TLS with them (RFC 8460). */
export interface TlsReporting {
  readonly enabled: boolean;
  readonly organizationName: string | undefined;
  readonly contact: Address | undefined;
}
