import { type Address, domainOf, localPartOf } from "../../mail/address.ts";
import { looksRewritten, type SenderRewriting } from "../../mail/srs.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization, ReceiveConnector, Right } from "../../org/organization.ts";

/** Why a recipient is refused before any lookup. */
export type RecipientRefusal =
  | "relay-denied"
  | "reserved-top-level"
  | "reserved-second-level"
  | "single-label"
  | "rewritten-sender";

/** What is to be done with a recipient, before any lookup. */
export type RecipientDecision =
  | { readonly kind: "accept" }
  | { readonly kind: "refuse"; readonly reason: RecipientRefusal }
  /** The directory is asked for these; when it knows none, `ifUnknown`. */
  | {
      readonly kind: "look-up";
      readonly addresses: readonly [Address, ...Address[]];
      readonly ifUnknown: "accept" | "refuse";
    };

/** How senders are rewritten. */
export interface SenderRules {
  /** Tells our rewritten senders from forged ones (SRS); absent: nobody has made any. */
  readonly rewriting?: SenderRewriting | undefined;
}

/** What the decision hangs on besides the address. */
export interface RecipientRules extends SenderRules {
  /** Envelope sender. */
  readonly sender?: Address | "" | undefined;
  readonly rights: ReadonlySet<Right>;
  /** Senders that count as internal pass RequireSenderAuthenticationEnabled. */
  readonly isAuthenticated: boolean;
  readonly connector: Pick<
    ReceiveConnector,
    | "rejectReservedTopLevelRecipientDomains"
    | "rejectReservedSecondLevelRecipientDomains"
    | "rejectSingleLabelRecipientDomains"
  >;
}

const ACCEPT: RecipientDecision = { kind: "accept" };
const RELAY_DENIED: RecipientDecision = { kind: "refuse", reason: "relay-denied" };

/** RFC 2606 §2. */
const RESERVED_TOP_LEVEL = /(?:^|\.)(?:test|example|invalid|localhost)$/;
/** RFC 2606 §3. */
const RESERVED_SECOND_LEVEL = /(?:^|\.)example\.(?:com|net|org)$/;

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

function refusalOf(domain: string, connector: RecipientRules["connector"]) {
  if (connector.rejectReservedTopLevelRecipientDomains && RESERVED_TOP_LEVEL.test(domain)) {
    return "reserved-top-level";
  }
  if (connector.rejectReservedSecondLevelRecipientDomains && RESERVED_SECOND_LEVEL.test(domain)) {
    return "reserved-second-level";
  }
  const isLiteral = domain.startsWith("[");
  return connector.rejectSingleLabelRecipientDomains && !isLiteral && !domain.includes(".")
    ? "single-label"
    : undefined;
}

/** Whether the recipient filter looks recipients up (reference §9.4); without it all are taken. */
function validatesRecipients({ hygiene }: Pick<Organization, "hygiene">): boolean {
  const { enabled, recipientValidationEnabled } = hygiene.recipientFilterConfig;
  return enabled && recipientValidationEnabled;
}

/**
 * Decides on one RCPT (reference §2.4, §2.6, §4.1): unknown domains need the right to relay, known
 * ones are taken, authoritative ones only with a recipient of ours. Only the domain counts: `%`,
 * `!` or a quoted `@` in the local part never make another one of it (RFC 5321 §3.9, Appendix F.2).
 */
export function decideRecipient(
  organization: Pick<Organization, "acceptedDomains" | "hygiene">,
  rules: RecipientRules,
  address: Address,
): RecipientDecision {
  const domain = domainOf(address);
  const reason = refusalOf(domain, rules.connector);
  if (reason !== undefined) return { kind: "refuse", reason };
  const acceptedDomain = findAcceptedDomain(organization, domain);
  if (acceptedDomain === undefined) {
    return rules.rights.has("ms-Exch-SMTP-Accept-Any-Recipient") ? ACCEPT : RELAY_DENIED;
  }
  const isOurs = acceptedDomain.domainType === "Authoritative";
  if (isOurs && looksRewritten(address)) {
    const found = rules.rewriting?.reverse(address) ?? { kind: "none" };
    // For notices alone: who else knows the address could have us pass on whatever he likes.
    if (found.kind === "rewritten" && rules.sender === "") return ACCEPT;
    if (found.kind !== "none") return { kind: "refuse", reason: "rewritten-sender" };
  }
  // RFC 5321 §4.5.1: postmaster of every domain we serve is there.
  if (isPostmaster(address)) return ACCEPT;
  // Elsewhere a recipient need not be known, but one that is may not be for strangers.
  const isListed = acceptedDomain.addressBookEnabled ?? isOurs;
  if (!isOurs && !isListed && rules.isAuthenticated) return ACCEPT;
  const untagged = withoutTag(address);
  return {
    kind: "look-up",
    addresses: untagged === undefined ? [address] : [address, untagged],
    ifUnknown: isListed && validatesRecipients(organization) ? "refuse" : "accept",
  };
}
