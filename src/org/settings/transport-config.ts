import { DAY, MINUTE } from "../../base/units.ts";
import { addressRange } from "./address-range.ts";
import { MAIL_TRUST } from "./mail-trust-settings.ts";
import { ACME, certificateName, TLS_REPORTING } from "./security-settings.ts";
import { nullable, setting } from "./setting.ts";
import {
  address,
  bool,
  bytes,
  domain,
  INTEGER_MAX,
  integer,
  listOf,
  section,
  span,
} from "./setting-types.ts";

/** Set-TransportConfig (reference §6.3). */
export const TRANSPORT_CONFIG = {
  internalDelayDsnEnabled: setting(bool(), "true", "Delay notices to senders in our domains."),
  externalDelayDsnEnabled: setting(bool(), "true", "Delay notices to all other senders."),
  internalDsnSendHtml: setting(bool(), "true", "Notices to our own senders have an HTML part."),
  externalDsnSendHtml: setting(bool(), "true", "Notices to all other senders have an HTML part."),
  internalDsnMaxMessageAttachSize: setting(
    bytes({ min: 0, max: INTEGER_MAX }),
    "10MB",
    "A larger original is returned to our own senders as its header only; 0: always.",
  ),
  externalDsnMaxMessageAttachSize: setting(
    bytes({ min: 0, max: INTEGER_MAX }),
    "10MB",
    "The same for all other senders.",
  ),
  externalPostmasterAddress: nullable(
    address(),
    { text: "postmaster@ the default accepted domain" },
    "From of notices to senders outside.",
  ),
  maxReceiveSize: setting(
    bytes({ min: 0, max: INTEGER_MAX, unlimited: true }),
    "10MB",
    "Size of a message to a recipient of ours, encoded as it comes.",
  ),
  maxSendSize: setting(
    bytes({ min: 0, max: INTEGER_MAX, unlimited: true }),
    "10MB",
    "Size of a message from a sender of ours, and from outside.",
  ),
  maxRecipientEnvelopeLimit: setting(
    integer({ min: 0, max: INTEGER_MAX, unlimited: true }),
    "500",
    "Recipients of one message, a group counting as one.",
  ),
  safetyNetHoldTime: setting(
    span({ min: 0, max: 90 * DAY }),
    "00:00:00",
    "How long messages are kept after they were delivered, so that Add-ResubmitRequest can have " +
      "them delivered again; 0: not at all. Takes disk for all mail of that time.",
  ),
  journalingReportNdrTo: nullable(
    address(),
    { text: "nobody" },
    "Who gets journal reports that cannot be delivered; without it they are lost. Its own mail " +
      "is not journaled.",
  ),
  tlsReceiveDomainSecureList: setting(
    listOf(domain(), { max: 10_000 }),
    [],
    "Sender domains that must prove themselves with a certificate (domainSecureEnabled).",
  ),
  tlsSendDomainSecureList: setting(
    listOf(domain(), { max: 10_000 }),
    [],
    "Recipient domains that get mail over mutual TLS only (domainSecureEnabled).",
  ),
  exchangeServerCertificateNames: setting(
    listOf(certificateName(), { max: 1000 }),
    [],
    "Certificates of our other servers: on connectors with ExchangeServer, a client that shows " +
      "one has the rights of a server.",
  ),
  internalSMTPServers: setting(
    listOf(addressRange(), { max: 1000 }),
    [],
    "Servers of ours that pass on strangers' mail: whoever stands before them in Received is the " +
      "client that connection filter, SPF and sender reputation judge.",
  ),
  adminAuditLogAgeLimit: setting(
    // Whoever has something to hide could have the log forget it at once.
    span({ min: DAY, max: 3650 * DAY }),
    "90.00:00:00",
    "How long the audit log keeps who has changed what (Search-AdminAuditLog).",
  ),
  moderationExpirationTimeout: setting(
    // Whoever has something to say about it needs time to read it.
    span({ min: MINUTE, max: 90 * DAY }),
    "2.00:00:00",
    "How long a message waits for a moderator; then it goes back to its sender. It holds for " +
      "what comes from then on.",
  ),
  acme: nullable(section(ACME), {}, "Certificates that an authority issues by ACME (RFC 8555)."),
  tlsReporting: setting(section(TLS_REPORTING), {}, "Reports about TLS (RFC 8460)."),
  ...MAIL_TRUST,
};
