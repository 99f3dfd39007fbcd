import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { ExplainedRule } from "../../transport/rules/explain-rules.ts";
import type { RuleHitReport } from "../../transport/rules/rule-hits.ts";
import type { RuleTrial } from "../../transport/rules/rule-inquiry.ts";

/** What the cmdlets of this room ask the server for. */
export interface RuleServices {
  readonly organization: OrganizationEditor;
  readonly rules: RuleDesk;
}

/** Mail flow rules as they run on this server. */
export interface RuleDesk {
  /** Tries the rules in force on a message; nothing is sent. Rejects with CmdletFault. */
  readonly explain: (trial: RuleTrial) => Promise<readonly ExplainedRule[]>;
  /** For how many messages each rule has held, in all threads. Never rejects. */
  readonly hits: () => Promise<RuleHitReport>;
}
