import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { plainOrganization, sampleMailbox } from "../../org/sample-objects.fake.ts";
import { fakeContent, fakeDelivery } from "./delivery.fake.ts";
import { isJunk } from "./junk-mail.ts";

const ORGANIZATION = plainOrganization();
const { message } = fakeDelivery({ to: [], content: fakeContent([]), sender: "ann@fabrikam.test" });

for (const [why, scl, mailbox, want] of [
  ["nobody has rated it", undefined, {}, false],
  ["as much as the threshold", 4, {}, false],
  ["more than the threshold", 5, {}, true],
  ["a stricter mailbox", 3, { sclJunkThreshold: 2 }, true],
  ["a more lenient mailbox", 7, { sclJunkThreshold: 8 }, false],
  ["a mailbox that wants none", 9, { sclJunkEnabled: false }, false],
  ["a mailbox without filters", 9, { antispamBypassEnabled: true }, false],
  ["a safe sender", 9, { safeSenders: ["ann@fabrikam.test"] }, false],
  ["a safe author's domain", 9, { safeSenders: ["litware.test"] }, false],
  ["another's safe sender", 9, { safeSenders: ["bob@fabrikam.test"] }, true],
  ["known to be no spam", -1, { sclJunkThreshold: 0 }, false],
] as const) {
  test(`isJunk: ${why}`, () => {
    const rated = { ...message, headerFrom: "x@litware.test", ...(scl !== undefined && { scl }) };
    const target = { ...sampleMailbox("bob@contoso.test"), ...mailbox };
    assert.equal(isJunk(rated, target, ORGANIZATION), want);
  });
}

for (const [why, unproven, headerFrom, want] of [
  ["nobody has looked", undefined, "x@litware.test", false],
  ["a safe sender borne out", ["author"], "x@litware.test", false],
  ["whom anybody could claim to be", ["sender", "author"], "x@litware.test", true],
  ["only the author is borne out, and he is another", ["sender"], "x@litware.test", true],
  ["a safe author borne out", ["sender"], "ann@fabrikam.test", false],
  ["a forged author", ["sender", "author"], "ann@fabrikam.test", true],
] as const) {
  test(`isJunk: ${why}`, () => {
    const rated = { ...message, headerFrom, scl: 9, ...(unproven && { unproven }) };
    const target = sampleMailbox("bob@contoso.test", { safeSenders: ["ann@fabrikam.test"] });
    assert.equal(isJunk(rated, target, ORGANIZATION), want);
  });
}

test("the organization's threshold holds where the mailbox has none", () => {
  const hygiene = { ...ORGANIZATION.hygiene, organizationConfig: { sclJunkThreshold: 6 } };
  const mailbox = sampleMailbox("bob@contoso.test");
  assert.equal(isJunk({ ...message, scl: 6 }, mailbox, { hygiene }), false);
  assert.equal(isJunk({ ...message, scl: 7 }, mailbox, { hygiene }), true);
  const notice = { ...message, scl: 7, envelope: { ...message.envelope, sender: "" as const } };
  assert.equal(isJunk(notice, mailbox, { hygiene }), true);
  const safe = { ...mailbox, safeSenders: [address("ann@fabrikam.test")] };
  assert.equal(isJunk({ ...message, scl: 7 }, safe, { hygiene }), false);
});
