import type { FormSection } from "../../widgets/form/object-form.tsx";
import { texts } from "./connector-texts.ts";

/** The tabs of Exchange's admin center as sections (reference §15.5); Limits is ours. */
export const RECEIVE_SECTIONS: readonly FormSection[] = [
  {
    title: texts.general,
    fields: ["Name", "Enabled", "Usage", "Comment", "MaxMessageSize", "ProtocolLoggingLevel"],
  },
  {
    title: texts.security,
    fields: [
      "AuthMechanism",
      "PermissionGroups",
      "RequireTLS",
      "ImplicitTlsEnabled",
      "TlsCertificateName",
      "TlsProfile",
      "PartnerCertificateNames",
      "DomainSecureEnabled",
      "ExtendedRights",
    ],
  },
  {
    title: texts.scoping,
    fields: ["Bindings", "RemoteIPRanges", "Fqdn", "Banner", "DefaultDomain"],
  },
  {
    title: texts.limits,
    fields: [
      "MessageRateLimit",
      "MessageRateSource",
      "MaxRecipientsPerMessage",
      "MaxInboundConnection",
      "MaxInboundConnectionPerSource",
      "MaxInboundConnectionPercentagePerSource",
      "ConnectionTimeout",
      "ConnectionInactivityTimeout",
      "MaxHeaderSize",
      "MaxHopCount",
      "MaxLocalHopCount",
      "MaxProtocolErrors",
      "MaxLogonFailures",
      "TarpitInterval",
      "AuthTarpitInterval",
    ],
  },
];

/** Labels that say more than the names. */
export const RECEIVE_LABELS: Readonly<Record<string, string>> = {
  Bindings: texts.listen,
  RemoteIPRanges: texts.clients,
  Fqdn: texts.fqdn,
  ExtendedRights: texts.rights,
  PermissionGroups: texts.groups,
  AuthMechanism: texts.mechanisms,
  RequireTLS: texts.requireTls,
};
