import { requiredParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import type { HygieneSettings } from "../../org/hygiene-settings.ts";
import { line, oneOf } from "../../org/settings/setting-types.ts";
import { defineNoun, type NameParts, type NounFacts, type ObjectNoun } from "./object-noun.ts";

const CHANGERS: readonly RoleGroup[] = ["Hygiene Management"];

/** The names of HygieneSettings whose value is one object. */
type SingleKind = Extract<keyof HygieneSettings, `${string}Config`>;

/** A kind of which there is one: what the noun is called, its columns, and what sets it. */
function single(
  kind: SingleKind,
  noun: string,
  facts: Pick<NounFacts, "columns" | "notes"> & { readonly set: readonly [string, string] },
): ObjectNoun {
  const { set, ...rest } = facts;
  const find: ObjectNoun["find"] = ({ hygiene }) => hygiene[kind];
  return defineNoun({ ...rest, kind, noun, changers: CHANGERS, examples: { set }, find });
}

const SCOPE = ["Enabled", "ExternalMailEnabled", "InternalMailEnabled"];

const PROVIDER_NOTES = [
  "A client's address is asked about once, and the answer kept as long as DNS says. Where DNS " +
    "says nothing, nobody is blocked. IPv6 addresses are asked about as nibbles (RFC 5782 §2.4).",
];

/** The parts of `FileName:*.exe`, as Exchange gives and shows them. */
const ATTACHMENT_PARTS: NameParts = {
  parameters: {
    Name: requiredParameter(
      line({ max: 128 }),
      "A file's name, with * for any text, or a media type.",
      { position: 0 },
    ),
    Type: requiredParameter(oneOf(["FileName", "ContentType"]), "What the name is of."),
  },
  nameOf: ({ name, type }) => `${String(type)}:${String(name).toLowerCase()}`,
  properties: {
    Type: { kind: "choice", choices: ["FileName", "ContentType"], doc: "What the name is of." },
  },
  show: (name) => ({ Type: name.split(":", 1)[0] ?? null }),
};

/** The kinds that say what mail is not wanted; rows of NOUNS. */
export const HYGIENE_NOUNS: readonly ObjectNoun[] = [
  defineNoun({
    kind: "ipAllowListProvider",
    noun: "IPAllowListProvider",
    makingVerb: "Add",
    changers: CHANGERS,
    columns: ["Identity", "LookupDomain", "Priority", "Enabled"],
    notes: PROVIDER_NOTES,
    examples: {
      new: [
        ' -Name "Known servers" -LookupDomain allow.example.com -AnyMatch $true',
        "Mail of clients that it lists passes all anti-spam agents.",
      ],
      set: [' "Known servers" -Enabled $false', "It is asked no longer."],
    },
    find: ({ hygiene }, name) => byName(hygiene.ipAllowListProviders, name),
  }),
  defineNoun({
    kind: "ipBlockListProvider",
    noun: "IPBlockListProvider",
    makingVerb: "Add",
    changers: CHANGERS,
    columns: ["Identity", "LookupDomain", "Priority", "Enabled"],
    notes: PROVIDER_NOTES,
    examples: {
      new: [
        ' -Name "Bad servers" -LookupDomain block.example.com -IPAddressesMatch 127.0.0.2 ' +
          '-RejectionResponse "%0 is listed by %1"',
        "Clients that it lists with that code are refused.",
      ],
      set: [' "Bad servers" -BitmaskMatch 127.0.0.6', "Listed with one of these bits."],
    },
    find: ({ hygiene }, name) => byName(hygiene.ipBlockListProviders, name),
  }),
  single("ipAllowListConfig", "IPAllowListConfig", {
    columns: SCOPE,
    set: [" -Enabled $false", "The list counts no longer."],
  }),
  single("ipBlockListConfig", "IPBlockListConfig", {
    columns: SCOPE,
    set: [' -StaticEntryRejectionResponse "%0 may not send to us"', "Said to whom it blocks."],
  }),
  single("ipAllowListProvidersConfig", "IPAllowListProvidersConfig", {
    columns: SCOPE,
    set: [" -Enabled $false", "No allow list provider is asked."],
  }),
  single("ipBlockListProvidersConfig", "IPBlockListProvidersConfig", {
    columns: [...SCOPE, "BypassedRecipients"],
    set: [" -BypassedRecipients postmaster@contoso.test", "Listed clients may write there."],
  }),
  single("senderFilterConfig", "SenderFilterConfig", {
    columns: ["Enabled", "Action", "BlockedSenders", "BlockedDomains"],
    set: [
      ' -BlockedSenders @{Add="offers@litware.test"} -BlankSenderBlockingEnabled $false',
      "Its mail is refused from now on.",
    ],
  }),
  single("recipientFilterConfig", "RecipientFilterConfig", {
    columns: ["Enabled", "RecipientValidationEnabled", "BlockListEnabled", "BlockedRecipients"],
    set: [
      " -BlockListEnabled $true -BlockedRecipients everybody@contoso.test",
      "It gets mail from inside only.",
    ],
  }),
  single("senderReputationConfig", "SenderReputationConfig", {
    columns: ["Enabled", "SrlBlockThreshold", "SenderBlockingEnabled", "SenderBlockingPeriod"],
    notes: [
      "Sources are not tested for open proxies, as Exchange does: connecting to strangers' ports " +
        "tells little today, and looks like an attack.",
    ],
    set: [" -SrlBlockThreshold 8 -SenderBlockingPeriod 12", "Blocks less, and for half a day."],
  }),
  single("greylistingConfig", "GreylistingConfig", {
    columns: ["Enabled", "RetryInterval", "PassedLifetime"],
    set: [" -Enabled $true", "Sources not seen before have to come a second time."],
  }),
  single("backscatterProtectionConfig", "BackscatterProtectionConfig", {
    columns: ["SigningEnabled", "RejectionEnabled", "TagLifetime"],
    set: [" -SigningEnabled $true", "A week later, -RejectionEnabled $true."],
  }),
  single("attachmentFilterListConfig", "AttachmentFilterListConfig", {
    columns: ["Enabled", "Action", "RejectResponse"],
    set: [" -Action Strip", "A text stands in place of what Get-AttachmentFilterEntry shows."],
  }),
  defineNoun({
    kind: "attachmentFilterEntry",
    noun: "AttachmentFilterEntry",
    makingVerb: "Add",
    changers: CHANGERS,
    columns: ["Identity", "Type", "Name"],
    parts: ATTACHMENT_PARTS,
    examples: {
      new: [" -Name *.exe -Type FileName", "Programs, by their names."],
      set: ["", ""],
    },
    find: ({ hygiene }, name) => {
      const found = byName(hygiene.attachmentFilterEntries, name);
      return found && { name: found.name.slice(found.name.indexOf(":") + 1) };
    },
  }),
  single("organizationConfig", "OrganizationConfig", {
    columns: ["SCLJunkThreshold"],
    set: [" -SCLJunkThreshold 5", "More mail stays in the inbox."],
  }),
];

function byName<Named extends { readonly name: string }>(
  all: readonly Named[],
  name: string,
): Named | undefined {
  return all.find((one) => one.name.toLowerCase() === name.toLowerCase());
}
