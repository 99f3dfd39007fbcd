import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY } from "../base/units.ts";
import { address } from "./address.fake.ts";
import { parseAddress } from "./address.ts";
import { createBounceTags, looksTagged } from "./batv.ts";

const START_MS = Date.UTC(2026, 10, 21);
const HOW = { keyNumber: 3, lifetimeMs: 7 * DAY };
const ALICE = address("Alice@contoso.test");

function tagsAt(days = 0, key = "secret") {
  return createBounceTags(
    (keyNumber) => Buffer.from(`${key}${keyNumber}`),
    () => START_MS + days * DAY,
  );
}

function signed() {
  const made = tagsAt().sign(ALICE, HOW);
  assert.ok(made);
  return made;
}

test("a sender gets a tag, and notices lead back to him", () => {
  assert.match(signed(), /^prvs=3\d{3}[\da-f]{6}=Alice@contoso\.test$/);
  assert.ok(looksTagged(signed()));
  assert.equal(tagsAt().open(signed()), ALICE);
  assert.equal(tagsAt().open(address(signed().toLowerCase())), "alice@contoso.test");
});

for (const [days, isOpen] of [
  [7, true],
  [8, false],
  [-24, true],
  [-25, false],
  [500, false],
] as const) {
  test(`after ${days} days it is ${isOpen ? "" : "not "}believed`, () => {
    assert.equal(tagsAt(days).open(signed()) !== undefined, isOpen);
  });
}

for (const [why, change] of [
  ["another local part", (text: string) => text.replace("=Alice@", "=bob@")],
  ["another domain", (text: string) => text.replace("contoso", "fabrikam")],
  ["another day", (text: string) => text.replace(/^(prvs=3)\d{3}/, "$1999")],
  ["another key's number", (text: string) => text.replace("prvs=3", "prvs=4")],
  ["another hash", (text: string) => text.replace(/^(prvs=\d{4})[\da-f]{6}/, "$1ffffff")],
  ["no tag", () => "Alice@contoso.test"],
  ["nothing in it", () => "prvs=@contoso.test"],
] as const) {
  test(`not believed: ${why}`, () => {
    const forged = parseAddress(change(signed()), { smtpUtf8: false });
    assert.ok(forged !== undefined);
    assert.equal(tagsAt().open(forged), undefined);
  });
}

test("another server's key opens nothing of ours", () => {
  assert.equal(tagsAt(0, "other").open(signed()), undefined);
});

test("what would be too long, is quoted or tagged stays as it is", () => {
  const { sign } = tagsAt();
  assert.equal(sign(address(`${"a".repeat(49)}@contoso.test`), HOW), undefined);
  assert.ok(sign(address(`${"a".repeat(48)}@contoso.test`), HOW));
  assert.equal(sign(address('"a b"@contoso.test'), HOW), undefined);
  assert.equal(sign(signed(), HOW), undefined);
});

test("whatever an address is, it comes back or is not tagged", () => {
  const local = fc.stringMatching(/^[a-zA-Z0-9=+-]{1,60}$/);
  fc.assert(
    fc.property(local, fc.nat(9), (text, keyNumber) => {
      const sender = address(`${text}@contoso.test`);
      const made = tagsAt().sign(sender, { ...HOW, keyNumber });
      if (made !== undefined) assert.equal(tagsAt(3).open(made), sender);
      assert.doesNotThrow(() => tagsAt().open(sender));
    }),
  );
});
