import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../mail/address.fake.ts";
import { isSafeFor, listedIn } from "./safe-lists.ts";

const LISTS = {
  safeSenders: ["ann@fabrikam.test", "litware.test"],
  safeRecipients: ["list@x.test"],
};

for (const [sender, want] of [
  ["Ann@fabrikam.test", "ann@fabrikam.test"],
  ["bob@fabrikam.test", undefined],
  ["bob@litware.test", "litware.test"],
  ["bob@sub.litware.test", undefined],
] as const) {
  test(`${sender} is listed as ${want}`, () => {
    assert.equal(listedIn(LISTS.safeSenders, address(sender)), want);
  });
}

test("a safe sender or a safe recipient makes mail safe", () => {
  const stranger = address("x@y.test");
  const nothing = { senders: [stranger, ""] as const, addressed: [stranger] };
  assert.equal(isSafeFor(LISTS, nothing), false);
  assert.equal(isSafeFor(LISTS, { ...nothing, senders: [address("a@litware.test")] }), true);
  assert.equal(isSafeFor(LISTS, { ...nothing, addressed: [address("List@x.test")] }), true);
  assert.equal(listedIn(["x"], ""), undefined);
});
