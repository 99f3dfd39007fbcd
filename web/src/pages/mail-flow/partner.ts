import type { AnyCall } from "../../api/run-cmdlet.ts";

/** How sure we want to be of who answers. */
export type Assurance = "DomainValidation" | "CertificateValidation" | "EncryptionOnly";

/** What is asked about a partner. */
export interface Partner {
  readonly name: string;
  /** One per line. */
  readonly domains: string;
  readonly withSubdomains: boolean;
  readonly bySmartHost: boolean;
  readonly smartHosts: string;
  readonly port: string;
  readonly assurance: Assurance;
  readonly certificateName: string;
  readonly alsoIn: boolean;
  readonly ranges: string;
  readonly binding: string;
}

/** Nothing said yet. */
export const NEW_PARTNER: Partner = {
  name: "",
  domains: "",
  withSubdomains: false,
  bySmartHost: false,
  smartHosts: "",
  port: "25",
  assurance: "DomainValidation",
  certificateName: "",
  alsoIn: false,
  ranges: "",
  binding: "",
};

/** The words of a text, however they are parted. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== "");
}

/** The domains, also out of addresses that were pasted. */
export function partnerDomains({ domains }: Partner): readonly string[] {
  return wordsOf(domains).map((word) => word.replace(/^.*@/, "").toLowerCase());
}

/** Its name, or one made from its first domain. */
export function partnerName(partner: Partner): string {
  const [domain] = partnerDomains(partner);
  return partner.name.trim() || (domain === undefined ? "" : `Partner ${domain}`);
}

/** The send connector that enforces TLS. */
export function sendConnectorCall(partner: Partner): AnyCall {
  const { withSubdomains, bySmartHost, smartHosts, port, assurance, certificateName } = partner;
  const name = certificateName.trim();
  return {
    cmdlet: "New-SendConnector",
    parameters: {
      Name: partnerName(partner),
      Usage: "Partner",
      AddressSpaces: partnerDomains(partner).map(
        (domain) => `SMTP:${withSubdomains ? "*." : ""}${domain.replace(/^\*\./, "")};1`,
      ),
      ...(bySmartHost ? { SmartHosts: wordsOf(smartHosts) } : { DnsRoutingEnabled: true }),
      ...(port.trim() !== "25" && port.trim() !== "" && { Port: Number(port) }),
      RequireTLS: true,
      TlsAuthLevel: assurance,
      ...(assurance === "DomainValidation" && name !== "" && { TlsDomain: name }),
    },
  };
}

/** The receive connector that takes the partner's mail by TLS only. */
export function receiveConnectorCall(partner: Partner, name: string): AnyCall {
  return {
    cmdlet: "New-ReceiveConnector",
    parameters: {
      Name: name,
      Bindings: [partner.binding],
      RemoteIPRanges: wordsOf(partner.ranges),
      PermissionGroups: ["AnonymousUsers"],
      AuthMechanism: ["Tls"],
      RequireTLS: true,
    },
  };
}

/** Whether all that must be said was said. */
export function isComplete(partner: Partner): boolean {
  const { bySmartHost, smartHosts, assurance, certificateName, alsoIn, ranges, binding } = partner;
  if (partnerDomains(partner).length === 0) return false;
  if (bySmartHost && wordsOf(smartHosts).length === 0) return false;
  if (bySmartHost && assurance === "DomainValidation" && certificateName.trim() === "")
    return false;
  return !alsoIn || (wordsOf(ranges).length > 0 && binding !== "");
}
