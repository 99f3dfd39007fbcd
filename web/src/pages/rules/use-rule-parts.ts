import { useMemo } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { actionParts, conditionParts, exceptionParts, type RulePart } from "./rule-parts.ts";

/** What rules can be made of. */
export interface RuleParts {
  readonly conditions: readonly RulePart[];
  readonly exceptions: readonly RulePart[];
  readonly actions: readonly RulePart[];
}

/** What the server says rules can be made of; `undefined`: not read yet. */
export function useRuleParts(): {
  readonly parts: RuleParts | undefined;
  readonly fault: Error | null;
} {
  const predicates = useCmdlet({ cmdlet: "Get-TransportRulePredicate", parameters: {} });
  const actions = useCmdlet({ cmdlet: "Get-TransportRuleAction", parameters: {} });
  const parts = useMemo(() => {
    if (predicates.data === undefined || actions.data === undefined) return undefined;
    return {
      conditions: conditionParts(predicates.data.objects),
      exceptions: exceptionParts(predicates.data.objects),
      actions: actionParts(actions.data.objects),
    };
  }, [predicates.data, actions.data]);
  return { parts, fault: predicates.error ?? actions.error };
}
