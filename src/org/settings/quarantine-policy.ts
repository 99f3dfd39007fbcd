import { DAY, HOUR } from "../../base/units.ts";
import { QUARANTINE_TYPES } from "../../store/quarantine-mark.ts";
import { httpsUrl } from "./security-settings.ts";
import { nullable, setting } from "./setting.ts";
import { address, bool, line, listOf, oneOf, span } from "./setting-types.ts";

/** Set-QuarantinePolicy, and QuarantineRetentionPeriod of spam filter policies in the cloud. */
export const QUARANTINE_POLICY = {
  quarantineRetentionPeriod: setting(
    span({ min: HOUR, max: 365 * DAY }),
    "30.00:00:00",
    "How long mail is kept in quarantine; then it is gone, and nobody is told. It holds for what " +
      "comes from then on.",
  ),
  esnEnabled: setting(
    bool(),
    "false",
    "Whether mailboxes get a mail about what is in quarantine for them, with links to release it.",
  ),
  endUserSpamNotificationFrequency: setting(
    span({ min: HOUR, max: 7 * DAY }),
    "1.00:00:00",
    "How often, counted from endUserSpamNotificationTime.",
  ),
  endUserSpamNotificationTime: setting(
    span({ min: 0, max: DAY - 1 }),
    "08:00:00",
    "The time of day, in UTC, at which such mails are sent.",
  ),
  endUserSpamNotificationCustomFromAddress: nullable(
    address(),
    { text: "postmaster@ the default accepted domain" },
    "From of these mails.",
  ),
  endUserQuarantineTypes: setting(
    listOf(oneOf(QUARANTINE_TYPES), { max: QUARANTINE_TYPES.length }),
    ["Spam", "Bulk", "Phish", "Dmarc"],
    "What these mails tell of, and users may release themselves; the rest is for administrators.",
  ),
  esnCustomSubject: setting(
    line({ max: 200 }),
    "Messages for you in quarantine",
    "Subject of these mails.",
  ),
  endUserSpamNotificationUrl: nullable(
    httpsUrl(),
    { text: "https:// the server's name and the port of server.admin" },
    "Where the links lead: the management server, as users reach it.",
  ),
};
