import type { FormSection } from "../../widgets/form/object-form.tsx";
import { texts } from "./connector-texts.ts";

/** Sections in the order of Exchange's wizard: what, how, for whom, how sure. */
export const SEND_SECTIONS: readonly FormSection[] = [
  {
    title: texts.general,
    fields: ["Name", "Enabled", "Usage", "Comment", "MaxMessageSize", "ProtocolLoggingLevel"],
  },
  {
    title: texts.deliverySection,
    fields: [
      "DnsRoutingEnabled",
      "SmartHosts",
      "Port",
      "SmartHostAuthMechanism",
      "AuthenticationCredential",
      "OauthClient",
      "UseExternalDNSServersEnabled",
    ],
  },
  {
    title: texts.addressSection,
    fields: [
      "AddressSpaces",
      "SourceTransportServers",
      "IsScopedConnector",
      "Fqdn",
      "SourceIPAddress",
    ],
  },
  {
    title: texts.tlsSection,
    fields: [
      "RequireTLS",
      "TlsAuthLevel",
      "TlsDomain",
      "TlsCertificateName",
      "TlsProfile",
      "IgnoreSTARTTLS",
      "SmtpDaneMode",
      "MtaStsMode",
      "DomainSecureEnabled",
    ],
  },
  {
    title: texts.limits,
    fields: [
      "MaxConnections",
      "MessageRateLimit",
      "SmtpMaxMessagesPerConnection",
      "ConnectionInactivityTimeout",
    ],
  },
];

/** Labels that say more than the names. */
export const SEND_LABELS: Readonly<Record<string, string>> = {
  RequireTLS: texts.enforceTls,
  TlsAuthLevel: texts.tlsAuthLevel,
  TlsDomain: texts.certificateName,
  TlsCertificateName: texts.ourCertificate,
  DnsRoutingEnabled: texts.byDns,
  SmartHosts: texts.smartHosts,
  SmartHostAuthMechanism: texts.logon,
  AuthenticationCredential: texts.credential,
  IgnoreSTARTTLS: texts.ignoreTls,
  SmtpDaneMode: texts.dane,
  MtaStsMode: texts.mtaSts,
  DomainSecureEnabled: texts.domainSecure,
};
