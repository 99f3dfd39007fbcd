import type { FormSection } from "../../widgets/form/object-form.tsx";
import { texts } from "./filters-texts.ts";

/** A filter's settings. */
export interface FilterSettings {
  /** Its Get- and Set- cmdlets. */
  readonly noun: string;
  readonly title: string;
  readonly sections: readonly FormSection[];
}

const WHOSE = ["ExternalMailEnabled", "InternalMailEnabled"];

function general(...fields: readonly string[]): FormSection {
  return { title: texts.general, fields };
}

const whose: FormSection = { title: texts.whose, fields: WHOSE };

/** All filters, in the order in which mail meets them. */
export const FILTERS: readonly FilterSettings[] = [
  { noun: "IPAllowListConfig", title: texts.allowList, sections: [general("Enabled", ...WHOSE)] },
  {
    noun: "IPBlockListConfig",
    title: texts.blockList,
    sections: [
      general("Enabled", "StaticEntryRejectionResponse", "MachineEntryRejectionResponse"),
      whose,
    ],
  },
  {
    noun: "IPAllowListProvidersConfig",
    title: texts.allowProviders,
    sections: [general("Enabled", ...WHOSE)],
  },
  {
    noun: "IPBlockListProvidersConfig",
    title: texts.blockProviders,
    sections: [general("Enabled", "BypassedRecipients"), whose],
  },
  {
    noun: "SenderFilterConfig",
    title: texts.sender,
    sections: [
      general("Enabled", "Action", "BlankSenderBlockingEnabled", "RecipientBlockedSenderAction"),
      whose,
    ],
  },
  {
    noun: "RecipientFilterConfig",
    title: texts.recipient,
    sections: [general("Enabled", "RecipientValidationEnabled", "BlockListEnabled"), whose],
  },
  {
    noun: "BackscatterProtectionConfig",
    title: texts.backscatter,
    sections: [general("SigningEnabled", "RejectionEnabled", "TagLifetime")],
  },
  {
    noun: "GreylistingConfig",
    title: texts.greylisting,
    sections: [general("Enabled", "RetryInterval", "RetryWindow", "PassedLifetime"), whose],
  },
  {
    noun: "SenderIdConfig",
    title: texts.senderId,
    sections: [
      {
        title: texts.action,
        fields: ["SpoofedDomainAction", "TempErrorAction", "MissingFromAction"],
      },
      {
        title: texts.exceptions,
        fields: ["BypassedRecipients", "BypassedSenderDomains", "DmarcExemptions"],
      },
    ],
  },
  {
    noun: "SenderReputationConfig",
    title: texts.reputation,
    sections: [
      general("Enabled", "SrlBlockThreshold", "SenderBlockingEnabled", "SenderBlockingPeriod"),
      whose,
    ],
  },
  {
    noun: "AttachmentFilterListConfig",
    title: texts.attachments,
    sections: [
      general("Enabled", "Action", "RejectResponse", "AdminMessage", "EncryptedArchivesEnabled"),
      whose,
    ],
  },
  {
    noun: "ContentFilterConfig",
    title: texts.content,
    sections: [
      general("Enabled", ...WHOSE),
      { title: texts.source, fields: ["Source", "Endpoint", "ScanTimeout", "HeadersEnabled"] },
      {
        title: texts.levels,
        fields: [
          ...["SCLQuarantineEnabled", "SCLQuarantineThreshold", "SCLRejectEnabled"],
          ...["SCLRejectThreshold", "RejectionResponse", "SCLDeleteEnabled"],
          ...["SCLDeleteThreshold", "SCLScores"],
        ],
      },
      {
        title: texts.exceptions,
        fields: ["BypassedSenders", "BypassedSenderDomains", "BypassedRecipients"],
      },
    ],
  },
  {
    noun: "MalwareFilterConfig",
    title: texts.malware,
    sections: [
      general("Enabled", "Scanners", "ScanTimeout", "ScanErrorAction"),
      {
        title: texts.action,
        fields: ["Action", "RejectionResponse", "BypassInboundMessages", "BypassOutboundMessages"],
      },
    ],
  },
  {
    noun: "QuarantinePolicy",
    title: texts.quarantine,
    sections: [
      general("QuarantineRetentionPeriod", "EndUserQuarantineTypes"),
      {
        title: texts.notices,
        fields: [
          ...["ESNEnabled", "EndUserSpamNotificationFrequency", "EndUserSpamNotificationTime"],
          ...["EndUserSpamNotificationUrl", "EsnCustomSubject"],
          "EndUserSpamNotificationCustomFromAddress",
        ],
      },
    ],
  },
];
