import type { Address, Domain } from "../mail/address.ts";
import type { AddressRange } from "./settings/address-range.ts";

/** What becomes of a message whose SPF says that much; StampStatus only writes it down. */
export type SenderIdAction = "StampStatus" | "Reject" | "Delete";

/** What becomes of a message with a doubtful author; Stamp only writes it down. */
export type AuthorAction = "None" | "Stamp" | "Quarantine" | "Reject";

/** Whose mail is not held to the policy of its domain (DMARC). */
export type DmarcExemption =
  /** By the domain in From, its subdomains included. */
  | { readonly kind: "domain"; readonly domain: Domain }
  /** By the client's address. */
  | { readonly kind: "range"; readonly range: AddressRange };

/** What the organization does about who strangers say they are. */
export interface SenderIdConfig {
  readonly spoofedDomainAction: SenderIdAction;
  readonly tempErrorAction: SenderIdAction;
  readonly bypassedRecipients: readonly Address[];
  readonly bypassedSenderDomains: readonly Domain[];
  readonly multipleFromAction: AuthorAction;
  readonly missingFromAction: AuthorAction;
  readonly displayNameAction: AuthorAction;
  readonly protectedNames: readonly string[];
  readonly dmarcExemptions: readonly DmarcExemption[];
  readonly arcTrustedSealers: readonly Domain[];
}
