import type { Address } from "../../mail/address.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import type { ContentAnswer, ContentQuestion } from "./content-question.ts";

/** How far one has to look for the answer to a predicate, the cheapest first. */
export const NEEDS = ["envelope", "header", "directory", "body", "attachments"] as const;
/** @see NEEDS */
export type Need = (typeof NEEDS)[number];

/** One field of a message's header, as rules see it. */
export interface RuleField {
  /** In lower case. */
  readonly name: string;
  /** Unfolded. Addresses are read from this: a decoded name may look like one. */
  readonly raw: string;
  /** Encoded words decoded. */
  readonly value: string;
}

/** A recipient as rules see it: an address that was resolved. */
export interface RuleRecipient {
  readonly position: number;
  readonly address: Address;
  /** What the sender wrote, where that was no group. */
  readonly asWritten: Address;
}

/** What cannot be known: the message cannot be read, a group is too large. */
export const FAULT = Symbol("cannot be known");
/** @see FAULT */
export type Fault = typeof FAULT;

/**
 * What rules may ask of a message. What is not known yet is `undefined`, and is noted: whoever
 * evaluates rules finds it out and begins again.
 */
export interface RuleFacts {
  readonly organization: Organization;
  readonly nowMs: number;
  /** MAIL FROM. */
  readonly sender: Address | "";
  readonly clientAddress: string;
  /** The sender has proved to be one of ours. */
  readonly isInternal: boolean;
  readonly messageBytes: number;
  /** As it came. */
  readonly scl: number | undefined;
  readonly recipients: readonly RuleRecipient[];
  /** The header as it came, changes of earlier stages made. */
  header(): readonly RuleField[] | Fault | undefined;
  /** `null`: nobody has the address. */
  entry(address: Address): OrganizationRecipient | null | undefined;
  /** Whether one who has these addresses (by `addressKey`) is in the group, however deep. */
  isMember(keys: ReadonlySet<string>, group: Address): boolean | Fault | undefined;
  answer(question: ContentQuestion): ContentAnswer | Fault | undefined;
}
