import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault } from "../base/result.ts";
import { CONTENT_LIMITS } from "../content/content-limits.ts";
import type { CachedDirectory } from "../org/directory.ts";
import { askByTask } from "../transport/rules/content-facts.ts";
import { GroupMembers } from "../transport/rules/group-members.ts";
import type { RuleAgentParts } from "../transport/rules/transport-rule-agent.ts";
import type { ContentHost } from "./content-host.ts";

/** What the mail flow rules of one transport thread work with. */
export function openRuleParts(parts: {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly directory: CachedDirectory;
  readonly content: ContentHost;
}): RuleAgentParts {
  const { clock, diagnostics, directory, content } = parts;
  return {
    clock,
    diagnostics,
    directory,
    groups: new GroupMembers(directory),
    ask: askByTask(content.task("rules"), CONTENT_LIMITS),
    disclaim: async () => fault("cannot"),
  };
}
