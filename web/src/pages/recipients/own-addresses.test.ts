import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesOf, makePrimary } from "./own-addresses.ts";

test("another primary address keeps the one before as a further address", () => {
  const own = { primary: "a@x.test", further: ["b@x.test", "c@x.test"] };
  assert.deepEqual(makePrimary(own, "B@x.test"), {
    PrimarySmtpAddress: "B@x.test",
    EmailAddresses: ["c@x.test", "a@x.test"],
  });
});

test("a recipient without further addresses has none", () => {
  const nothing = { PrimarySmtpAddress: "a@x.test", EmailAddresses: null };
  assert.deepEqual(addressesOf(nothing), { primary: "a@x.test", further: [] });
});
