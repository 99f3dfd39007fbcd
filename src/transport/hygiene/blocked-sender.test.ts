import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { blockedBy } from "./blocked-sender.ts";

const { senderFilterConfig: CONFIG } = organizationOf(`
senderFilterConfig:
  blockedSenders: [Offers@Litware.test]
  blockedDomains: [spam.test]
  blockedDomainsAndSubdomains: [tree.test]
`).hygiene;

for (const [sender, want] of [
  ["offers@litware.test", "offers@litware.test"],
  ["OFFERS@litware.test", "offers@litware.test"],
  ["other@litware.test", undefined],
  ["any@spam.test", "spam.test"],
  ["any@sub.spam.test", undefined],
  ["any@tree.test", "tree.test"],
  ["any@a.b.tree.test", "tree.test"],
  ["any@nottree.test", undefined],
] as const) {
  test(`${sender} is blocked by ${want}`, () => {
    assert.equal(blockedBy(CONFIG, address(sender)), want);
  });
}

test("mail without a sender is blocked only where that is asked for", () => {
  assert.equal(blockedBy(CONFIG, ""), undefined);
  assert.equal(blockedBy({ ...CONFIG, blankSenderBlockingEnabled: true }, ""), "<>");
});
