import type { CmdletRow } from "../../harness/cmdlet-row.ts";
import type { EveryBench } from "../../harness/every-bench.ts";
import { type NounSample, nounRows, singleRows } from "./noun-rows.ts";

type Row = CmdletRow<EveryBench>;

const NOUNS: readonly NounSample[] = [
  {
    noun: "IPAllowListProvider",
    verb: "Add",
    given: (Name) => ({ Name, LookupDomain: "allow.example.test" }),
    change: ["Enabled", false],
  },
  {
    noun: "IPBlockListProvider",
    verb: "Add",
    given: (Name) => ({ Name, LookupDomain: "block.example.test", BitmaskMatch: "127.0.0.6" }),
    change: ["RejectionResponse", "%0 is listed"],
  },
];

const SINGLE = [
  ["IPAllowListConfig", "Enabled", false, true],
  ["IPBlockListConfig", "StaticEntryRejectionResponse", "Not you", "Not %0"],
  ["IPAllowListProvidersConfig", "InternalMailEnabled", true, false],
  ["IPBlockListProvidersConfig", "ExternalMailEnabled", false, true],
  ["SenderFilterConfig", "Action", "StampStatus", "Reject"],
  ["RecipientFilterConfig", "BlockListEnabled", true, false],
  ["SenderReputationConfig", "SrlBlockThreshold", "8", "9"],
  ["GreylistingConfig", "RetryInterval", "00:01:00", "00:02:00"],
  ["BackscatterProtectionConfig", "KeyNumber", "1", "2"],
  ["AttachmentFilterListConfig", "Action", "Strip", "SilentDelete"],
  ["OrganizationConfig", "SCLJunkThreshold", "5", "6"],
] as const;

const ENTRY: NounSample = {
  noun: "AttachmentFilterEntry",
  verb: "Add",
  given: (name) => ({ Name: `*.${name}`, Type: "FileName" }),
  identity: (name) => `FileName:*.${name}`,
  change: ["Type", "ContentType"],
};

const ATTACHMENT_ROWS: readonly Row[] = nounRows(ENTRY).filter(
  ({ cmdlet }) => !cmdlet.startsWith("Set-"),
);

/** Filters and their lists; chains that can run side by side. */
export const HYGIENE_ROWS: readonly (readonly Row[])[] = [
  ...NOUNS.map(nounRows),
  SINGLE.flatMap(singleRows),
  ATTACHMENT_ROWS,
];
