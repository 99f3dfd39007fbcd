import type { Organization } from "../../org/organization.ts";
import { composeOwnMail, type OwnMail } from "../moderation/own-mail.ts";

/** Who writes what rules send: as Exchange calls its own recipient. */
export const RULE_AUTHOR = "Mail Flow Rules";

/** Writes a mail of the rules. */
export function composeRuleMail(
  mail: Omit<OwnMail, "author">,
  at: { readonly organization: Organization; readonly nowMs: number },
): readonly Uint8Array[] {
  return composeOwnMail({ ...mail, author: RULE_AUTHOR }, at);
}

/** Text that stands in HTML as it is. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Fills in `%%Name%%`; names are found without case, unknown ones become nothing. */
export function fillTokens(text: string, valueFor: (name: string) => string): string {
  return text.replace(/%%([A-Za-z\d]{1,64})%%/g, (_, name: string) => valueFor(name.toLowerCase()));
}

/** Whether a text that an administrator wrote is HTML. */
export function isHtml(text: string): boolean {
  return /<[a-z!/][^>]*>/i.test(text);
}
