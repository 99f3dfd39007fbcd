import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY } from "../base/units.ts";
import { address, domain } from "./address.fake.ts";
import { parseAddress } from "./address.ts";
import { createSenderRewriting, looksRewritten } from "./srs.ts";

const OURS = domain("contoso.test");
const START_MS = Date.UTC(2026, 10, 21);

function rewritingAt(days = 0, key = "secret") {
  return createSenderRewriting(Buffer.from(key), () => START_MS + days * DAY);
}

const forwarded = (text: string) => {
  const made = rewritingAt().forward(address(text), OURS);
  assert.ok(made !== undefined);
  return made;
};

test("a sender becomes one of ours, and notices lead back to him", () => {
  const made = forwarded("Ann.Archer@Fabrikam.test");
  assert.match(made, /^SRS0=[a-z2-7]{6}=[a-z2-7]{2}=fabrikam\.test=Ann\.Archer@contoso\.test$/);
  const back = rewritingAt(3).reverse(made);
  assert.deepEqual(back, { kind: "rewritten", original: "Ann.Archer@fabrikam.test" });
  assert.ok(looksRewritten(made));
});

test("another forwarder's becomes SRS1, which leads straight back to the first", () => {
  const first = "SRS0=abcd=xy=a.test=ann@first.test";
  const made = forwarded(first);
  assert.match(made, /^SRS1=[a-z2-7]{6}=first\.test==abcd=xy=a\.test=ann@contoso\.test$/);
  assert.deepEqual(rewritingAt().reverse(made), { kind: "rewritten", original: first });
  const theirs = made.replace("@contoso.test", "@second.test");
  const again = forwarded(theirs);
  assert.match(again, /^SRS1=[a-z2-7]{6}=first\.test==abcd=xy=a\.test=ann@contoso\.test$/);
  assert.deepEqual(rewritingAt().reverse(again), { kind: "rewritten", original: first });
});

for (const [days, want] of [
  [0, "rewritten"],
  [21, "rewritten"],
  [22, "expired"],
  [-1, "rewritten"],
  [-2, "expired"],
  [1023, "rewritten"],
  [500, "expired"],
] as const) {
  test(`after ${days} days it is ${want}`, () => {
    const { kind } = rewritingAt(days).reverse(forwarded("ann@fabrikam.test"));
    assert.equal(kind, want);
  });
}

for (const [why, change] of [
  ["another domain", (text: string) => text.replace("fabrikam", "victim")],
  ["another local part", (text: string) => text.replace("=ann@", "=bob@")],
  ["another day", (text: string) => text.replace(/^(SRS0=......=)../, "$1aa")],
  ["another hash", (text: string) => text.replace(/^SRS0=....../, "SRS0=aaaaaa")],
  ["no hash", (text: string) => text.replace(/^SRS0=....../, "SRS0=")],
  ["nothing in it", () => "SRS0=@contoso.test"],
  ["SRS1 of the same", (text: string) => text.replace("SRS0", "SRS1")],
] as const) {
  test(`forged: ${why}`, () => {
    const forged = parseAddress(change(forwarded("ann@fabrikam.test")), { smtpUtf8: false });
    assert.ok(forged !== undefined);
    assert.equal(rewritingAt().reverse(forged).kind, "forged");
  });
}

test("another server's key does not open ours", () => {
  const made = forwarded("ann@fabrikam.test");
  assert.equal(rewritingAt(0, "other").reverse(made).kind, "forged");
});

test("what others fold to lower case or separate otherwise still leads back", () => {
  const made = forwarded("ann@fabrikam.test");
  for (const text of [made.toLowerCase(), made.replace("SRS0=", "SRS0+"), made.toUpperCase()]) {
    const back = rewritingAt().reverse(address(text));
    assert.equal(back.kind === "rewritten" && back.original.toLowerCase(), "ann@fabrikam.test");
  }
});

test("what would be too long, or is quoted, stays as it is", () => {
  const { forward } = rewritingAt();
  assert.equal(forward(address(`${"a".repeat(40)}@fabrikam.test`), OURS), undefined);
  assert.equal(forward(address('"a b"@fabrikam.test'), OURS), undefined);
});

test("an address of a person is none of these", () => {
  assert.deepEqual(rewritingAt().reverse(address("srs@contoso.test")), { kind: "none" });
});

test("whatever an address is, it comes back or is not rewritten; none is opened by chance", () => {
  const local = fc.stringMatching(/^[a-z0-9=+-]{1,30}$/);
  const name = fc.stringMatching(/^[a-z]{1,8}\.test$/);
  fc.assert(
    fc.property(local, name, (text, host) => {
      const sender = address(`${text}@${host}`);
      assert.notEqual(
        rewritingAt().reverse(address(`SRS0=${text}@contoso.test`)).kind,
        "rewritten",
      );
      const made = rewritingAt().forward(sender, OURS);
      if (made === undefined) return;
      const back = rewritingAt().reverse(made);
      assert.deepEqual(back, { kind: "rewritten", original: sender });
    }),
  );
});
