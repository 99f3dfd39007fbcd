import type { FormSection } from "../../widgets/form/object-form.tsx";
import { texts } from "./texts.ts";

/** What Get-Recipient calls the kinds. */
export type RecipientType =
  | "UserMailbox"
  | "MailUser"
  | "MailContact"
  | "MailUniversalDistributionGroup";

/** How recipients of a kind are shown and edited. */
export interface RecipientKind {
  readonly type: RecipientType;
  readonly title: string;
  /** Of its cmdlets. */
  readonly noun: "Mailbox" | "MailUser" | "MailContact" | "DistributionGroup";
  /** What a new one is asked for; everything else is under "More settings". */
  readonly made: readonly FormSection[];
  readonly sections: readonly FormSection[];
}

const MODERATION: FormSection = {
  title: texts.moderation,
  fields: [
    "ModerationEnabled",
    "ModeratedBy",
    "BypassModerationFromSendersOrMembers",
    "SendModerationNotifications",
    "BypassNestedModerationEnabled",
  ],
};
const RESTRICTIONS: FormSection = {
  title: texts.restrictions,
  fields: [
    "RequireSenderAuthenticationEnabled",
    "AcceptMessagesOnlyFromSendersOrMembers",
    "RejectMessagesFromSendersOrMembers",
  ],
};
const PERSON: FormSection = {
  title: texts.person,
  fields: [
    ...["FirstName", "Initials", "LastName", "Title", "Department", "Company", "Office", "Manager"],
    ...["PhoneNumber", "MobileNumber", "Street", "PoBox", "ZipCode", "City", "State", "Country"],
    "Notes",
  ],
};

const ELSEWHERE: Pick<RecipientKind, "made" | "sections"> = {
  made: [
    {
      title: texts.general,
      fields: ["Name", "PrimarySmtpAddress", "ExternalEmailAddress", "DisplayName"],
    },
  ],
  sections: [
    { title: texts.general, fields: ["Name", "DisplayName", "ExternalEmailAddress"] },
    { title: texts.limits, fields: ["MaxReceiveSize"] },
    RESTRICTIONS,
    MODERATION,
    PERSON,
  ],
};

/** Each kind, by what Get-Recipient calls it. */
export const KINDS: Readonly<Record<RecipientType, RecipientKind>> = {
  UserMailbox: {
    type: "UserMailbox",
    title: texts.mailbox,
    noun: "Mailbox",
    made: [
      {
        title: texts.general,
        fields: ["Name", "PrimarySmtpAddress", "Password", "DisplayName", "EmailAddresses"],
      },
    ],
    sections: [
      { title: texts.general, fields: ["Name", "DisplayName"] },
      {
        title: texts.mailFlow,
        fields: ["ForwardingAddress", "DeliverToMailboxAndForward", "LmtpHost"],
      },
      {
        title: texts.limits,
        fields: [
          ...["ProhibitSendReceiveQuota", "MaxSendSize", "MaxReceiveSize", "RecipientLimits"],
          "ThrottlingPolicy",
        ],
      },
      RESTRICTIONS,
      MODERATION,
      {
        title: texts.spam,
        fields: [
          ...["SafeSenders", "SafeRecipients", "BlockedSenders", "AntispamBypassEnabled"],
          ...["SCLJunkEnabled", "SCLJunkThreshold"],
        ],
      },
      {
        title: texts.signIn,
        fields: [
          ...["SmtpClientAuthenticationDisabled", "NtlmEnabled", "CertificateNames"],
          "CertificateFingerprints",
        ],
      },
      PERSON,
    ],
  },
  MailUser: { type: "MailUser", title: texts.mailUser, noun: "MailUser", ...ELSEWHERE },
  MailContact: { type: "MailContact", title: texts.contact, noun: "MailContact", ...ELSEWHERE },
  MailUniversalDistributionGroup: {
    type: "MailUniversalDistributionGroup",
    title: texts.group,
    noun: "DistributionGroup",
    made: [
      { title: texts.general, fields: ["Name", "PrimarySmtpAddress", "ManagedBy", "Members"] },
    ],
    sections: [
      { title: texts.general, fields: ["Name", "ManagedBy"] },
      RESTRICTIONS,
      MODERATION,
      {
        title: texts.mailFlow,
        fields: ["MaxReceiveSize", "ReportToOriginatorEnabled", "ReportToManagerEnabled"],
      },
    ],
  },
};

/** Parameters that forms leave alone: tabs and dialogs are for them. */
export const NOT_IN_FORMS: readonly string[] = [
  "SendAs",
  "PasswordHash",
  "ScramVerifiers",
  "NtHash",
];
/** Of one that is there, these too. */
export const NOT_EDITED: readonly string[] = [
  ...NOT_IN_FORMS,
  "PrimarySmtpAddress",
  "EmailAddresses",
  "Password",
];

/** The kind that a text of the server names. */
export function kindOf(type: string | null | undefined): RecipientKind | undefined {
  return Object.values(KINDS).find((kind) => kind.type === type);
}
