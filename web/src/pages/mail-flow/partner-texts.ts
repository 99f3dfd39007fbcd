import { textsOf } from "../../base/texts.ts";

const en = {
  title: "New partner connector with enforced TLS",
  about:
    "Mail to the partner's domains goes encrypted or not at all: without it, it waits and " +
    "senders are told.",
  who: "1. Who is the partner?",
  domains: "The partner's domains",
  domainsHint: "One per line: fabrikam.com",
  subdomains: "With their subdomains",
  name: "Name of the connector",
  where: "2. Where does mail for the partner go?",
  byMx: "To the hosts that the partner's DNS names (MX)",
  bySmartHost: "To hosts that the partner has named",
  smartHosts: "Hosts",
  smartHostsHint: "One per line: mail.fabrikam.com, or an address in brackets: [192.0.2.25]",
  port: "Port",
  sure: "3. How sure must we be of who answers?",
  byDomain: "A valid certificate with the partner's name (recommended)",
  byDomainHint: "Nobody in between can read or take the mail.",
  byAuthority: "A valid certificate, whatever its name",
  byAuthorityHint: "An authority that we trust vouches for somebody, perhaps not for the partner.",
  encrypted: "Encrypted, whoever answers",
  encryptedHint: "Protects against listeners, not against impostors.",
  certificateName: "Name in the certificate",
  certificateNameMx:
    "Left empty: the recipient's domain. If its MX hosts belong to a service, name that: " +
    "*.mail.service.com",
  certificateNameHosts: "Must be given with hosts: the name that they show",
  back: "4. Mail from the partner",
  alsoIn: "Mail from the partner must be encrypted, too",
  alsoInHint: "Makes a receive connector that takes mail from the partner's addresses by TLS only.",
  ranges: "The partner's addresses",
  rangesHint: "One per line: an address, first-last, or address/length",
  binding: "Where they connect to",
  create: "Create",
  cancel: "Cancel",
  partnerIn: (name: string) => `From ${name}`,
  done: "The partner connector is in force",
  doneHint:
    "Try it now: this goes to the partner as delivery would and checks the certificate. No " +
    "mail is sent.",
  which: "Domain to try",
  open: "Open the connector",
  firstFailed: "Nothing was made.",
  secondFailed: "The send connector was made; the receive connector was not:",
};

/** Texts of the guided partner connector. */
export const texts = textsOf("mail-flow/partner", en);
