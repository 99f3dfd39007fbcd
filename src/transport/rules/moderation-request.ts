import { type Address, addressKey } from "../../mail/address.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import type { TransportRule } from "../../org/transport-rule.ts";
import type { AgentSubmission } from "../agents/routing-agent.ts";
import { type LinkTo, requestApproval } from "../moderation/approval-request.ts";
import type { Original } from "../moderation/original.ts";
import { subjectOf, UNTOUCHED } from "./message-copy.ts";
import { FAULT, type RuleFacts } from "./rule-facts.ts";
import { RULE_AUTHOR } from "./rule-mail.ts";
import type { CopyPlan } from "./rule-plan.ts";
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
  const { facts, sender, networkMessageId, original, linkTo } = asked;
  const { organization, nowMs } = facts;
  const requests: AgentSubmission[] = [];
  for (const { direction, ruled } of plans) {
    if (direction.kind !== "moderate") continue;
    const moderators = moderatorsOf(direction.rule, sender);
    if (moderators.length === 0) continue;
    const found = subjectOf({ facts, copy: UNTOUCHED });
    const subject = found === FAULT || found === undefined ? "" : found;
    const mark = { type: "Moderation", reason: direction.rule.name } as const;
    const held = { moderators, mark, networkMessageId, subject, original, author: RULE_AUTHOR };
    const mail = { ...held, from: facts.sender, recipients: ruled.recipients };
    requests.push(await requestApproval(mail, { organization, nowMs, linkTo }));
  }
  return requests;
}
