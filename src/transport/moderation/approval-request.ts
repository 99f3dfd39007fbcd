import type { Address } from "../../mail/address.ts";
import type { Organization } from "../../org/organization.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import type { AgentSubmission } from "../agents/routing-agent.ts";
import { holdMark, type ModerationLink } from "./moderation-link.ts";
import { listRecipients, type Original, readOriginal } from "./original.ts";
import { composeOwnMail, shownSubject } from "./own-mail.ts";

/** Where a moderator decides; `undefined`: the server has no page that could be reached. */
export type LinkTo = (
  link: ModerationLink,
  at: { readonly organization: Organization; readonly nowMs: number },
) => string | undefined;

/** A message that waits for somebody to approve it. */
export interface HeldMail {
  readonly moderators: readonly Address[];
  readonly mark: Pick<QuarantineMark, "type" | "reason">;
  readonly networkMessageId: string;
  /** Who has written it, as it says; "": nobody. */
  readonly from: string;
  /** Who is to get it. */
  readonly recipients: readonly { readonly address: string }[];
  readonly subject: string;
  readonly original: Original;
  /** Who writes the request, as moderators see it. */
  readonly author: string;
}

/** The mail that asks moderators to look at it. Rejects with StoreFailure. */
export async function requestApproval(
  held: HeldMail,
  at: { readonly organization: Organization; readonly nowMs: number; readonly linkTo: LinkTo },
): Promise<AgentSubmission> {
  const { moderators, mark, networkMessageId, author } = held;
  const shown = shownSubject(held.subject);
  const subject = `Approval requested: ${shown}`;
  const text = [
    `A message waits for your decision, because ${becauseOf(mark)}.`,
    "",
    `From: ${held.from === "" ? "<>" : held.from}`,
    `To: ${listRecipients(held.recipients)}`,
    `Subject: ${shown}`,
    "",
    ...instructions(at.linkTo({ networkMessageId, hold: holdMark(mark) }, at)),
    "",
  ].join("\n");
  const original = await readOriginal(held.original);
  const body = { kind: "plain", text } as const;
  return {
    sender: "",
    recipients: moderators,
    subject,
    content: composeOwnMail({ author, to: moderators, subject, body, original }, at),
    purpose: `Moderation: ${mark.reason}`,
  };
}

function becauseOf({ type, reason }: HeldMail["mark"]): string {
  if (type === "RecipientModeration") return `you are a moderator of ${reason}`;
  return `of the rule "${reason}"`;
}

function instructions(link: string | undefined): readonly string[] {
  if (link !== undefined) return ["The message is attached. Decide here:", "", link];
  return [
    "The message is attached. An administrator sends it on with Approve-ModeratedMessage, or",
    "returns it to its sender with Deny-ModeratedMessage.",
  ];
}
