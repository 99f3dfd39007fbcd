import { assert } from "../base/assert.ts";
import { type Address, addressKey } from "../mail/address.ts";
import type { StoredRecipient } from "../store/organization-store.ts";
import { type ConfigJson, type ConfigMap, fromConfigJson, toConfigJson } from "./config-value.ts";
import { FaultList, formatFault } from "./configuration-fault.ts";
import { type DeclaredObject, declareObject } from "./declared-object.ts";
import { checkSecrets, type MailboxSecrets, splitMailbox } from "./mailbox-secrets.ts";
import type { Mailbox, OrganizationRecipient } from "./organization.ts";
import { type ReadObject, readObject } from "./read-object.ts";
import { splitAttributes } from "./recipient-attributes.ts";
import type { RecipientModeration } from "./recipient-moderation.ts";
import { isRecipientKind, RECIPIENT_KINDS, type RecipientKind } from "./settings/object-kinds.ts";
import type { SettingTable } from "./settings/setting.ts";
import { throttlingPolicyCheck } from "./throttling-policy.ts";

/** A recipient of a configuration file, found to be right. */
export interface DeclaredRecipient {
  readonly kind: RecipientKind;
  readonly name: string;
  /** What the file gives, for the store; neither the members nor any secret. */
  readonly properties: Readonly<Record<string, ConfigJson>>;
  /** The primary address first. */
  readonly addresses: readonly Address[];
  readonly members: readonly Address[];
  /** Of a mailbox; in clear, to be hashed or sealed before they go anywhere. */
  readonly secrets: MailboxSecrets | undefined;
}

/** Kept apart from the properties: members have rows of their own, secrets are not stored. */
const STORED_ELSEWHERE: ReadonlySet<string> = new Set([
  "members",
  "password",
  "ntHash",
  "appPasswords",
]);

/** What one recipient comes to, wherever it was declared. */
interface ReadRecipient {
  readonly recipient: OrganizationRecipient;
  readonly members: readonly Address[];
  readonly secrets: MailboxSecrets | undefined;
  readonly report: (property: string, message: string) => void;
}

/** Reads the recipients of a file; an address that two of them claim is a fault that names both. */
export function readRecipients(
  declared: readonly DeclaredObject[],
  faults: FaultList,
): readonly DeclaredRecipient[] {
  const owners = new Map<string, DeclaredObject>();
  const recipients: DeclaredRecipient[] = [];
  const checkPolicy = throttlingPolicyCheck(declared);
  for (const object of declared) {
    const { kind, name, properties } = object;
    if (!isRecipientKind(kind)) continue;
    const read = readRecipient(kind, object, { faults });
    if (read === undefined) continue;
    const { recipient, members, secrets } = read;
    claimAddresses(read, object, owners);
    const problem = recipient.kind === "mailbox" && checkPolicy(recipient.throttlingPolicy);
    if (problem) read.report("throttlingPolicy", problem);
    const addresses = [recipient.primarySmtpAddress, ...recipient.emailAddresses];
    const stored = storedProperties(RECIPIENT_KINDS[kind].table, properties);
    recipients.push({ kind, name, properties: stored, addresses, members, secrets });
  }
  return recipients;
}

/** The recipient of a stored row; throws when the row is not one that we wrote. */
export function recipientFromRow(row: StoredRecipient): OrganizationRecipient {
  return readRow(row).recipient;
}

function readRow(row: StoredRecipient): ReadRecipient {
  assert(isRecipientKind(row.kind), `recipient of unknown kind ${row.kind}`);
  const properties = fromConfigJson(JSON.parse(row.json));
  assert(properties.kind === "map", "a recipient's row holds an object");
  const faults = new FaultList("organization database");
  const object = declareObject(row.kind, properties, row.name);
  const read = readRecipient(row.kind, object, { faults, memberCount: row.memberCount });
  assert(read !== undefined, faults.list().map(formatFault).join("; "));
  return read;
}

/** As `recipientFromRow`, with what its user logs on with; `undefined` when it is no mailbox. */
export function mailboxFromRow(
  row: StoredRecipient,
): { readonly mailbox: Mailbox; readonly secrets: MailboxSecrets } | undefined {
  const { recipient, secrets } = readRow(row);
  if (recipient.kind !== "mailbox" || secrets === undefined) return undefined;
  return { mailbox: recipient, secrets };
}

function readRecipient(
  kind: RecipientKind,
  object: DeclaredObject,
  context: { readonly faults: FaultList; readonly memberCount?: number },
): ReadRecipient | undefined {
  const { faults } = context;
  switch (kind) {
    case "mailbox": {
      const read = readObject(kind, object, faults);
      return read && readMailbox(read);
    }
    case "mailUser": {
      const read = readObject(kind, object, faults);
      return read && readElsewhere("user", read);
    }
    case "mailContact": {
      const read = readObject(kind, object, faults);
      return read && readElsewhere("contact", read);
    }
    case "distributionGroup": {
      const read = readObject(kind, object, faults);
      return read && readGroup(read, context.memberCount);
    }
  }
}

function readElsewhere(
  kind: "user" | "contact",
  { values, report }: ReadObject<"mailUser" | "mailContact">,
): ReadRecipient {
  checkModeration(values, report);
  const recipient = { kind, ...splitAttributes(values) };
  return { members: [], secrets: undefined, report, recipient };
}

/** Mail that nobody could approve would come back, all of it. */
function checkModeration(
  values: RecipientModeration & { readonly managedBy?: Address | undefined },
  report: ReadRecipient["report"],
): void {
  if (!values.moderationEnabled || values.moderatedBy.length > 0 || values.managedBy) return;
  const needed = "managedBy" in values ? "moderatedBy or managedBy" : "moderatedBy";
  report("moderationEnabled", `moderationEnabled: true needs ${needed}`);
}

function readMailbox({ values, report }: ReadObject<"mailbox">): ReadRecipient {
  const [secrets, mailbox] = splitMailbox(values);
  checkSecrets(secrets, report);
  checkModeration(mailbox, report);
  const recipient = { kind: "mailbox", ...splitAttributes(mailbox) } as const;
  return { members: [], secrets, report, recipient };
}

function readGroup(
  { values, report }: ReadObject<"distributionGroup">,
  memberCount: number | undefined,
): ReadRecipient {
  const { members: listed, ...group } = values;
  const members = withoutRepeats(listed);
  if (group.reportToManagerEnabled && group.reportToOriginatorEnabled) {
    report(
      "reportToManagerEnabled",
      "reportToManagerEnabled: true needs reportToOriginatorEnabled: false; " +
        "notices go to one of them",
    );
  }
  if (group.reportToManagerEnabled && group.managedBy === undefined) {
    report("reportToManagerEnabled", "reportToManagerEnabled: true needs managedBy");
  }
  checkModeration(group, report);
  const count = memberCount ?? members.length;
  const recipient = { kind: "group", ...group, memberCount: count, attributes: {} } as const;
  return { members, secrets: undefined, report, recipient };
}

/** In the order of the file; a member that is listed twice gets its mail once. */
function withoutRepeats(addresses: readonly Address[]): readonly Address[] {
  const byKey = new Map<string, Address>();
  for (const address of addresses) {
    const key = addressKey(address);
    if (!byKey.has(key)) byKey.set(key, address);
  }
  return [...byKey.values()];
}

function claimAddresses(
  { recipient, report }: ReadRecipient,
  object: DeclaredObject,
  owners: Map<string, DeclaredObject>,
): void {
  const claims = [
    { property: "primarySmtpAddress", addresses: [recipient.primarySmtpAddress] },
    { property: "emailAddresses", addresses: recipient.emailAddresses },
  ];
  for (const { property, addresses } of claims) {
    for (const address of addresses) {
      const owner = owners.get(addressKey(address));
      owners.set(addressKey(address), owner ?? object);
      if (owner === undefined || owner === object) continue;
      const { line } = owner.properties.at;
      report(property, `${property}: ${address} already belongs to ${owner.label} (line ${line})`);
    }
  }
}

/** What is given, in the order of the table: two files that say the same make the same row. */
export function storedProperties(
  table: SettingTable,
  map: ConfigMap,
): Readonly<Record<string, ConfigJson>> {
  const given = new Map(map.entries.map((entry) => [entry.name, entry.value]));
  const stored: Record<string, ConfigJson> = {};
  for (const name of Object.keys(table)) {
    const value = given.get(name);
    if (value !== undefined && !STORED_ELSEWHERE.has(name)) stored[name] = toConfigJson(value);
  }
  return stored;
}
