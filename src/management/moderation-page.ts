import type { Answer } from "./http-answer.ts";
import { factList, linkPage } from "./link-page.ts";

/** What the pages show of a message that waits; all of it but the rule is a stranger's words. */
export interface HeldMessage {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly rule: string;
  readonly expiresMs: number;
}

/** Recipients shown by name. */
const RECIPIENTS_MAX = 50;

/** Asks for a decision: opening it does nothing. */
export function moderationPage(message: HeldMessage): Answer {
  const form =
    '<form method="post"><p><label>What its sender is told when you return it: ' +
    '<input name="comment" maxlength="500"></label></p><p>' +
    '<button name="action" value="approve">Send it on</button> ' +
    '<button name="action" value="deny">Return it to its sender</button></p></form>\n';
  return linkPage(200, "A message waits for your decision", factsOf(message) + form);
}

/** Says what has become of it. */
export function decidedPage(message: HeldMessage, action: "approve" | "deny"): Answer {
  const words = action === "approve" ? "It is on its way." : "It goes back to its sender.";
  const title = action === "approve" ? "The message was approved" : "The message was returned";
  return linkPage(200, title, `${factsOf(message)}<p>${words}</p>`);
}

function factsOf({ subject, from, recipients, rule, expiresMs }: HeldMessage): string {
  const more = recipients.length > RECIPIENTS_MAX ? ", …" : "";
  return factList([
    ["Subject", subject],
    ["From", from],
    ["For", recipients.slice(0, RECIPIENTS_MAX).join(", ") + more],
    ["Held back by", rule],
    ["Waits until", new Date(expiresMs).toUTCString()],
  ]);
}
