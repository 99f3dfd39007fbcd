import { type Address, addressKey } from "../../mail/address.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import type { TransportRule } from "../../org/transport-rule.ts";
import type { AgentSubmission } from "../agents/routing-agent.ts";
import { subjectOf, UNTOUCHED } from "./message-copy.ts";
import { type ModerationLink, ruleMark } from "./moderation-link.ts";
import { FAULT, type RuleFacts } from "./rule-facts.ts";
import { composeRuleMail, shownSubject } from "./rule-mail.ts";
import type { CopyPlan } from "./rule-plan.ts";
import { listRecipients, type Original, readOriginal } from "./rule-submissions.ts";
import { managerOf } from "./sender-entry.ts";

/** Who may approve what a rule holds back. */
export function moderatorsOf(
  rule: TransportRule,
  sender: OrganizationRecipient | undefined,
): readonly Address[] {
  const manager = rule.moderateMessageByManager ? managerOf(sender) : undefined;
  const all =
    manager === undefined ? rule.moderateMessageByUser : [...rule.moderateMessageByUser, manager];
  return [...new Map(all.map((one) => [addressKey(one), one])).values()];
}

/** Where a moderator decides; `undefined`: the server has no page that could be reached. */
export type LinkTo = (
  link: ModerationLink,
  at: { readonly organization: Organization; readonly nowMs: number },
) => string | undefined;

function instructions(link: string | undefined): readonly string[] {
  if (link !== undefined) return ["The message is attached. Decide here:", "", link];
  return [
    "The message is attached. An administrator sends it on with Approve-ModeratedMessage, or",
    "returns it to its sender with Deny-ModeratedMessage.",
  ];
}

/** The mails that ask moderators to look at what is held back. */
export async function moderationRequests(
  plans: readonly CopyPlan[],
  asked: {
    readonly facts: RuleFacts;
    readonly original: Original;
    readonly sender: OrganizationRecipient | undefined;
    readonly networkMessageId: string;
    readonly linkTo: LinkTo;
  },
): Promise<readonly AgentSubmission[]> {
  const { facts, sender, networkMessageId, linkTo } = asked;
  const requests: AgentSubmission[] = [];
  for (const { direction, ruled } of plans) {
    if (direction.kind !== "moderate") continue;
    const moderators = moderatorsOf(direction.rule, sender);
    if (moderators.length === 0) continue;
    const found = subjectOf({ facts, copy: UNTOUCHED });
    const shown = found === FAULT || found === undefined ? "" : shownSubject(found);
    const subject = `Approval requested: ${shown}`;
    const original = await readOriginal(asked.original);
    const text = [
      `A message waits for your decision, because of the rule "${direction.rule.name}".`,
      "",
      `From: ${facts.sender === "" ? "<>" : facts.sender}`,
      `To: ${listRecipients(ruled.recipients)}`,
      `Subject: ${shown}`,
      "",
      ...instructions(linkTo({ networkMessageId, rule: ruleMark(direction.rule.name) }, facts)),
      "",
    ].join("\n");
    const mail = { to: moderators, subject, body: { kind: "plain", text }, original } as const;
    requests.push({
      sender: "",
      recipients: moderators,
      subject,
      content: composeRuleMail(mail, { organization: facts.organization, nowMs: facts.nowMs }),
      purpose: `Moderation: ${direction.rule.name}`,
    });
  }
  return requests;
}
