import { ETAG, entityTag } from "../../cmdlet/entity-tag.ts";
import type { OutputObject, OutputProperty, OutputType } from "../../cmdlet/output-type.ts";
import { cmdletName } from "../../cmdlet/setting-names.ts";
import { settingProperties, settingValues } from "../../cmdlet/setting-output.ts";
import type { ObjectProperties, RecipientObject } from "../../org/organization-editor.ts";
import { RECIPIENT_KINDS, type RecipientKind } from "../../org/settings/object-kinds.ts";
import type { SettingTable } from "../../org/settings/setting.ts";
import type { RecipientView } from "./recipient-search.ts";

/** Exchange's names of the kinds (reference §4.3). */
export const RECIPIENT_TYPES = {
  mailbox: "UserMailbox",
  mailUser: "MailUser",
  mailContact: "MailContact",
  distributionGroup: "MailUniversalDistributionGroup",
} as const satisfies Record<RecipientKind, string>;

/** A recipient as it is stored; a group's members may be among its properties. */
export type ShownRecipient = Pick<RecipientObject, "name" | "properties" | "file"> & {
  readonly memberCount?: number;
};

/** Of a mailbox, what is never shown, not even as ***; -Password stands for all of it. */
const HIDDEN: ReadonlySet<string> = new Set([
  "passwordHash",
  "scramVerifiers",
  "ntHash",
  "appPasswords",
  "members",
]);

/** Settings of a kind that are shown as they are. */
export function shownTable(kind: RecipientKind): SettingTable {
  const rows = Object.entries(RECIPIENT_KINDS[kind].table as SettingTable);
  return Object.fromEntries(rows.filter(([property]) => !HIDDEN.has(property)));
}

const IDENTITY: OutputProperty = {
  kind: "text",
  doc: "The name by which cmdlets find it, besides its addresses.",
};
const RECIPIENT_TYPE: OutputProperty = {
  kind: "choice",
  doc: "What kind of recipient it is.",
  choices: Object.values(RECIPIENT_TYPES),
};
const DECLARED_IN: OutputProperty = {
  kind: "text",
  doc: "The configuration file that declares it, and in which it has to be changed.",
};
const MEMBER_COUNT: OutputProperty = { kind: "number", doc: "Members of a group." };

/** Any recipient, with what all of them have. */
export const RECIPIENT: OutputType = {
  name: "Recipient",
  properties: {
    Identity: IDENTITY,
    Name: { kind: "text", doc: "The recipient's name." },
    RecipientType: RECIPIENT_TYPE,
    PrimarySmtpAddress: { kind: "text", doc: "The address that its mail bears." },
    EmailAddresses: { kind: "list", doc: "Its further addresses." },
    ExternalEmailAddress: {
      kind: "text",
      doc: "Where the mail of a mail user or mail contact goes.",
    },
    ForwardingAddress: { kind: "text", doc: "Where the mail of a mailbox goes instead." },
    SendAs: { kind: "list", doc: "Mailboxes whose users may send as this recipient." },
    MemberCount: MEMBER_COUNT,
    DeclaredIn: DECLARED_IN,
    ETag: ETAG,
  },
  table: ["Name", "RecipientType", "PrimarySmtpAddress"],
};

/** Settings of any kind that `RECIPIENT` has. */
const COMMON_SETTINGS: ReadonlySet<string> = new Set([
  "name",
  "primarySmtpAddress",
  "emailAddresses",
  "externalEmailAddress",
  "forwardingAddress",
  "sendAs",
]);

/** The output type of one kind: all its settings. */
export function recipientOutput(facts: {
  readonly kind: RecipientKind;
  /** `Mailbox` */
  readonly noun: string;
  readonly columns: readonly string[];
}): OutputType {
  const { kind, noun, columns } = facts;
  const appPasswords: OutputProperty = {
    kind: "list",
    doc: "Names of its app passwords; Get-AppPassword shows more.",
  };
  return {
    name: noun,
    properties: {
      Identity: IDENTITY,
      RecipientType: RECIPIENT_TYPE,
      ...settingProperties(shownTable(kind)),
      ...(kind === "mailbox" && { AppPasswords: appPasswords }),
      ...(kind === "distributionGroup" && { MemberCount: MEMBER_COUNT }),
      DeclaredIn: DECLARED_IN,
      ETag: ETAG,
    },
    table: columns,
  };
}

type Show = (recipient: ShownRecipient & { readonly kind: RecipientKind }) => OutputObject;

/**
 * Makes what shows recipients as cmdlets put them out. `only`: these properties and no others, for
 * filters, which look at a million of them.
 */
export function createShow(view: RecipientView, only?: ReadonlySet<string>): Show {
  const tables = new Map<RecipientKind, SettingTable>();
  const tableOf = (kind: RecipientKind): SettingTable => {
    const wanted = Object.entries(shownTable(kind)).filter(
      ([property]) =>
        (view !== "recipient" || COMMON_SETTINGS.has(property)) &&
        (only === undefined || only.has(cmdletName(property))),
    );
    const table = Object.fromEntries(wanted);
    tables.set(kind, table);
    return table;
  };
  const names =
    only ?? Object.keys(view === "recipient" ? RECIPIENT.properties : propertiesOf(view));
  return (recipient) => {
    const { kind, name, file } = recipient;
    const stored = shownProperties(recipient);
    const all: OutputObject = {
      Identity: name,
      RecipientType: RECIPIENT_TYPES[kind],
      ...settingValues(tables.get(kind) ?? tableOf(kind), stored, {}),
      AppPasswords: appPasswordNames(stored),
      MemberCount: kind === "distributionGroup" ? countOf(recipient) : null,
      DeclaredIn: file ?? null,
      // Not for each of a million that a filter looks at.
      ETag: only === undefined || only.has("ETag") ? entityTag(recipient.properties) : null,
    };
    return Object.fromEntries([...names].map((one) => [one, all[one] ?? null]));
  };
}

function propertiesOf(kind: RecipientKind): Readonly<Record<string, OutputProperty>> {
  return recipientOutput({ kind, noun: kind, columns: [] }).properties;
}

/** What tells two states apart: whatever its form, a password is shown as one. */
export function shownProperties({
  properties,
}: Pick<ShownRecipient, "properties">): ObjectProperties {
  const { password = null, passwordHash = null, ...others } = properties;
  const secret = passwordHash ?? password;
  return { ...others, ...(secret !== null && { password: secret }) };
}

function countOf({ properties, memberCount }: ShownRecipient): number | null {
  const { members } = properties;
  return memberCount ?? (Array.isArray(members) ? members.length : null);
}

function appPasswordNames({ appPasswords }: ObjectProperties): readonly string[] {
  if (!Array.isArray(appPasswords)) return [];
  return (appPasswords as readonly unknown[]).map((one) => String(Object(one)["name"]));
}
