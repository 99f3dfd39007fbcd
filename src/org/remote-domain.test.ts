import assert from "node:assert/strict";
import { test } from "node:test";
import { domain } from "../mail/address.fake.ts";
import { parseConfiguration } from "./configuration.ts";
import { findRemoteDomain, mayBeTold } from "./remote-domain.ts";
import { organizationOf } from "./sample-objects.fake.ts";

const ORGANIZATION = organizationOf(`
remoteDomains:
  - { name: All, domainName: "*", deliveryReportEnabled: false }
  - { name: Tree, domainName: "*.fabrikam.test", ndrEnabled: false }
  - { name: Below, domainName: "*.sales.fabrikam.test" }
  - { name: One, domainName: a.sales.fabrikam.test }
`);

for (const [asked, found] of [
  ["example.test", "All"],
  ["fabrikam.test", "Tree"],
  ["x.y.fabrikam.test", "Tree"],
  ["notfabrikam.test", "All"],
  ["sales.fabrikam.test", "Below"],
  ["b.sales.fabrikam.test", "Below"],
  ["a.sales.fabrikam.test", "One"],
  ["x.a.sales.fabrikam.test", "Below"],
] as const) {
  test(`remote domain: ${asked} is under ${found}`, () => {
    assert.equal(findRemoteDomain(ORGANIZATION, domain(asked))?.name, found);
  });
}

test("without remote domains nothing is said of any", () => {
  assert.equal(findRemoteDomain({ remoteDomains: [] }, domain("example.test")), undefined);
});

for (const [kind, asked, isTold] of [
  ["failed", "fabrikam.test", false],
  ["delayed", "fabrikam.test", false],
  ["delivered", "fabrikam.test", true],
  ["failed", "example.test", true],
  ["relayed", "example.test", false],
  ["expanded", "example.test", false],
] as const) {
  test(`a notice "${kind}" ${isTold ? "may" : "may not"} go to ${asked}`, () => {
    assert.equal(mayBeTold(kind, findRemoteDomain(ORGANIZATION, domain(asked))), isTold);
  });
}

test("one domain in two remote domains is a fault", () => {
  const text = "remoteDomains: [{ name: a, domainName: x.test }, { name: b, domainName: X.test }]";
  const context = { fileName: "f.yaml", hostName: "mail.contoso.test", cores: 1 };
  const read = parseConfiguration(text, context);
  assert.match(
    read.ok ? "" : (read.fault[0]?.message ?? ""),
    /already belongs to remote domain "a"/,
  );
});
