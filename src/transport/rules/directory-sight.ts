import { type Address, addressKey, parseAddress } from "../../mail/address.ts";
import { parseMailboxList } from "../../mail/mailbox-list.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import { attributeOf } from "../../org/recipient-attributes.ts";
import { fieldsOf, type Sight } from "./message-copy.ts";
import { anyOf, type Finding, type Manner } from "./predicate.ts";
import {
  FAULT,
  type Fault,
  type RuleFacts,
  type RuleField,
  type RuleRecipient,
} from "./rule-facts.ts";

/** Addresses read from one field. */
const FIELD_ADDRESSES_MAX = 1000;

/** The addresses in header fields of these names. */
export function fieldAddresses(
  sight: Sight,
  names: readonly string[],
): readonly Address[] | Fault | undefined {
  const fields = fieldsOf(sight);
  if (fields === undefined || fields === FAULT) return fields;
  const memory = parsed.get(fields) ?? new Map<string, readonly Address[]>();
  parsed.set(fields, memory);
  const key = names.join();
  const known = memory.get(key);
  if (known !== undefined) return known;
  const found = fields
    .filter(({ name }) => names.includes(name))
    .flatMap(({ raw }) => parseMailboxList(raw, FIELD_ADDRESSES_MAX))
    .flatMap(({ address }) => address ?? []);
  memory.set(key, found);
  return found;
}

/** Many rules ask for the same addresses of one message: they are read once. */
const parsed = new WeakMap<readonly RuleField[], Map<string, readonly Address[]>>();

/** The sender's addresses, from where the rule wants them. */
export function senderAddresses(
  sight: Sight,
  { senderAddressLocation }: Manner,
): readonly Address[] | Fault | undefined {
  const { sender } = sight.facts;
  const envelope = sender === "" ? [] : [sender];
  if (senderAddressLocation === "Envelope") return envelope;
  const header = fieldAddresses(sight, ["from", "sender"]);
  if (header === undefined || header === FAULT) return header;
  return senderAddressLocation === "Header" ? header : [...header, ...envelope];
}

/** All keys by which the directory knows who has the address. */
export function keysOf(facts: RuleFacts, address: Address): ReadonlySet<string> | undefined {
  const entry = facts.entry(address);
  return entry === undefined ? undefined : keysOfEntry(address, entry);
}

function keysOfEntry(address: Address, entry: OrganizationRecipient | null): ReadonlySet<string> {
  const others = entry === null ? [] : [entry.primarySmtpAddress, ...entry.emailAddresses];
  return new Set([address, ...others].map(addressKey));
}

/** Whether one of the addresses is listed, by any address that the directory has of its owner. */
export function isListed(
  facts: RuleFacts,
  addresses: Iterable<Address>,
  listed: ReadonlySet<string>,
): Finding {
  let answer: Finding = false;
  for (const address of addresses) {
    // As it is written, it needs no look at the directory.
    if (listed.has(addressKey(address))) return address;
    const keys = keysOf(facts, address);
    if (keys === undefined) answer = undefined;
    else if ([...keys].some((key) => listed.has(key))) return address;
  }
  return answer;
}

/** Whether who has one of the addresses is a member of one of the groups. */
export function isInGroups(
  facts: RuleFacts,
  addresses: Iterable<Address>,
  groups: readonly Address[],
): Finding {
  const findings: Finding[] = [];
  for (const address of addresses) {
    const keys = keysOf(facts, address);
    if (keys === undefined) {
      findings.push(undefined);
      continue;
    }
    for (const group of groups) {
      const membership = facts.isMember(keys, group);
      findings.push(membership === true ? `${address} in ${group}` : membership);
    }
  }
  return anyOf(findings);
}

/** By what a recipient may be listed: the address that gets the message, and what was written. */
export function recipientAddresses({ address, asWritten }: RuleRecipient): readonly Address[] {
  return address === asWritten ? [address] : [address, asWritten];
}

/** The first of the addresses of which the directory knows somebody; `null`: of none. */
export function firstEntry(
  facts: RuleFacts,
  addresses: readonly Address[],
): OrganizationRecipient | null | undefined {
  for (const address of addresses) {
    const entry = facts.entry(address);
    if (entry !== null) return entry;
  }
  return null;
}

/** What the directory says in one attribute; none when it says nothing. */
export function attributeTexts(
  entry: OrganizationRecipient | null | undefined,
  name: string,
): readonly string[] | undefined {
  if (entry === undefined) return undefined;
  const text = entry === null ? undefined : attributeOf(entry, name);
  return text === undefined ? [] : [text];
}

/** The manager of one of ours; "" when there is none. */
export function managerKey(entry: OrganizationRecipient | null): string {
  const manager = entry === null ? undefined : attributeOf(entry, "manager");
  const address = manager === undefined ? undefined : parseAddress(manager, { smtpUtf8: true });
  return address === undefined ? "" : addressKey(address);
}
