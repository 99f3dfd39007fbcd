import { type Address, domainOf, localPartOf } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization, Right } from "../../org/organization.ts";

/** What is to be done with a recipient, before any lookup. */
export type RecipientDecision =
  | { readonly kind: "accept" | "relay-denied" }
  /** Accepted when the directory knows one of the addresses. */
  | { readonly kind: "look-up"; readonly addresses: readonly [Address, ...Address[]] };

const ACCEPT: RecipientDecision = { kind: "accept" };
const RELAY_DENIED: RecipientDecision = { kind: "relay-denied" };

/** `alice+tag@contoso.test` as `alice@contoso.test`; `undefined` without a tag. */
export function withoutTag(address: Address): Address | undefined {
  const local = localPartOf(address);
  const plus = local.indexOf("+");
  if (plus < 1 || local.startsWith('"')) return undefined;
  // A dot before the plus would end the local part: then it is no address.
  if (local[plus - 1] === ".") return undefined;
  // What stands before the plus is a dot-string as the whole was.
  return `${local.slice(0, plus)}@${domainOf(address)}` as Address;
}

function isPostmaster(address: Address): boolean {
  return address.length > 11 && address.slice(0, 11).toLowerCase() === "postmaster@";
}

/**
 * Decides on one RCPT (reference §2.6, §4.1): unknown domains need the right to relay, known ones
 * are taken, authoritative ones only with a recipient of ours. Only the domain counts: `%`, `!` or
 * a quoted `@` in the local part never make another one of it (RFC 5321 §3.9, Appendix F.2).
 */
export function decideRecipient(
  organization: Pick<Organization, "acceptedDomains">,
  rights: ReadonlySet<Right>,
  address: Address,
): RecipientDecision {
  const acceptedDomain = findAcceptedDomain(organization, domainOf(address));
  if (acceptedDomain === undefined) {
    return rights.has("ms-Exch-SMTP-Accept-Any-Recipient") ? ACCEPT : RELAY_DENIED;
  }
  // RFC 5321 §4.5.1: postmaster of every domain we serve is there.
  if (acceptedDomain.domainType !== "Authoritative" || isPostmaster(address)) return ACCEPT;
  const untagged = withoutTag(address);
  return { kind: "look-up", addresses: untagged === undefined ? [address] : [address, untagged] };
}

/**
 * Whether the principal may use that sender: with Accept-Any-Sender any, otherwise only one in an
 * accepted domain; in an authoritative one only with Accept-Authoritative-Domain-Sender. The null
 * sender is nobody's.
 */
export function maySendAs(
  organization: Pick<Organization, "acceptedDomains">,
  rights: ReadonlySet<Right>,
  sender: Address | "",
): boolean {
  const anySender = rights.has("ms-Exch-SMTP-Accept-Any-Sender");
  const authoritative = rights.has("ms-Exch-SMTP-Accept-Authoritative-Domain-Sender");
  if (sender === "" || (anySender && authoritative)) return true;
  const acceptedDomain = findAcceptedDomain(organization, domainOf(sender));
  if (acceptedDomain === undefined) return anySender;
  return acceptedDomain.domainType !== "Authoritative" || authoritative;
}
