import type { Logon } from "../../authentication/authenticator.ts";
import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import type { HeaderAuthors } from "../../mail/header.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type {
  Mailbox,
  Organization,
  OrganizationRecipient,
  Right,
} from "../../org/organization.ts";
import { withoutTag } from "./recipient-policy.ts";
import type { Principal } from "./rights.ts";

/** Who wants to send. */
export interface Speaker {
  readonly principal: Principal;
  readonly rights: ReadonlySet<Right>;
  readonly logon: Logon | undefined;
}

/** `look-up`: only when the directory has a recipient of that address that lets him send as it. */
export type SenderDecision = "allowed" | "denied" | "look-up";

type Domains = Pick<Organization, "acceptedDomains">;

/**
 * Whether the client may use that address as a sender (reference §2.6). A user has his own and
 * those he has Send As for; rights give him more, his app password may leave him less. Others: with
 * Accept-Any-Sender any, otherwise only one in an accepted domain; in an authoritative one only
 * with Accept-Authoritative-Domain-Sender. A partner's certificate says who he is, so that he needs
 * no right for senders outside. The null sender is nobody's.
 */
export function decideSender(
  organization: Domains,
  speaker: Speaker,
  sender: Address | "",
): SenderDecision {
  if (sender === "") return "allowed";
  const { logon } = speaker;
  if (logon === undefined) return isOpen(organization, speaker, sender) ? "allowed" : "denied";
  const key = addressKey(sender);
  const narrowed = logon.appPassword?.senders ?? [];
  if (narrowed.length > 0 && !narrowed.some((one) => one.toLowerCase() === key)) return "denied";
  if (isOwn(logon.mailbox, sender) || isOpen(organization, speaker, sender)) return "allowed";
  return "look-up";
}

/** Why `decideSender` says what it says, and the right or setting that decides it. */
export function explainSender(
  organization: Domains,
  speaker: Speaker,
  sender: Address | "",
): { readonly decision: SenderDecision; readonly why: string; readonly source: string } {
  const decision = decideSender(organization, speaker, sender);
  if (sender === "") return { decision, why: "the null sender is nobody's", source: "RFC 5321" };
  const { logon, principal, rights } = speaker;
  if (logon !== undefined && isOwn(logon.mailbox, sender)) {
    const own = logon.appPassword !== undefined && decision === "denied";
    const why = own ? "the app password may not use it" : `an address of ${logon.account}`;
    return { decision, why, source: own ? "appPasswords" : "emailAddresses" };
  }
  const domain = findAcceptedDomain(organization, domainOf(sender));
  if (decision === "look-up") {
    const why = `not an address of ${logon?.account}: Send As is asked for`;
    return { decision, why, source: "sendAs" };
  }
  const isOurs = domain?.domainType === "Authoritative";
  const right: Right = isOurs
    ? "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"
    : "ms-Exch-SMTP-Accept-Any-Sender";
  const where = isOurs ? `in our authoritative domain ${domain.domainName}` : "not in one of ours";
  if (rights.has(right)) return { decision, why: `${where}; the client may`, source: right };
  if (decision === "denied") return { decision, why: `${where}; it takes a right`, source: right };
  const why =
    principal === "Partners" ? "a partner sends for his own domain" : "an accepted domain";
  return { decision, why, source: principal };
}

function isOpen(organization: Domains, speaker: Speaker, sender: Address): boolean {
  const { principal, rights } = speaker;
  const acceptedDomain = findAcceptedDomain(organization, domainOf(sender));
  if (acceptedDomain?.domainType === "Authoritative") {
    return rights.has("ms-Exch-SMTP-Accept-Authoritative-Domain-Sender");
  }
  if (rights.has("ms-Exch-SMTP-Accept-Any-Sender") || principal === "Partners") return true;
  return acceptedDomain !== undefined && principal !== "ExchangeUsers";
}

function isOwn(mailbox: Mailbox, sender: Address): boolean {
  const key = addressKey(sender);
  const own = [mailbox.primarySmtpAddress, ...mailbox.emailAddresses];
  return own.some((address) => addressKey(address) === key);
}

/**
 * Whether a user may send as an address that is not simply his: SendAs of the recipient who has it
 * names an address of his mailbox. When nobody has it, it may be one of his with a tag.
 */
export function hasSendAs(
  { mailbox }: Logon,
  address: Address,
  recipient: OrganizationRecipient | undefined,
): boolean {
  if (recipient !== undefined) return recipient.sendAs.some((own) => isOwn(mailbox, own));
  const untagged = withoutTag(address);
  return untagged !== undefined && isOwn(mailbox, untagged);
}

/** What there is to be said about a header's authors before the directory is asked. */
export type AuthorsDecision =
  | { readonly kind: "allowed" }
  | { readonly kind: "denied"; readonly reason: "sender" | "malformed" | "no-sender-field" }
  /** Each of them needs Send As. */
  | { readonly kind: "look-up"; readonly addresses: readonly Address[] };

/** Whether the speaker may use any sender, so that headers need no look. */
export function mayUseAnySender({ principal, rights }: Speaker): boolean {
  return (
    principal !== "ExchangeUsers" &&
    rights.has("ms-Exch-SMTP-Accept-Authoritative-Domain-Sender") &&
    rights.has("ms-Exch-SMTP-Accept-Any-Sender")
  );
}

/**
 * Decides on From and Sender, every address in them: readers see these, not the envelope. What
 * cannot be read for certain is refused, for a reader might see another author in it. Several
 * authors need a Sender (RFC 5322 §3.6.2), who then is the one to be held to account.
 */
export function decideAuthors(
  organization: Domains,
  speaker: Speaker,
  { from, sender, isWhole }: HeaderAuthors,
): AuthorsDecision {
  if (mayUseAnySender(speaker)) return { kind: "allowed" };
  if (!isWhole) return { kind: "denied", reason: "malformed" };
  const addresses = new Set<Address>();
  for (const { address } of [...from, ...sender]) {
    const decision =
      address === undefined ? "denied" : decideSender(organization, speaker, address);
    if (decision === "denied") return { kind: "denied", reason: "sender" };
    if (decision === "look-up" && address !== undefined) addresses.add(address);
  }
  if (speaker.logon !== undefined && from.length > 1 && sender.length === 0) {
    return { kind: "denied", reason: "no-sender-field" };
  }
  return addresses.size === 0
    ? { kind: "allowed" }
    : { kind: "look-up", addresses: [...addresses] };
}
