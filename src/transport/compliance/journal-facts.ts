import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { JournalRule } from "../../org/journal-rule.ts";
import type { Organization } from "../../org/organization.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import type { RoutingRecipient } from "../agents/routing-agent.ts";

/** Who a message is from and who gets it, as far as journal rules ask. */
export interface JournalFacts {
  /** Address keys of the sender, in the envelope and in the header. */
  readonly senders: ReadonlySet<string>;
  /** Address keys of all recipients, of what was written and of all that lay between. */
  readonly recipients: ReadonlySet<string>;
  readonly isSenderInside: boolean;
  readonly hasRecipientInside: boolean;
  readonly hasRecipientOutside: boolean;
}

type Domains = Pick<Organization, "acceptedDomains">;

/** The facts of a message. */
export function journalFacts(
  organization: Domains,
  message: Pick<QueuedMessage, "envelope" | "headerFrom" | "origin">,
  recipients: readonly Pick<RoutingRecipient, "recipient" | "asWritten" | "steps">[],
): JournalFacts {
  const senders = [message.envelope.sender, message.headerFrom].filter((one) => one !== "");
  const inside = recipients.filter(({ recipient }) => isOurs(organization, recipient.address));
  return {
    senders: new Set(senders.map((one) => one.toLowerCase())),
    recipients: new Set(
      recipients.flatMap(({ recipient, asWritten, steps }) => [
        addressKey(recipient.address),
        addressKey(asWritten),
        ...steps.map(({ key }) => key),
      ]),
    ),
    isSenderInside: isProven(message) && isSenderOurs(organization, message),
    hasRecipientInside: inside.length > 0,
    hasRecipientOutside: inside.length < recipients.length,
  };
}

/** Strangers claim to be one of ours; then their mail comes from outside all the same. */
function isProven({ origin }: Pick<QueuedMessage, "origin">): boolean {
  return origin.directionality === "Originating" || origin.mayRelay === true;
}

function isSenderOurs(
  organization: Domains,
  { envelope, headerFrom }: Pick<QueuedMessage, "envelope" | "headerFrom">,
): boolean {
  const sender = envelope.sender || headerFrom;
  // Whoever has proved who he is, and names nobody, is one of ours.
  return sender === "" || isOurs(organization, sender as Address);
}

function isOurs(organization: Domains, address: Address): boolean {
  const found = findAcceptedDomain(organization, domainOf(address));
  return found !== undefined && found.domainType !== "ExternalRelay";
}

/** Whether the message is in the rule's scope (reference §17.1). */
export function isInScope({ scope }: Pick<JournalRule, "scope">, facts: JournalFacts): boolean {
  switch (scope) {
    case "Global":
      return true;
    case "Internal":
      return facts.isSenderInside && facts.hasRecipientInside;
    case "External":
      return !facts.isSenderInside || facts.hasRecipientOutside;
  }
}
