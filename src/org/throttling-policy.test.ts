import assert from "node:assert/strict";
import { test } from "node:test";
import type { ThrottlingPolicy } from "./access-settings.ts";
import { organizationOf } from "./sample-objects.fake.ts";
import { selectThrottlingPolicy } from "./throttling-policy.ts";

const { throttlingPolicies: POLICIES } = organizationOf(`
throttlingPolicies:
  - { name: Robots, messagesPerHour: 10 }
  - { name: Staff, default: true, recipientsPerDay: 1000 }
`);
const WITHOUT_DEFAULT = POLICIES.filter((policy) => !policy.default);

for (const [why, policies, throttlingPolicy, want] of [
  ["the one that the mailbox names", POLICIES, "Robots", "Robots"],
  ["names have no case", POLICIES, "robots", "Robots"],
  ["the default one without a name", POLICIES, undefined, "Staff"],
  ["the default one in place of one that has gone", POLICIES, "Gone", "Staff"],
  ["none where none is for everybody", WITHOUT_DEFAULT, undefined, undefined],
  ["none at all", [], "Robots", undefined],
] satisfies [string, readonly ThrottlingPolicy[], string | undefined, string | undefined][]) {
  test(`throttling policy of a user: ${why}`, () => {
    assert.equal(selectThrottlingPolicy(policies, { throttlingPolicy })?.name, want);
  });
}

test("what a policy does not say is unlimited", () => {
  assert.deepEqual(POLICIES[0], {
    name: "Robots",
    default: false,
    messageRateLimit: Infinity,
    messagesPerHour: 10,
    messagesPerDay: Infinity,
    recipientsPerHour: Infinity,
    recipientsPerDay: Infinity,
  });
});
