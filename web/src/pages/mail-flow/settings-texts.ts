import { textsOf } from "../../base/texts.ts";

const en = {
  title: "Transport settings",
  about: "What holds for all mail of the organization, and how this server tries and keeps it.",
  organization: "Organization",
  server: "Server",
  throttling: "Throttling policies",
  sizes: "Message limits",
  notices: "Delay and non-delivery notices",
  security: "Partners and our own servers",
  safety: "Safety net and audit",
  acme: "Automatic certificates (ACME)",
  reporting: "Reports to others",
  senders: "Rewriting of senders",
  retries: "When delivery is tried again",
  connections: "Connections",
  queue: "Queue and poison messages",
  pickup: "Pickup and replay folders",
  tracking: "Message tracking log",
  protocol: "Protocol logs",
  logs: "Other logs",
  recordings: "Session recordings",
  maxReceive: "Largest message from outside",
  maxSend: "Largest message of our users",
  maxRecipients: "Most recipients of a message",
  domainSecureReceive: "Domains whose mail must come by mutual TLS",
  domainSecureSend: "Domains that get mail by mutual TLS only",
  expiry: "How long a message is tried",
  delayNotice: "Senders are told of a delay after",
};

/** Texts of the page of transport settings. */
export const texts = textsOf("mail-flow/settings", en);
