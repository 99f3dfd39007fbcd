import { type Address, addressKey, domainOf, localPartOf } from "../../mail/address.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { DistributionGroup, OrganizationRecipient } from "../../org/organization.ts";
import type { Route } from "../queue/categorization.ts";
import { mailboxQueueKey } from "./route.ts";
import type { Router } from "./router.ts";

/** What an address turns out to be. */
export type Resolution =
  /** A mailbox here; `forward` is where its mail or a copy of it goes besides. */
  | {
      readonly kind: "mailbox";
      readonly address: Address;
      readonly route: Route;
      readonly forward: Address | undefined;
      readonly keepsCopy: boolean;
    }
  /** Known here, its mailbox is elsewhere. */
  | { readonly kind: "contact"; readonly address: Address; readonly external: Address }
  | { readonly kind: "group"; readonly group: DistributionGroup }
  /** Not ours to know: by send connector. */
  | { readonly kind: "external"; readonly route: Route }
  /** As `external`, but the message is too large for every connector. */
  | { readonly kind: "too-large" }
  /** postmaster@ one of our domains, and nobody has the address (RFC 5321 §4.5.1). */
  | { readonly kind: "postmaster" }
  | { readonly kind: "unknown" };

const MAILBOX_REASONS = ["a mailbox of this organization"] as const;

/** Whether the directory has to be asked about an address. */
export function needsLookup(router: Router, address: Address, messageBytes: number): boolean {
  return router.decide(domainOf(address), messageBytes).isLocal;
}

/** The address without its `+detail`; `undefined` when it has none (RFC 5233 §1). */
export function withoutDetail(address: Address): Address | undefined {
  const local = localPartOf(address);
  const plus = local.indexOf("+");
  if (plus < 1 || local.startsWith('"')) return undefined;
  // A shorter local part of the same characters is one that `parseAddress` would have taken, too.
  return `${local.slice(0, plus)}@${domainOf(address)}` as Address;
}

/** Says what an address is; `found` is the directory's answer, if it was asked. Pure. */
export function resolveAddress(
  address: Address,
  found: OrganizationRecipient | undefined,
  by: { readonly router: Router; readonly messageBytes: number },
): Resolution {
  const decision = by.router.decide(domainOf(address), by.messageBytes);
  if (decision.isLocal && found !== undefined) return resolveFound(address, found, by.router);
  if (!decision.isLocal || decision.acceptedDomain?.domainType === "InternalRelay") {
    const { external } = decision;
    return external === undefined ? { kind: "too-large" } : { kind: "external", route: external };
  }
  return { kind: isPostmaster(address) ? "postmaster" : "unknown" };
}

function resolveFound(address: Address, found: OrganizationRecipient, router: Router): Resolution {
  const { primarySmtpAddress } = found;
  if (found.kind === "group") return { kind: "group", group: found };
  if (found.kind !== "mailbox") {
    return { kind: "contact", address: primarySmtpAddress, external: found.externalEmailAddress };
  }
  const home = findAcceptedDomain(router.organization, domainOf(primarySmtpAddress));
  const isPrimary = addressKey(address) === addressKey(primarySmtpAddress);
  return {
    kind: "mailbox",
    // As it was written when only its case differs: then nothing has to be stored anew.
    address: isPrimary ? address : primarySmtpAddress,
    route: mailboxRoute(found.lmtpHost ?? home?.lmtpHost),
    forward: found.forwardingAddress,
    keepsCopy: found.forwardingAddress === undefined || found.deliverToMailboxAndForward,
  };
}

/** The way to a mailbox below the data directory, or behind an LMTP server. */
export function mailboxRoute(lmtpHost: string | undefined): Route {
  return { kind: "queue", key: mailboxQueueKey(lmtpHost), reasons: MAILBOX_REASONS };
}

function isPostmaster(address: Address): boolean {
  return localPartOf(address).toLowerCase() === "postmaster";
}
