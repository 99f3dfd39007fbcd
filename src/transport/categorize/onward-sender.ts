import { type Address, domainOf } from "../../mail/address.ts";
import type { SenderRewriting } from "../../mail/srs.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import { rewritingDomain } from "../../org/rewritten-senders.ts";
import type { Candidate } from "./candidate.ts";

/**
 * The envelope sender with which a message goes on to a recipient. One of other domains, whose mail
 * a recipient of ours leads to other domains again, becomes one of ours: their SPF does not allow
 * us to send for them. Where it cannot be rewritten it stays.
 */
export function onwardSender(
  { sender, trail, address }: Candidate,
  organization: Organization,
  rewriting: SenderRewriting | undefined,
): Address | "" {
  if (trail === undefined || sender === "" || rewriting === undefined) return sender;
  if (!organization.transportConfig.senderRewritingEnabled) return sender;
  const isOurs = (one: Address) => findAcceptedDomain(organization, domainOf(one)) !== undefined;
  if (isOurs(sender) || isOurs(address)) return sender;
  const domain = rewritingDomain(organization);
  return (domain && rewriting.forward(sender, domain)) ?? sender;
}
