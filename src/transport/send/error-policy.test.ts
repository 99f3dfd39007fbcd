import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorPolicy } from "../../org/organization.ts";
import type { Fault, Outcome } from "../queue/outcome.ts";
import { applyErrorPolicies, downgradeDns, errorPoliciesOf } from "./error-policy.ts";

const HOP = { name: "b.test", address: "192.0.2.1", localAddress: "192.0.2.2" };
const DOWN = "DowngradeCustomFailures";
const UP = "UpgradeCustomFailures";

function said(diagnostic: string): Outcome {
  const [code = "", status = ""] = diagnostic.split(" ");
  const fault: Fault = { status, diagnostic, hop: HOP, source: "SMTP" };
  return { kind: code < "500" ? "deferred" : "failed", fault };
}

for (const [why, reply, policies, codes, want] of [
  ["nothing is named", "550 5.7.1 no", [DOWN], ["551"], "failed 5.7.1"],
  ["by reply code", "550 5.7.1 no", [DOWN], ["550"], "deferred 4.7.1"],
  ["by enhanced code", "554 5.7.1 no", [DOWN], ["5.7.1"], "deferred 4.7.1"],
  ["a longer enhanced code is another", "554 5.7.10 no", [DOWN], ["5.7.1"], "failed 5.7.10"],
  ["only the other policy", "550 5.7.1 no", [UP], ["550"], "failed 5.7.1"],
  ["upgraded", "452 4.3.1 full", [UP], ["452"], "failed 5.3.1"],
  ["upgraded by enhanced code", "452 4.3.1 full", [UP], ["4.3.1"], "failed 5.3.1"],
  ["not upgraded", "452 4.3.1 full", [DOWN], ["452"], "deferred 4.3.1"],
  ["both", "421 4.7.0 later", [DOWN, UP], ["550", "421"], "failed 5.7.0"],
] as const satisfies readonly (readonly [
  string,
  string,
  readonly ErrorPolicy[],
  readonly string[],
  string,
])[]) {
  test(`applyErrorPolicies: ${why}`, () => {
    const settings = { errorPolicies: policies, customFailureCodes: codes };
    const outcome = applyErrorPolicies(said(reply), settings);
    assert.ok(outcome.kind === "failed" || outcome.kind === "deferred");
    assert.equal(`${outcome.kind} ${outcome.fault.status}`, want);
    assert.equal(outcome.fault.diagnostic, reply, "verbatim");
  });
}

test("applyErrorPolicies: our own words and doubtful ends are left alone", () => {
  const policies = { errorPolicies: [UP, DOWN], customFailureCodes: ["451", "554"] } as const;
  for (const outcome of [said("451 4.0.0 x"), said("554 5.0.0 x")]) {
    assert.ok("fault" in outcome);
    for (const change of [{ hop: undefined }, { attemptUnknown: true }]) {
      const ours: Outcome = { ...outcome, fault: { ...outcome.fault, ...change } };
      assert.equal(applyErrorPolicies(ours, policies), ours);
    }
  }
});

test("downgradeDns: what DNS calls never is tried again where that is asked for", () => {
  const diagnostic = "554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain";
  const fault: Fault = { status: "5.4.4", diagnostic, hop: undefined, source: "DNS" };
  const asked = { errorPolicies: ["DowngradeDnsFailures"], customFailureCodes: [] } as const;
  assert.deepEqual(downgradeDns(fault, asked), {
    ...fault,
    status: "4.4.4",
    diagnostic: "451 4.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
  });
  assert.equal(downgradeDns(fault, { ...asked, errorPolicies: [DOWN] }), undefined);
});

test("errorPoliciesOf: Default costs nothing", () => {
  const none = { errorPolicies: ["Default"], customFailureCodes: [] } as const;
  assert.equal(errorPoliciesOf(none), undefined);
});
