import type { OutputType } from "../../cmdlet/output-type.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { RECIPIENT_KINDS, type RecipientKind } from "../../org/settings/object-kinds.ts";
import type { SettingTable } from "../../org/settings/setting.ts";
import { RECIPIENT_NOUNS } from "./find-recipient.ts";
import { recipientOutput } from "./recipient-output.ts";

/** Who may change recipients besides Organization Management. */
export const RECIPIENT_CHANGERS: readonly RoleGroup[] = ["Recipient Management"];
/** Who may look at them besides. */
export const RECIPIENT_READERS: readonly RoleGroup[] = [
  "Recipient Management",
  "Help Desk",
  "View-Only Organization Management",
];

/** One kind of recipient as the cmdlets know it; Get, New, Set and Remove are made of it. */
export interface RecipientNoun {
  readonly kind: RecipientKind;
  readonly noun: (typeof RECIPIENT_NOUNS)[RecipientKind];
  /** `mail user` */
  readonly title: string;
  /** The settings that New has parameters for, and Set. */
  readonly newTable: SettingTable;
  readonly setTable: SettingTable;
  readonly output: OutputType;
  readonly notes: {
    readonly new: readonly string[];
    readonly set: readonly string[];
    readonly remove: readonly string[];
  };
  /** Parameters behind `New-X` and `Set-X`, with what they are for. */
  readonly examples: {
    readonly new: readonly [string, string];
    readonly set: readonly [string, string];
    /** A filter. */
    readonly get: readonly [string, string];
  };
}

const PASSWORD_NOTE =
  "A password is stored as an argon2id hash and SCRAM verifiers, and shown nowhere. Without a " +
  "value, or with -, -Password is asked for.";
const SEND_AS_NOTE = "Add-RecipientPermission changes SendAs one trustee at a time.";

/** All of them. */
export const NOUNS: readonly RecipientNoun[] = [
  defineNoun({
    kind: "mailbox",
    columns: ["Name", "PrimarySmtpAddress", "ProhibitSendReceiveQuota"],
    notes: {
      new: [PASSWORD_NOTE, "Mail comes in, and its user logs on, as soon as the cmdlet is done."],
      set: [
        PASSWORD_NOTE,
        "Mail is kept by primary address: with another one, what is there stays where it is, in " +
          "mailboxes/OLD ADDRESS of the data directory.",
        SEND_AS_NOTE,
      ],
      remove: ["Its mail stays, in mailboxes/ADDRESS of the data directory."],
    },
    examples: {
      new: [
        " -Name alice -PrimarySmtpAddress alice@contoso.test -Password -",
        "Asks for her password.",
      ],
      set: [
        ' alice -EmailAddresses @{Add="a.smith@contoso.test"} -ProhibitSendReceiveQuota 2GB',
        "One more address, and a limit.",
      ],
      get: ["ForwardingAddress -ne $null", "Those that forward."],
    },
  }),
  defineNoun({
    kind: "mailUser",
    columns: ["Name", "PrimarySmtpAddress", "ExternalEmailAddress"],
    notes: { new: [], set: [SEND_AS_NOTE], remove: [] },
    examples: {
      new: [
        " -Name bob -PrimarySmtpAddress bob@contoso.test -ExternalEmailAddress bob@fabrikam.test",
        "Bob's mail goes on to his mailbox elsewhere.",
      ],
      set: [" bob -ExternalEmailAddress bob@example.test", "He has moved."],
      get: ["ExternalEmailAddress -like '*@fabrikam.test'", "Whose mailbox is at Fabrikam."],
    },
  }),
  defineNoun({
    kind: "mailContact",
    columns: ["Name", "PrimarySmtpAddress", "ExternalEmailAddress"],
    notes: { new: [], set: [SEND_AS_NOTE], remove: [] },
    examples: {
      new: [
        " -Name zoe -PrimarySmtpAddress zoe@contoso.test -ExternalEmailAddress zoe@example.test",
        "Someone outside has an address here.",
      ],
      set: [" zoe -MaxReceiveSize 5MB", "Nothing larger is passed on."],
      get: ["MaxReceiveSize -ne 'unlimited'", "Those with a limit of their own."],
    },
  }),
  defineNoun({
    kind: "distributionGroup",
    columns: ["Name", "PrimarySmtpAddress", "MemberCount"],
    notes: {
      new: [],
      set: [
        "Members stay as they are: Add-, Remove- and Update-DistributionGroupMember change them.",
        SEND_AS_NOTE,
      ],
      remove: ["Its members stay."],
    },
    examples: {
      new: [
        " -Name team -PrimarySmtpAddress team@contoso.test -Members alice, x@example.test",
        "A recipient by name, and somebody outside.",
      ],
      set: [
        " team -RequireSenderAuthenticationEnabled $true",
        "Only people of the organization may write to it.",
      ],
      get: ["MemberCount -gt 1000", "The large ones."],
    },
  }),
];

function defineNoun(
  facts: Pick<RecipientNoun, "kind" | "notes" | "examples"> & {
    readonly columns: readonly string[];
  },
): RecipientNoun {
  const { kind, columns } = facts;
  const noun = RECIPIENT_NOUNS[kind];
  const { appPasswords: _, ...newTable } = RECIPIENT_KINDS[kind].table as SettingTable;
  const { members: __, ...setTable } = newTable;
  return {
    ...facts,
    noun,
    title: RECIPIENT_KINDS[kind].title,
    newTable,
    setTable,
    output: recipientOutput({ kind, noun, columns }),
  };
}
