import { type Address, domainOf } from "../mail/address.ts";
import type { SafeLists } from "./hygiene-settings.ts";

/** The entry of a mailbox's list that names an address or its domain; `undefined`: none does. */
export function listedIn(entries: readonly string[], address: Address | ""): string | undefined {
  if (entries.length === 0 || address === "") return undefined;
  const key = address.toLowerCase();
  const domain: string = domainOf(address);
  return entries.find((entry) => entry === key || entry === domain);
}

/**
 * Whether the user of a mailbox has said that such mail is never junk: its sender or author is
 * among the safe senders, or who it is addressed to (a mailing list) among the safe recipients.
 */
export function isSafeFor(
  { safeSenders, safeRecipients }: Pick<SafeLists, "safeSenders" | "safeRecipients">,
  mail: {
    /** MAIL FROM and the authors in the header. */
    readonly senders: readonly (Address | "")[];
    /** Those in To and Cc. */
    readonly addressed: readonly Address[];
  },
): boolean {
  return (
    mail.senders.some((one) => listedIn(safeSenders, one) !== undefined) ||
    mail.addressed.some((one) => listedIn(safeRecipients, one) !== undefined)
  );
}
