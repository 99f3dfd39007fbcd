import { unreachable } from "../base/assert.ts";
import type { OrganizationRecipient } from "./organization.ts";

/** Why a message may not go to a recipient, as a session or a notice says it. */
export interface DeliveryRefusal {
  readonly code: number;
  /** Enhanced status code. */
  readonly status: string;
  readonly text: string;
}

const NOT_AUTHENTICATED =
  "Delivery restriction check failed because the sender was not authenticated";

/** Exchange's words, so that notices can be searched as before (reference §6.5, §11). */
export const DELIVERY_REFUSAL = {
  notAuthorized: refusal("5.7.1", "RESOLVER.RST.NotAuthorized; not authorized"),
  notInAcceptList: refusal(
    "5.7.124",
    "RESOLVER.RST.NotAuthorized; not authorized; the sender is not in the allowed-senders list",
  ),
  notAuthenticatedForGroup: refusal(
    "5.7.133",
    "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; " +
      `${NOT_AUTHENTICATED} when sending to this group`,
  ),
  notAuthenticatedForMailbox: refusal(
    "5.7.134",
    "RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required; " +
      `${NOT_AUTHENTICATED} when sending to this mailbox`,
  ),
  notAuthenticatedForMailUser: refusal(
    "5.7.136",
    "RESOLVER.RST.SenderNotAuthenticatedForMailUser; authentication required; " +
      `${NOT_AUTHENTICATED} when sending to this mail user`,
  ),
  tooLargeForRecipient: refusal(
    "5.2.3",
    "RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
  ),
  tooLargeForSender: refusal(
    "5.3.4",
    "RESOLVER.RST.SendSizeLimit.Sender; message too large for this sender",
  ),
  tooLargeForOrganization: refusal(
    "5.3.4",
    "RESOLVER.RST.SendSizeLimit.Org; message too large for this organization",
  ),
  tooManyRecipients: refusal("5.5.3", "RESOLVER.ADR.RecipLimit; too many recipients"),
} as const satisfies Record<string, DeliveryRefusal>;

/** RequireSenderAuthenticationEnabled of a recipient of that kind. */
export function notAuthenticatedRefusal({
  kind,
}: Pick<OrganizationRecipient, "kind">): DeliveryRefusal {
  switch (kind) {
    case "group":
      return DELIVERY_REFUSAL.notAuthenticatedForGroup;
    case "mailbox":
      return DELIVERY_REFUSAL.notAuthenticatedForMailbox;
    case "user":
    case "contact":
      return DELIVERY_REFUSAL.notAuthenticatedForMailUser;
    default:
      return unreachable(kind);
  }
}

function refusal(status: string, text: string): DeliveryRefusal {
  return { code: 550, status, text };
}
