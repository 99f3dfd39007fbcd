import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import type { BounceTags } from "../../mail/batv.ts";
import { looksRewritten } from "../../mail/srs.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";

/** A delivery that leaves by SMTP. */
interface Leaving {
  readonly message: Pick<QueuedMessage, "origin">;
  readonly recipients: readonly Pick<QueuedRecipient, "address">[];
}

type Settings = Pick<Organization, "hygiene" | "acceptedDomains">;

/**
 * Says what MAIL says in place of a sender of ours, so that notices about the message can be told
 * from those about forged ones; `undefined`: the sender as it is. What strangers only pass through
 * us, what stays with us, and what has been rewritten already is left alone.
 */
export function createOutgoingTagging(
  organization: () => Settings,
  tags: Pick<BounceTags, "sign">,
): (delivery: Leaving, sender: Address) => Address | undefined {
  return ({ message, recipients }, sender) => {
    const settings = organization();
    const config = settings.hygiene.backscatterProtectionConfig;
    if (!config.signingEnabled) return undefined;
    const { directionality, mayRelay } = message.origin;
    if (directionality !== "Originating" && mayRelay !== true) return undefined;
    if (!isOurs(settings, sender) || looksRewritten(sender)) return undefined;
    const leaves = recipients.some(
      ({ address }) => findAcceptedDomain(settings, domainOf(address)) === undefined,
    );
    if (!leaves || isBypassed(config.bypassedRecipients, sender)) return undefined;
    return tags.sign(sender, { keyNumber: config.keyNumber, lifetimeMs: config.tagLifetimeMs });
  };
}

/** Whether mail to the address comes to us and to nobody else. */
export function isOurs(settings: Pick<Settings, "acceptedDomains">, address: Address): boolean {
  return findAcceptedDomain(settings, domainOf(address))?.domainType === "Authoritative";
}

/** Whether an address of ours is said to write by other servers too. */
export function isBypassed(bypassed: readonly Address[], address: Address): boolean {
  const key = addressKey(address);
  return bypassed.some((one) => addressKey(one) === key);
}
