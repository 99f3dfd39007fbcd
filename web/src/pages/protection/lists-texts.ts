import { plural, textsOf } from "../../base/texts.ts";

const en = {
  about: "Whose mail is never let in, and whose is let in without being filtered.",
  senders: "Senders",
  addresses: "IP addresses",
  recipients: "Recipients",
  mailboxes: "Mailboxes",
  kinds: "Kinds of lists",
  blockedSenders: "Blocked senders",
  blockedSendersHint:
    "Their mail is refused, whether the address stands in the envelope or in From.",
  allowedSenders: "Allowed senders",
  allowedSendersHint:
    "The content filter does not rate their mail, unless SPF or DMARC fails for them.",
  addSender: "Address or domain",
  addSenderHint: "eve@fabrikam.com, fabrikam.com, or *.fabrikam.com with its subdomains",
  block: "Block",
  allow: "Allow",
  blockedAddresses: "Blocked IP addresses",
  blockedAddressesHint: "Who connects from there is refused.",
  allowedAddresses: "Allowed IP addresses",
  allowedAddressesHint: "Mail from there passes all filters but those of attachments and malware.",
  addAddress: "IP address or range",
  addAddressHint: "192.0.2.7, 192.0.2.0/24 or 192.0.2.10-192.0.2.20",
  until: "Until (optional)",
  comment: "Comment (optional)",
  blockedRecipients: "Blocked recipients",
  blockedRecipientsHint: "These addresses get no mail from outside.",
  addRecipient: "Address",
  listIsOff: "This list is switched off: nothing of it is in force.",
  turnOn: "Turn it on",
  safeSenders: "Safe senders of a mailbox",
  mailboxHint:
    "Users have lists of their own. Mail of their safe senders is not rated; that of their " +
    "blocked senders is refused for them.",
  mailbox: "Mailbox",
  findMailbox: "Name or address of a mailbox",
  find: "Find",
  noMailbox: "There is no such mailbox.",
  safe: "Safe senders",
  blocked: "Blocked senders",
  declared: (file: string, place: string) =>
    `${file} declares it, under ${place}: there it is changed for good. What is changed here ` +
    "holds until the server reads that file again, at its next start or reload.",
  mailboxPlace: (name: string) => `mailboxes, ${name}, safeSenders and blockedSenders`,
  changeAnyway: "Change it here all the same",
  none: "None yet.",
  entries: (count: number) => plural(count, "entry", "entries"),
  address: "Address",
  domain: "Domain",
  withSubdomains: "Domain and its subdomains",
  remove: (name: string) => `Remove ${name}`,
  added: (name: string) => `${name} has been added`,
  removed: (name: string) => `${name} has been removed`,
  expires: (when: string) => `until ${when}`,
  expired: "over",
  byServer: "by the server itself: bad reputation",
  invalid: "Write an address or a domain.",
};

/** Texts of allow and block lists. */
export const texts = textsOf("protection/lists", en);
