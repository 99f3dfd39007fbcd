import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesOf, makePrimary } from "./own-addresses.ts";

test("another primary address keeps the one before, and touches no other", () => {
  assert.deepEqual(makePrimary("a@x.test", "B@x.test"), {
    PrimarySmtpAddress: "B@x.test",
    EmailAddresses: { Add: ["a@x.test"], Remove: ["B@x.test"] },
  });
});

test("a recipient without further addresses has none", () => {
  const nothing = { PrimarySmtpAddress: "a@x.test", EmailAddresses: null };
  assert.deepEqual(addressesOf(nothing), { primary: "a@x.test", further: [] });
});
