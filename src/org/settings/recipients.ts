import { CREDENTIALS } from "./credentials.ts";
import { lmtpHost } from "./network-types.ts";
import { RECIPIENT_ATTRIBUTES } from "./recipient-attributes.ts";
import { SAFE_LISTS } from "./safe-lists.ts";
import { nullable, required, setting } from "./setting.ts";
import {
  address,
  bool,
  bytes,
  INTEGER_MAX,
  integer,
  listOf,
  name,
  oneOf,
} from "./setting-types.ts";

/** Members of one group; a page of them is read at a time. */
const MEMBERS_MAX = 10_000_000;
const ADDRESSES_MAX = 10_000;
/** Each gets a request with the message. */
const MODERATORS_MAX = 100;

/** Reference §17.2. */
const MODERATION = {
  moderationEnabled: setting(
    bool(),
    "false",
    "Mail to it waits until a moderator approves it; moderators' and owners' own does not.",
  ),
  moderatedBy: setting(
    listOf(address(), { max: MODERATORS_MAX }),
    [],
    "Its moderators: mailboxes, mail users and mail contacts. Of a group, none: managedBy.",
  ),
  bypassModerationFromSendersOrMembers: setting(
    listOf(address(), { max: ADDRESSES_MAX }),
    [],
    "Whose mail does not wait: recipients, and groups for their members.",
  ),
  sendModerationNotifications: setting(
    oneOf(["Always", "Internal", "Never"]),
    "Always",
    "Which senders hear that their mail was not approved: all, those of the organization, or none.",
  ),
};

const EVERY_RECIPIENT = {
  name: required(name(), "The recipient's name."),
  primarySmtpAddress: required(address(), "The address that its mail bears."),
  emailAddresses: setting(
    listOf(address(), { max: ADDRESSES_MAX }),
    [],
    "Its further addresses. Compared without case; each belongs to one recipient only.",
  ),
  requireSenderAuthenticationEnabled: setting(
    bool(),
    "false",
    "Only senders who have logged on, or come from our own servers, may write to it.",
  ),
  acceptMessagesOnlyFromSendersOrMembers: setting(
    listOf(address(), { max: ADDRESSES_MAX }),
    [],
    "Who may write to it: recipients, and groups for their members; none: everybody.",
  ),
  rejectMessagesFromSendersOrMembers: setting(
    listOf(address(), { max: ADDRESSES_MAX }),
    [],
    "Who may not write to it: recipients, and groups for their members.",
  ),
  ...MODERATION,
  maxReceiveSize: setting(
    bytes({ min: 0, max: INTEGER_MAX, unlimited: true }),
    "unlimited",
    "Size of a message to it; unlimited: as transportConfig says.",
  ),
  sendAs: setting(
    listOf(address(), { max: ADDRESSES_MAX }),
    [],
    "Mailboxes whose users may send as this recipient.",
  ),
};

/** Reference §4.3, §4.5. */
export const MAILBOX = {
  ...EVERY_RECIPIENT,
  ...CREDENTIALS,
  forwardingAddress: nullable(address(), {}, "Where its mail goes instead."),
  deliverToMailboxAndForward: setting(
    bool(),
    "false",
    "With forwardingAddress: the mailbox keeps a copy.",
  ),
  prohibitSendReceiveQuota: setting(
    bytes({ min: 0, max: 2 ** 50, unlimited: true }),
    "unlimited",
    "Mail beyond it is refused with 5.2.2.",
  ),
  lmtpHost: nullable(lmtpHost(), { text: "that of its domain" }, "LMTP server that holds it."),
  maxSendSize: setting(
    bytes({ min: 0, max: INTEGER_MAX, unlimited: true }),
    "unlimited",
    "Size of a message from its user; unlimited: as transportConfig says.",
  ),
  recipientLimits: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "unlimited",
    "Recipients of one message of its user; unlimited: as transportConfig says.",
  ),
  throttlingPolicy: nullable(
    name(),
    { text: "the default one" },
    "Name of the throttling policy that limits what its user sends.",
  ),
  ...RECIPIENT_ATTRIBUTES,
  ...SAFE_LISTS,
};

/** A person here whose mailbox is elsewhere. */
export const MAIL_USER = {
  ...EVERY_RECIPIENT,
  externalEmailAddress: required(address(), "Where the mail goes."),
  ...RECIPIENT_ATTRIBUTES,
};

/** A person elsewhere who has an address here. */
export const MAIL_CONTACT = {
  ...EVERY_RECIPIENT,
  externalEmailAddress: required(address(), "Where the mail goes."),
  ...RECIPIENT_ATTRIBUTES,
};

/** Reference §4.5. */
export const DISTRIBUTION_GROUP = {
  ...EVERY_RECIPIENT,
  members: setting(
    listOf(address(), { max: MEMBERS_MAX }),
    [],
    "Addresses of its members: recipients, other groups, or anybody outside.",
  ),
  reportToOriginatorEnabled: setting(bool(), "true", "Notices go to the sender."),
  reportToManagerEnabled: setting(
    bool(),
    "false",
    "Notices go to managedBy; reportToOriginatorEnabled must be false. Both false: no notices.",
  ),
  managedBy: nullable(address(), {}, "The owner."),
  bypassNestedModerationEnabled: setting(
    bool(),
    "false",
    "Mail that is approved for it needs no approval for moderated groups among its members.",
  ),
};
