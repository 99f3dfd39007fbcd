import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress, parseDomain } from "../mail/address.ts";
import { organizationOf, sampleReceiveConnector } from "../org/sample-objects.fake.ts";
import {
  nameContextOf,
  resolveDomainUser,
  resolvePrincipal,
  resolveUserName,
} from "./user-name.ts";

const { acceptedDomains } = organizationOf(`
acceptedDomains:
  - { name: contoso.test, default: true }
  - { name: sales.contoso.test }
  - { name: "*.branch.test" }
  - { name: twin.one.test }
  - { name: twin.two.test }
`);
const CONTEXT = nameContextOf(acceptedDomains, sampleReceiveConnector());

for (const [why, name, want] of [
  ["an address as it stands", "alice@fabrikam.test", "alice@fabrikam.test"],
  ["the domain's case", "Alice@CONTOSO.TEST", "Alice@contoso.test"],
  ["a bare name in the default domain", "alice", "alice@contoso.test"],
  ["letters beyond ASCII", "jürgen", "jürgen@contoso.test"],
  ["a Windows domain by its first label", "SALES\\alice", "alice@sales.contoso.test"],
  ["a Windows domain by its DNS name", "sales.contoso.test\\alice", "alice@sales.contoso.test"],
  ["an unknown Windows domain", "WORKGROUP\\alice", "alice@contoso.test"],
  ["a first label that two domains have", "TWIN\\alice", "alice@contoso.test"],
  ["an address behind a Windows domain", "CONTOSO\\a@sales.contoso.test", "a@sales.contoso.test"],
  ["a backslash in a quoted local part", '"a\\\\b"@contoso.test', '"a\\\\b"@contoso.test'],
  ["needless quotes", '"alice"@contoso.test', "alice@contoso.test"],
  ["nothing", "", undefined],
  ["a Windows domain alone", "CONTOSO\\", undefined],
  ["no Windows domain before the backslash", "\\alice", "alice@contoso.test"],
  ["two backslashes", "A\\B\\alice", undefined],
  ["a space", "alice smith", undefined],
  ["an address without a local part", "@contoso.test", undefined],
  ["two addresses", "alice@contoso.test,bob@contoso.test", undefined],
  ["a control", "alice\r\nRSET", undefined],
  ["too long a name", "a".repeat(600), undefined],
] as const) {
  test(`resolveUserName: ${why}`, () => assert.equal(resolveUserName(name, CONTEXT), want));
}

for (const [why, name, domain, want] of [
  ["a NetBIOS domain", "alice", "CONTOSO", "alice@contoso.test"],
  ["another one of ours", "alice", "Sales", "alice@sales.contoso.test"],
  ["the client's own machine", "alice", "DESKTOP-7", "alice@contoso.test"],
  ["no domain", "alice", "", "alice@contoso.test"],
  ["an address and a domain", "alice@sales.contoso.test", "CONTOSO", "alice@sales.contoso.test"],
  ["a domain that is none", "alice", "CON TOSO", undefined],
] as const) {
  test(`resolveDomainUser: ${why}`, () => {
    assert.equal(resolveDomainUser(name, domain, CONTEXT), want);
  });
}

for (const [why, name, realm, want] of [
  ["a realm that is a domain of ours", "alice", "CONTOSO.TEST", "alice@contoso.test"],
  ["a realm below one of ours", "alice", "EU.BRANCH.TEST", "alice@eu.branch.test"],
  ["a realm in other case, which is another realm", "alice", "contoso.test", undefined],
  ["a foreign realm", "alice", "FABRIKAM.TEST", undefined],
  ["a host's principal", "host/mail.contoso.test", "CONTOSO.TEST", undefined],
  ["an escaped @", "alice\\@contoso.test", "CONTOSO.TEST", undefined],
  ["a name with an address in it", "alice@contoso.test", "CONTOSO.TEST", undefined],
  ["no realm", "alice", "", undefined],
] as const) {
  test(`resolvePrincipal: ${why}`, () => {
    assert.equal(resolvePrincipal(name, realm, CONTEXT), want);
  });
}

test("the connector's default domain goes before the organization's", () => {
  const defaultDomain = parseDomain("sales.contoso.test");
  const context = nameContextOf(acceptedDomains, { defaultDomain });
  assert.equal(resolveUserName("alice", context), "alice@sales.contoso.test");
  assert.equal(
    resolveUserName("alice", nameContextOf([], { defaultDomain: undefined })),
    undefined,
  );
});

test("any text means an address or nobody", () => {
  const piece = fc.constantFrom("alice", "@", "\\", "contoso.test", '"', "CONTOSO", "/", "\0", ".");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, text, (name, domain) => {
      for (const address of [
        resolveUserName(name, CONTEXT),
        resolveDomainUser(name, domain, CONTEXT),
        resolvePrincipal(name, domain, CONTEXT),
      ]) {
        if (address === undefined) continue;
        assert.equal(parseAddress(address, { smtpUtf8: true }), address);
      }
    }),
    { numRuns: 1000 },
  );
});
