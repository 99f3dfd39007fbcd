/** Whether a rule is asked now, by what is set. */
export type RuleState = "on" | "off" | "future" | "expired";

/** The state of a rule at a time (epoch ms). */
export function ruleState(
  rule: {
    readonly Enabled: boolean | null;
    readonly ActivationDate: string | null;
    readonly ExpiryDate: string | null;
  },
  nowMs: number,
): RuleState {
  if (rule.Enabled !== true) return "off";
  if (rule.ExpiryDate && Date.parse(rule.ExpiryDate) <= nowMs) return "expired";
  return rule.ActivationDate && Date.parse(rule.ActivationDate) > nowMs ? "future" : "on";
}
