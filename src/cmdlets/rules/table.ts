import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import {
  exportTransportRuleCollection,
  importTransportRuleCollection,
} from "./collection-cmdlets.ts";
import { getTransportRuleAction, getTransportRulePredicate } from "./rule-parts.ts";
import type { RuleServices } from "./services.ts";
import { testMessage } from "./test-message.ts";

/** The cmdlets of this room. */
export const RULE_CMDLETS: readonly Cmdlet<RuleServices>[] = [
  getTransportRulePredicate,
  getTransportRuleAction,
  testMessage,
  exportTransportRuleCollection,
  importTransportRuleCollection,
];
