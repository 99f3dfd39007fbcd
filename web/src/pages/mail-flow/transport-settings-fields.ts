import type { FormSection } from "../../widgets/form/object-form.tsx";
import { texts } from "./settings-texts.ts";

/** Of TransportConfig. */
export const CONFIG_SECTIONS: readonly FormSection[] = [
  {
    title: texts.sizes,
    fields: ["MaxReceiveSize", "MaxSendSize", "MaxRecipientEnvelopeLimit"],
  },
  {
    title: texts.notices,
    fields: [
      "ExternalPostmasterAddress",
      "InternalDelayDsnEnabled",
      "ExternalDelayDsnEnabled",
      "InternalDsnSendHtml",
      "ExternalDsnSendHtml",
      "InternalDsnMaxMessageAttachSize",
      "ExternalDsnMaxMessageAttachSize",
      "JournalingReportNdrTo",
    ],
  },
  {
    title: texts.security,
    fields: [
      "TlsReceiveDomainSecureList",
      "TlsSendDomainSecureList",
      "ExchangeServerCertificateNames",
      "InternalSMTPServers",
    ],
  },
  { title: texts.acme, fields: ["Acme"] },
  { title: texts.reporting, fields: ["TlsReporting", "DmarcReporting"] },
  { title: texts.senders, fields: ["SenderRewritingEnabled", "VariableEnvelopeSenders"] },
  { title: texts.safety, fields: ["SafetyNetHoldTime", "AdminAuditLogAgeLimit"] },
];

/** Labels of TransportConfig that say more than the names. */
export const CONFIG_LABELS: Readonly<Record<string, string>> = {
  MaxReceiveSize: texts.maxReceive,
  MaxSendSize: texts.maxSend,
  MaxRecipientEnvelopeLimit: texts.maxRecipients,
  TlsReceiveDomainSecureList: texts.domainSecureReceive,
  TlsSendDomainSecureList: texts.domainSecureSend,
};

const sizesOf = (log: string) => [`${log}MaxAge`, `${log}MaxDirectorySize`, `${log}MaxFileSize`];
const logFields = (log: string) => [`${log}Enabled`, ...sizesOf(log)];

/** Of TransportService. */
export const SERVICE_SECTIONS: readonly FormSection[] = [
  {
    title: texts.retries,
    fields: [
      "MessageExpirationTimeout",
      "DelayNotificationTimeout",
      "QueueGlitchRetryCount",
      "QueueGlitchRetryInterval",
      "TransientFailureRetryCount",
      "TransientFailureRetryInterval",
      "OutboundConnectionFailureRetryInterval",
      "MailboxDeliveryQueueRetryInterval",
      "MessageRetryInterval",
      "ResolverRetryInterval",
      "RetryJitter",
    ],
  },
  {
    title: texts.connections,
    fields: [
      "MaxOutboundConnections",
      "MaxPerDomainOutboundConnections",
      "MaxConcurrentMailboxDeliveries",
      "MaxConnectionRatePerMinute",
      "ExternalDNSServers",
    ],
  },
  {
    title: texts.queue,
    fields: [
      "QueueMaxIdleTime",
      "MaxIdleTimeBeforeResubmit",
      "PoisonMessageDetectionEnabled",
      "PoisonThreshold",
      "PriorityQueuingEnabled",
      "ExpansionSizeLimit",
    ],
  },
  {
    title: texts.pickup,
    fields: [
      "PickupDirectoryPath",
      "ReplayDirectoryPath",
      "PickupDirectoryMaxMessagesPerMinute",
      "PickupDirectoryMaxHeaderSize",
      "PickupDirectoryMaxRecipientsPerMessage",
    ],
  },
  {
    title: texts.tracking,
    fields: [
      ...logFields("MessageTrackingLog"),
      "MessageTrackingLogSubjectLoggingEnabled",
      "MessageTrackingIndexEnabled",
    ],
  },
  {
    title: texts.protocol,
    fields: [...sizesOf("ReceiveProtocolLog"), ...sizesOf("SendProtocolLog")],
  },
  {
    title: texts.logs,
    fields: [
      ...logFields("ConnectivityLog"),
      ...logFields("AgentLog"),
      ...logFields("RoutingTableLog"),
      ...logFields("QueueLog"),
      "QueueLoggingInterval",
    ],
  },
  {
    title: texts.recordings,
    fields: [...logFields("SessionRecording"), "SessionRecordingMaxCount"],
  },
];

/** Labels of TransportService that say more than the names. */
export const SERVICE_LABELS: Readonly<Record<string, string>> = {
  MessageExpirationTimeout: texts.expiry,
  DelayNotificationTimeout: texts.delayNotice,
};
