import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { CONTENT_LIMITS } from "../content/content-limits.ts";
import type { CachedDirectory } from "../org/directory.ts";
import type { Organization } from "../org/organization.ts";
import { askByTask } from "../transport/rules/content-facts.ts";
import { disclaimByTasks } from "../transport/rules/disclaim-content.ts";
import type { ExplainedRule } from "../transport/rules/explain-rules.ts";
import { GroupMembers } from "../transport/rules/group-members.ts";
import { type RuleHitReport, RuleHits } from "../transport/rules/rule-hits.ts";
import { type RuleTrial, tryRules } from "../transport/rules/rule-inquiry.ts";
import type { RuleAgentParts } from "../transport/rules/transport-rule-agent.ts";
import type { ContentHost } from "./content-host.ts";
import { createLinkTo } from "./moderation-links.ts";

/** What is asked of the rules of a transport thread. */
export type RuleThreadCalls = {
  /** Tries the rules in force on a message. Rejects with StoreFailure. */
  readonly explainRules: (trial: RuleTrial) => Promise<readonly ExplainedRule[]>;
  /** For how many messages each rule has held. */
  readonly ruleHits: (nothing: undefined) => RuleHitReport;
};

/** Answers with the rules in force. */
export function ruleThreadCalls(
  sources: RuleAgentParts & { readonly hits: RuleHits },
  organization: () => Organization,
): RuleThreadCalls {
  return {
    explainRules: (trial) =>
      tryRules(trial, sources, { organization: organization(), nowMs: sources.clock.nowMs() }),
    ruleHits: () => sources.hits.report(),
  };
}

/** What the mail flow rules of one transport thread work with. */
export function openRuleParts(parts: {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly directory: CachedDirectory;
  readonly content: ContentHost;
  readonly secrets: SecretBox;
}): RuleAgentParts & { readonly hits: RuleHits } {
  const { clock, diagnostics, directory, content } = parts;
  return {
    clock,
    diagnostics,
    directory,
    groups: new GroupMembers(directory),
    ask: askByTask(content.task("rules"), CONTENT_LIMITS),
    disclaim: disclaimByTasks(
      { disclaim: content.task("disclaim"), wrap: content.task("wrap") },
      CONTENT_LIMITS,
    ),
    linkTo: createLinkTo(parts.secrets),
    hits: new RuleHits(clock.nowMs()),
  };
}
