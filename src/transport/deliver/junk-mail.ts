import type { Address } from "../../mail/address.ts";
import type { SafeLists } from "../../org/hygiene-settings.ts";
import type { Organization } from "../../org/organization.ts";
import { isSafeFor } from "../../org/safe-lists.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";

/** The folder for it, as Maildir++ names folders. */
export const JUNK_FOLDER = ".Junk";

/**
 * Whether a message goes to the mailbox's folder Junk: its spam confidence is above the threshold
 * of the mailbox, else of the organization (reference §9.6), and the user trusts nobody who has
 * sent it. Whom anybody could have claimed to be is not trusted.
 */
export function isJunk(
  {
    scl,
    envelope,
    headerFrom,
    unproven = [],
  }: Pick<QueuedMessage, "scl" | "envelope" | "headerFrom" | "unproven">,
  mailbox: SafeLists,
  { hygiene }: Pick<Organization, "hygiene">,
): boolean {
  if (scl === undefined || mailbox.sclJunkEnabled === false) return false;
  if (scl <= (mailbox.sclJunkThreshold ?? hygiene.organizationConfig.sclJunkThreshold)) {
    return false;
  }
  if (mailbox.antispamBypassEnabled) return false;
  const senders = [
    ...(unproven.includes("sender") ? [] : [envelope.sender]),
    // The queue has the address as text; no list has one that is none.
    ...(unproven.includes("author") ? [] : [headerFrom as Address | ""]),
  ];
  return !isSafeFor(mailbox, { senders, addressed: [] });
}
