import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { judgeRule } from "./judge-rule.ts";
import { UNTOUCHED } from "./message-copy.ts";
import type { Finding } from "./predicate.ts";
import { BENCH_NOW_MS, ruledOrganization } from "./rule-bench.fake.ts";
import { FAULT, type RuleFacts } from "./rule-facts.ts";
import { compileRule, type RulePredicate } from "./rule-set.ts";

const RECIPIENTS = ["a", "b", "c"].map((name, position) => {
  const own = address(`${name}@contoso.test`);
  return { position, address: own, asWritten: own };
});

/** A condition, with what it says of each recipient. */
function condition(...findings: readonly Finding[]): RulePredicate {
  const holds: RulePredicate["test"]["holds"] = (_, { position }) => findings[position];
  const test = { holds, shows: () => [] };
  return {
    name: "sentTo",
    role: "condition",
    about: "recipient",
    needs: "envelope",
    level: 0,
    test,
  };
}

function judge(ruleErrorAction: string, ...predicates: readonly RulePredicate[]): string {
  const text = `{ name: r, ruleErrorAction: ${ruleErrorAction}, deleteMessage: true }`;
  const [rule] = ruledOrganization(text).transportRules;
  assert.ok(rule);
  // No condition here looks at any fact.
  const facts = { nowMs: BENCH_NOW_MS } as RuleFacts;
  const sight = { facts, copy: UNTOUCHED };
  const judgement = judgeRule({ ...compileRule(rule), predicates }, sight, RECIPIENTS);
  if (judgement.kind !== "holds") return judgement.kind;
  return judgement.recipients.map((one) => one.position).join();
}

const YES = "yes";

for (const [why, action, predicates, want] of [
  ["all", "Ignore", [condition(YES, YES, YES)], "0,1,2"],
  ["some", "Ignore", [condition(YES, false, YES), condition(YES, YES, false)], "0"],
  ["of one nothing can be said", "Ignore", [condition(YES, FAULT, YES)], "0,2"],
  ["likewise, and it waits", "Defer", [condition(YES, FAULT, YES)], "fault"],
  ["it does not matter", "Defer", [condition(YES, FAULT, YES), condition(YES, false, YES)], "0,2"],
  ["of none", "Ignore", [condition(FAULT, FAULT, false)], "fault"],
  ["one is still to come", "Ignore", [condition(YES, undefined, FAULT)], "unknown"],
] as const) {
  test(`for whom a rule holds: ${why} (${action})`, () => {
    assert.equal(judge(action, ...predicates), want);
  });
}
