import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { TransportRule } from "../../org/transport-rule.ts";
import type {
  AgentSubmission,
  RoutingAgent,
  RoutingAnswer,
  RoutingMessage,
  RoutingRecipient,
} from "../agents/routing-agent.ts";
import type { LinkTo } from "../moderation/approval-request.ts";
import { isReleasedFrom } from "../queue/quarantine-entry.ts";
import type { RuledCopy } from "./evaluate-rules.ts";
import { type FactSources, MessageFacts } from "./message-facts.ts";
import { moderationRequests } from "./moderation-request.ts";
import { answerPlans, type Disclaim, LATER } from "./rule-answer.ts";
import type { RuleRecipient } from "./rule-facts.ts";
import type { RuleHits } from "./rule-hits.ts";
import { type CopyPlan, planCopy } from "./rule-plan.ts";
import { ruleSetOf } from "./rule-set.ts";
import { type RuleHit, submissionsOf } from "./rule-submissions.ts";
import { findSender } from "./sender-entry.ts";
import { type SettledEvaluation, settleAtOnce, settleRules } from "./settle-rules.ts";

/** What the agent works with. */
export interface RuleAgentParts extends FactSources {
  readonly clock: Pick<Clock, "nowMs">;
  readonly diagnostics: Pick<Diagnostics, "info">;
  readonly disclaim: Disclaim;
  readonly linkTo: LinkTo;
  /** Counts for how many messages each rule holds. */
  readonly hits: Pick<RuleHits, "count">;
}

/** Mail flow rules (reference §10): asked of every message once its recipients are known. */
export function createTransportRuleAgent(parts: RuleAgentParts): RoutingAgent {
  return {
    agent: TRANSPORT_AGENTS.transportRule,
    hears: ({ transportRules }) => transportRules.some(({ enabled }) => enabled),
    on: { OnResolvedMessage: (message) => judgeMessage(message, parts) },
  };
}

/** Without a promise where everything is at hand and no rule holds. */
function judgeMessage(
  routing: RoutingMessage,
  parts: RuleAgentParts,
): Promise<RoutingAnswer> | RoutingAnswer | undefined {
  if (isOwnMail(routing)) return undefined;
  const rules = ruleSetOf(routing.organization.transportRules);
  const facts = factsOf(routing, parts);
  const { message } = routing;
  const options = {
    isApproved: isReleasedFrom("Moderation", message),
    isReleased: isReleasedFrom("TransportRule", message),
  };
  const evaluation = settleAtOnce(rules, facts, options);
  if (evaluation?.kind === "judged" && !evaluation.copies.some(isHit)) return undefined;
  const settled = evaluation ?? settleRules(rules, facts, options);
  return answer(settled, { ...options, routing, facts, parts });
}

/** Notices, reports and notifications of our own: a rule that acts on them acts on itself. */
function isOwnMail({ message: { origin } }: RoutingMessage): boolean {
  return origin.source === "DSN" || origin.source === "AGENT" || origin.isReport === true;
}

/** The facts of a message in the categorizer. */
function factsOf(routing: RoutingMessage, parts: RuleAgentParts): MessageFacts {
  const { organization, message, content } = routing;
  const recipients = routing.recipients.map(ruleRecipient);
  const nowMs = parts.clock.nowMs();
  return new MessageFacts({ organization, nowMs, message, recipients, content }, parts);
}

function ruleRecipient({ recipient, asWritten, steps }: RoutingRecipient): RuleRecipient {
  const { position, address } = recipient;
  const isOfGroup = steps.some(({ kind }) => kind === "group");
  return { position, address, asWritten: isOfGroup ? address : asWritten };
}

function isHit({ matches }: RuledCopy): boolean {
  return matches.length > 0;
}

async function answer(
  settling: SettledEvaluation | Promise<SettledEvaluation>,
  asked: {
    readonly routing: RoutingMessage;
    readonly facts: MessageFacts;
    readonly parts: RuleAgentParts;
    readonly isApproved: boolean;
    readonly isReleased: boolean;
  },
): Promise<RoutingAnswer> {
  const settled = await settling;
  const { routing, facts, parts } = asked;
  const { content } = routing;
  if (settled.kind !== "judged") {
    const positions = facts.recipients.map(({ position }) => position);
    return { decisions: [{ positions, fate: { kind: "defer", fault: LATER } }] };
  }
  if (!settled.copies.some(isHit)) return {};
  // Its fields are looked at by most actions.
  if (facts.header() === undefined) await facts.load();
  const sender = await findSender(facts, parts.directory);
  const plans = settled.copies.map((copy) => planCopy(copy, asked));
  const made = await answerPlans(plans, { facts, content, sender, disclaim: parts.disclaim });
  const hits = hitsOf(plans, facts);
  const { networkMessageId, envelope } = routing.message;
  const original = { content, envelope };
  const submissions: AgentSubmission[] = [];
  const told = toldBefore(routing);
  for (const hit of hits) {
    if (told.has(hit.rule)) continue;
    parts.hits.count(hit.rule.name, parts.clock.nowMs());
    submissions.push(...(await submissionsOf(hit, original)));
  }
  const { linkTo } = parts;
  const held = { facts, original, sender, networkMessageId, linkTo };
  submissions.push(...(await moderationRequests(plans, held)));
  for (const { rule } of hits) {
    if (rule.logEventText === undefined || rule.mode !== "Enforce") continue;
    const fields = { rule: rule.name, text: rule.logEventText, networkMessageId };
    parts.diagnostics.info("transport-rule-event", fields);
  }
  const info = formatInfo(hits.map(({ rule }) => rule));
  return { ...made, submissions, ...(info !== "" && { info }) };
}

/**
 * Rules that have sent their reports and notices: those asked until one of them kept the message,
 * which has been let out since.
 */
function toldBefore({ organization, message }: RoutingMessage): ReadonlySet<TransportRule> {
  const { quarantine } = message;
  if (quarantine?.agent !== TRANSPORT_AGENTS.transportRule.name) return new Set();
  const { transportRules } = organization;
  const last = transportRules.findIndex(({ name }) => name === quarantine.reason);
  return new Set(transportRules.slice(0, last + 1));
}

/** Each rule that holds, with all recipients for whom it does. */
function hitsOf(plans: readonly CopyPlan[], facts: MessageFacts): readonly RuleHit[] {
  const hits = new Map<TransportRule, { recipients: RuleRecipient[]; hit: RuleHit }>();
  for (const { ruled } of plans) {
    for (const rule of ruled.matches) {
      const known = hits.get(rule);
      if (known !== undefined) {
        for (const recipient of ruled.recipients) known.recipients.push(recipient);
        continue;
      }
      const recipients = [...ruled.recipients];
      hits.set(rule, { recipients, hit: { rule, recipients, sight: { facts, copy: ruled.copy } } });
    }
  }
  return [...hits.values()].map(({ hit }) => hit);
}

const SEVERITIES = { Low: 1, Medium: 2, High: 3, DoNotAudit: 0 } as const;

/** As Exchange's tracking log tells of rules: `TRA=ETR|ruleId=…|sev=1|mode=Enforce`. */
function formatInfo(rules: readonly TransportRule[]): string {
  return rules
    .filter(({ setAuditSeverity }) => setAuditSeverity !== "DoNotAudit")
    .map(({ name, mode, setAuditSeverity = "Low" }) => {
      const id = name.replaceAll(/[|;]/g, " ");
      return `TRA=ETR|ruleId=${id}|sev=${SEVERITIES[setAuditSeverity]}|mode=${mode}`;
    })
    .join(";");
}
