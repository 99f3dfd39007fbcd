import { nullable, setting } from "./setting.ts";
import { address, bool, line, listOf, section } from "./setting-types.ts";

const DMARC_REPORTING = {
  enabled: setting(
    bool(),
    "true",
    "Whether domains that ask for them get daily sums about mail in their name (RFC 9990).",
  ),
  failureReportsEnabled: setting(
    bool(),
    "false",
    "Whether they get single reports about mail that fails (RFC 9991): its header only, without " +
      "recipients and subject, and not many.",
  ),
  organizationName: nullable(
    line({ max: 256 }),
    { text: "the default accepted domain" },
    "Who we are in the reports.",
  ),
  contact: nullable(
    address(),
    { text: "externalPostmasterAddress" },
    "Sender of the reports, and who answers questions about them.",
  ),
};

/** Of Set-TransportConfig: trust in mail that we pass on and judge. */
export const MAIL_TRUST = {
  senderRewritingEnabled: setting(
    bool(),
    "true",
    "The envelope sender of mail from outside that mailboxes, contacts and groups lead to other " +
      "domains becomes an address in the default accepted domain (SRS), so that SPF passes " +
      "there; notices to it are led back for 21 days.",
  ),
  variableEnvelopeSenders: setting(
    listOf(address(), { max: 1000 }),
    [],
    "Senders of ours whose mail to other domains goes to each recipient by itself, with him in " +
      "the envelope sender (VERP): news+bob=fabrikam.com@contoso.com. Notices come to the sender.",
  ),
  dmarcReporting: setting(section(DMARC_REPORTING), {}, "Reports about DMARC to other domains."),
};
