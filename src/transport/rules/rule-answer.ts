import type { Result } from "../../base/result.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import { attributeOf } from "../../org/recipient-attributes.ts";
import type { TransportRule } from "../../org/transport-rule.ts";
import type { ContentReader } from "../../store/content.ts";
import type {
  Fate,
  RoutingAnswer,
  RoutingChanges,
  RoutingDecision,
} from "../agents/routing-agent.ts";
import { shownSubject } from "../moderation/own-mail.ts";
import type { Fault } from "../queue/outcome.ts";
import { headerEdits } from "./header-actions.ts";
import { type HeaderChange, type MessageCopy, type Sight, subjectOf } from "./message-copy.ts";
import { moderatorsOf } from "./moderation-request.ts";
import { FAULT, type RuleFacts } from "./rule-facts.ts";
import { escapeHtml, fillTokens } from "./rule-mail.ts";
import type { CopyPlan } from "./rule-plan.ts";
import { managerOf } from "./sender-entry.ts";

/** A text that is put into a message. */
export interface Disclaimer {
  readonly html: string;
  readonly location: "Append" | "Prepend";
  /** Where it cannot be put in: the message becomes an attachment of one that has it. */
  readonly fallback: "Wrap" | "Refuse";
}

/**
 * Puts a text into a message, off the thread that serves mail. The faults: `cannot`: it would break
 * what the message is; `later`: there is no room just now. Rejects with StoreFailure.
 */
export type Disclaim = (
  content: ContentReader,
  disclaimer: Disclaimer,
) => Promise<Result<readonly Uint8Array[], "cannot" | "later">>;

/** What answers are made with. */
export interface AnswerParts {
  readonly facts: RuleFacts;
  readonly content: ContentReader;
  readonly sender: OrganizationRecipient | undefined;
  readonly disclaim: Disclaim;
}

/** What becomes of the message because of its rules, copy by copy. */
export async function answerPlans(
  plans: readonly CopyPlan[],
  parts: AnswerParts,
): Promise<Pick<RoutingAnswer, "decisions" | "added">> {
  const known = new Set(parts.facts.recipients.map(({ address }) => addressKey(address)));
  const decisions: RoutingDecision[] = [];
  const added: NonNullable<RoutingAnswer["added"]>[number][] = [];
  for (const plan of plans) {
    if (plan.enforced.length === 0) continue;
    const made = await changesOf(plan, parts);
    const positions = plan.ruled.recipients.map(({ position }) => position);
    if (made.kind !== "changes") {
      decisions.push({ positions, fate: made });
      continue;
    }
    const fate = fateOf(plan, made.changes, parts.sender);
    decisions.push({ positions, fate });
    if (fate.kind !== "deliver" && fate.kind !== "redirect") continue;
    for (const address of furtherRecipients(plan.enforced, parts.sender)) {
      // Who has it already, or gets it by another copy, gets it once.
      if (known.has(addressKey(address))) continue;
      known.add(addressKey(address));
      added.push({ address, changes: made.changes });
    }
  }
  return { decisions, added };
}

function fateOf(
  { direction, enforced }: CopyPlan,
  changes: RoutingChanges,
  sender: OrganizationRecipient | undefined,
): Fate {
  switch (direction.kind) {
    case "reject":
      return { kind: "reject", fault: rejection(direction.rule) };
    case "delete":
      return { kind: "discard", reason: `Transport rule: ${direction.rule.name}` };
    case "quarantine":
      return { kind: "quarantine", type: "TransportRule", reason: direction.rule.name };
    case "moderate":
      return {
        ...{ kind: "quarantine", type: "Moderation", reason: direction.rule.name },
        moderators: moderatorsOf(direction.rule, sender),
      };
    case "onward": {
      const to = enforced.flatMap((rule) => redirection(rule, sender));
      return to.length === 0 ? { kind: "deliver", changes } : { kind: "redirect", to, changes };
    }
  }
}

/** Exchange's words (reference §10.3). */
function rejection(rule: TransportRule): Fault {
  const status = rule.rejectMessageEnhancedStatusCode ?? "5.7.1";
  const text = rule.rejectMessageReasonText ?? "Delivery not authorized, message refused";
  const diagnostic = `550 ${status} TRANSPORT.RULES.RejectMessage; ${text}`;
  return { status, diagnostic, hop: undefined, source: "AGENT" };
}

function redirection(
  rule: TransportRule,
  sender: OrganizationRecipient | undefined,
): readonly Address[] {
  const manager = rule.addManagerAsRecipientType === "Redirect" ? managerOf(sender) : undefined;
  return manager === undefined ? rule.redirectMessageTo : [...rule.redirectMessageTo, manager];
}

function furtherRecipients(
  rules: readonly TransportRule[],
  sender: OrganizationRecipient | undefined,
): readonly Address[] {
  return rules.flatMap((rule) => {
    const type = rule.addManagerAsRecipientType;
    const manager = type === undefined || type === "Redirect" ? undefined : managerOf(sender);
    const own = [...rule.blindCopyTo, ...rule.copyTo, ...rule.addToRecipients];
    return manager === undefined ? own : [...own, manager];
  });
}

type Made = { readonly kind: "changes"; readonly changes: RoutingChanges } | Fate;

/** What the copy's rules change in the message. */
async function changesOf(plan: CopyPlan, parts: AnswerParts): Promise<Made> {
  const { enforced, ruled } = plan;
  const copy = withManagers(ruled.copy, enforced, parts.sender);
  const sight: Sight = { facts: parts.facts, copy };
  const edits = headerEdits(sight);
  const subject = copy.changes.some(touchesSubject) ? subjectOf(sight) : undefined;
  const disclaimed = await disclaimAll(plan, parts);
  if (disclaimed.kind !== "content") return disclaimed;
  const changes: RoutingChanges = {
    ...(edits.length > 0 && { edits }),
    ...(copy.scl !== undefined && { scl: copy.scl }),
    ...(subject !== undefined && subject !== FAULT && { subject: shownSubject(subject) }),
    ...(enforced.some((rule) => rule.routeMessageOutboundRequireTls) && { requireTls: true }),
    ...(copy.changes.some(addsUtf8Address) && { smtpUtf8: true }),
    ...(disclaimed.content !== undefined && { content: disclaimed.content }),
  };
  return { kind: "changes", changes };
}

function addsUtf8Address(change: HeaderChange): boolean {
  return change.kind === "addAddress" && /[^\0-\x7f]/.test(change.address);
}

function touchesSubject(change: HeaderChange): boolean {
  if (change.kind === "prefixSubject") return true;
  return "name" in change && change.name.toLowerCase() === "subject";
}

/** Managers that come into To or Cc are known only now. */
function withManagers(
  copy: MessageCopy,
  rules: readonly TransportRule[],
  sender: OrganizationRecipient | undefined,
): MessageCopy {
  const manager = managerOf(sender);
  if (manager === undefined) return copy;
  const changes = rules.flatMap(({ addManagerAsRecipientType: type }): readonly HeaderChange[] =>
    type === "To" || type === "Cc"
      ? [{ kind: "addAddress", field: type === "To" ? "to" : "cc", address: manager }]
      : [],
  );
  return changes.length === 0 ? copy : { ...copy, changes: [...copy.changes, ...changes] };
}

/** Texts go in one after the other, each into what the one before has left. */
async function disclaimAll(
  { enforced, direction }: CopyPlan,
  { content, disclaim, sender }: AnswerParts,
): Promise<{ readonly kind: "content"; readonly content?: readonly Uint8Array[] } | Fate> {
  let pieces: readonly Uint8Array[] | undefined;
  if (direction.kind !== "onward") return { kind: "content" };
  for (const rule of enforced) {
    const { applyHtmlDisclaimerText: text, applyHtmlDisclaimerFallbackAction: fallback } = rule;
    if (text === undefined) continue;
    const done = await disclaim(pieces === undefined ? content : piecesReader(pieces), {
      html: fillTokens(text, (name) => escapeHtml((sender && attributeOf(sender, name)) ?? "")),
      location: rule.applyHtmlDisclaimerLocation,
      fallback: fallback === "Wrap" ? "Wrap" : "Refuse",
    });
    if (done.ok) pieces = done.value;
    else if (done.fault === "later") return { kind: "defer", fault: LATER };
    else if (fallback === "Reject") return { kind: "reject", fault: rejection(rule) };
  }
  return pieces === undefined ? { kind: "content" } : { kind: "content", content: pieces };
}

/** Everything waits and is judged again. */
export const LATER: Fault = {
  status: "4.3.0",
  diagnostic: "451 4.3.0 TRANSPORT.RULES.Deferred; The message cannot be judged just now",
  hop: undefined,
  source: "AGENT",
};

function piecesReader(pieces: readonly Uint8Array[]): ContentReader {
  return {
    bytes: pieces.reduce((bytes, { byteLength }) => bytes + byteLength, 0),
    peek: (index) => pieces[index],
    read: (index) => Promise.resolve(pieces[index]),
  };
}
