import { textsOf } from "../../base/texts.ts";

const en = {
  acceptedTitle: "Accepted domains",
  acceptedAbout:
    "Domains that we take mail for. The default one completes addresses and signs notices.",
  newAccepted: "New accepted domain",
  noAccepted: "No accepted domain yet",
  noAcceptedHint: "Without one, mail for nobody is ours. Add the domain of your mailboxes.",
  domain: "Domain",
  type: "Type",
  default: "Default",
  name: "Name",
  general: "General",
  delivery: "Delivery",
  makeDefault: "Make default",
  isDefault: "Default domain",
  checkDns: "Check DNS",
  remoteTitle: "Remote domains",
  remoteAbout:
    "What may go to the domains of others: automatic forwards, delivery reports, notices. " +
    "The one for * holds where there is no other.",
  newRemote: "New remote domain",
  noRemote: "No remote domain yet",
  noRemoteHint:
    "Everything may go everywhere. Add one to restrict it, for a domain or for all (*).",
  forwards: "Automatic forwards",
  reports: "Delivery reports",
  notices: "Non-delivery notices",
  what: "What may go there",
  autoForward: "Allow automatic forwarding to it",
  deliveryReports: "Allow delivery reports to it",
  ndr: "Allow non-delivery notices to it",
  ndrDetails: "Put diagnostic details into such notices",
  tlsTitle: "TLS policies",
  tlsAbout:
    "How sure we have to be of encryption for certain recipients' domains, whichever send " +
    "connector serves them.",
  newTls: "New TLS policy",
  noTls: "No TLS policy yet",
  noTlsHint:
    "Connectors, DANE and MTA-STS decide. Add one to never send to a domain without encryption.",
  mode: "Mode",
  certificateName: "Name in the certificate",
  recipientsDomain: "Recipients' domain",
  throttlingTitle: "Throttling policies",
  throttlingAbout:
    "How much a user or device may send. A mailbox is under the policy that it names, else " +
    "under the default one.",
  newThrottling: "New throttling policy",
  noThrottling: "No throttling policy yet",
  noThrottlingHint:
    "Users and devices may send without limit. A policy protects you from runaway devices.",
  perMinute: "Messages per minute",
  perHour: "Messages per hour",
  perDay: "Messages per day",
  recipientsPerHour: "Recipients per hour",
  recipientsPerDay: "Recipients per day",
  limits: "Limits",
  makeDefaultPolicy: "Default policy",
};

/** Texts of the pages of domains and policies. */
export const texts = textsOf("mail-flow/domain", en);
