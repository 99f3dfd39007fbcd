const RULE_AGENT = "Transport Rule Agent: ";
const RULE_HIT = /TRA=ETR\|ruleId=(.+?)\|sev=\d+\|mode=(\w+)/g;

/** What an agent has noted in the tracking log, in words; mail flow rules by their names. */
export function agentText(sourceContext: string): string {
  const hits = sourceContext.startsWith(RULE_AGENT) ? [...sourceContext.matchAll(RULE_HIT)] : [];
  if (hits.length === 0) return `An agent noted: ${sourceContext}.`;
  const told = hits.map(([, name = "", mode = ""]) =>
    mode === "Enforce"
      ? `The rule "${name}" applied.`
      : `The rule "${name}" would have applied; its mode is ${mode}.`,
  );
  return told.join(" ");
}
