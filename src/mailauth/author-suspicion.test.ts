import assert from "node:assert/strict";
import { test } from "node:test";
import { foldName, suspectAuthor } from "./author-suspicion.ts";
import { readAuthor } from "./message-author.ts";

const PEOPLE = {
  foldedNames: new Set(["Alice Archer", "Милена Ро"].map(foldName)),
  isOwnDomain: (domain: string) => domain === "contoso.test",
};

for (const [header, want] of [
  ["From: Ann <ann@fabrikam.test>", []],
  ["From: Alice Archer <alice@contoso.test>", []],
  ["From: Alice Archer <alice@evil.test>", ["ProtectedName"]],
  ["From: ALICE  ARCHER <alice@evil.test>", ["ProtectedName"]],
  ['From: "Archer, Alice" <alice@evil.test>', ["ProtectedName"]],
  ["From: Аlісе Аrсhеr <alice@evil.test>", ["ProtectedName"]],
  ["From: Al1ce Archer <alice@evil.test>", ["ProtectedName"]],
  ["From: Alice\u200b Árcher <alice@evil.test>", ["ProtectedName"]],
  ["From: =?utf-8?q?Alice_Archer?= <alice@evil.test>", ["ProtectedName"]],
  ["From: alice@evil.test (Alice Archer)", ["ProtectedName"]],
  ["From: Alice Baker <alice@evil.test>", []],
  ['From: "alice@contoso.test" <x@evil.test>', ["AddressInName"]],
  ['From: "Alice (alice＠contoso.test)" <x@evil.test>', ["AddressInName"]],
  ['From: "x@evil.test" <x@evil.test>', []],
  ['From: "Ann @ Fabrikam" <ann@fabrikam.test>', []],
  ["From: a@a.test, b@b.test", ["MultipleFromAddresses"]],
  ["From: a@a.test, b@a.test", ["MultipleFromAddresses"]],
  ["From: a@a.test\r\nFrom: b@b.test", ["MultipleFromFields"]],
  ["From: alice@contoso.test <x@evil.test>", ["AmbiguousFrom", "AddressInName"]],
  ["Subject: x", ["MissingFrom"]],
  ["From: nobody", ["MissingFrom", "AmbiguousFrom"]],
] as const) {
  test(`${header}: ${want.join(", ") || "nothing"}`, () => {
    const author = readAuthor(Buffer.from(`${header}\r\n\r\nx\r\n`));
    assert.deepEqual(suspectAuthor(author, PEOPLE), want);
  });
}
