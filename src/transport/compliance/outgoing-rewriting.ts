import { domainOf } from "../../mail/address.ts";
import type { RewriteAddress } from "../../mail/rewritten-field.ts";
import type { HeaderRewriting } from "../../mail/rewritten-header.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { Organization } from "../../org/organization.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import { createAddressRewriter } from "./address-rewriter.ts";

/** Fields whose addresses are rewritten in mail that leaves (reference §17.4). */
export const OUTBOUND_FIELDS: ReadonlySet<string> = new Set([
  "from",
  "sender",
  "reply-to",
  "cc",
  "return-receipt-to",
  "disposition-notification-to",
  "resent-from",
  "resent-sender",
]);

/** Part of the organization in force. */
type RewritingSettings = Pick<
  Organization,
  "addressRewriteEntries" | "acceptedDomains" | "transportAgents"
>;

/** A delivery that leaves by SMTP. */
interface Leaving {
  readonly message: Pick<QueuedMessage, "origin">;
  readonly recipients: readonly Pick<QueuedRecipient, "address">[];
}

/**
 * Says how our people's mail looks outside. Mail of strangers that only passes is left as it is,
 * and so is what goes to a domain of ours, wherever its mailboxes are.
 */
export function createOutgoingRewriting(
  organization: () => RewritingSettings,
): (delivery: Leaving) => HeaderRewriting | undefined {
  let known: RewritingSettings | undefined;
  let rewriting: HeaderRewriting | undefined;
  return ({ message, recipients }) => {
    const inForce = organization();
    if (inForce !== known) {
      rewriting = rewritingUnder(inForce);
      known = inForce;
    }
    if (rewriting === undefined) return undefined;
    const { directionality, mayRelay } = message.origin;
    if (directionality !== "Originating" && mayRelay !== true) return undefined;
    const leaves = recipients.some(({ address }) => {
      const found = findAcceptedDomain(inForce, domainOf(address));
      return found === undefined || found.domainType === "ExternalRelay";
    });
    return leaves ? rewriting : undefined;
  };
}

/** `undefined`: there are no entries, or the agent is switched off. */
function rewritingUnder(settings: RewritingSettings): HeaderRewriting | undefined {
  const { addressRewriteEntries, transportAgents } = settings;
  const { name } = TRANSPORT_AGENTS.addressRewritingOutbound;
  const isOff = transportAgents.some((said) => said.name === name && !said.enabled);
  if (isOff || addressRewriteEntries.length === 0) return undefined;
  const { outbound } = createAddressRewriter(addressRewriteEntries);
  const rewrite: RewriteAddress = (address) =>
    REWRITTEN_SENDER.test(address) ? undefined : outbound(address);
  return { fields: OUTBOUND_FIELDS, rewrite };
}

/** Somebody else's address in one of ours (SRS): notices have to come back to that very domain. */
const REWRITTEN_SENDER = /^srs[01][=+-]/i;
