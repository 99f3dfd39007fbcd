import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain } from "../mail/address.ts";
import { defaultAcceptedDomain, findAcceptedDomain } from "./accepted-domain.ts";
import { sampleAcceptedDomain } from "./sample-objects.fake.ts";

const ORGANIZATION = {
  acceptedDomains: [
    sampleAcceptedDomain("fabrikam.test"),
    sampleAcceptedDomain("contoso.test", { matchSubDomains: true, default: true }),
    sampleAcceptedDomain("eu.contoso.test", { matchSubDomains: true }),
    sampleAcceptedDomain("plain.eu.contoso.test"),
  ],
};

for (const [why, text, want] of [
  ["the name itself", "fabrikam.test", "fabrikam.test"],
  ["mixed case", "Fabrikam.TEST", "fabrikam.test"],
  ["a subdomain without MatchSubDomains", "a.fabrikam.test", undefined],
  ["a subdomain with it", "a.b.contoso.test", "contoso.test"],
  ["the name itself with it", "contoso.test", "contoso.test"],
  ["the longest wins", "x.eu.contoso.test", "eu.contoso.test"],
  ["the very name wins", "plain.eu.contoso.test", "plain.eu.contoso.test"],
  ["below a name without it", "x.plain.eu.contoso.test", "eu.contoso.test"],
  ["a name that only ends so", "notcontoso.test", undefined],
  ["the parent", "test", undefined],
  ["a literal", "[192.0.2.1]", undefined],
] as const) {
  test(`findAcceptedDomain: ${why}`, () => {
    const domain = parseDomain(text);
    assert.ok(domain !== undefined);
    assert.equal(findAcceptedDomain(ORGANIZATION, domain)?.name, want);
  });
}

test("defaultAcceptedDomain is the marked one, else the first", () => {
  assert.equal(defaultAcceptedDomain(ORGANIZATION)?.name, "contoso.test");
  assert.equal(
    defaultAcceptedDomain({ acceptedDomains: [sampleAcceptedDomain("a.test")] })?.name,
    "a.test",
  );
  assert.equal(defaultAcceptedDomain({ acceptedDomains: [] }), undefined);
});
