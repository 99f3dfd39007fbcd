import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { createAddressRewriter } from "./address-rewriter.ts";

const { addressRewriteEntries } = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: "*.contoso.test" }, { name: fabrikam.test }]
addressRewriteEntries:
  - { name: one, internalAddress: Alice@sales.contoso.test, externalAddress: info@contoso.net }
  - { name: domain, internalAddress: sales.contoso.test, externalAddress: sales.net }
  - name: tree
    internalAddress: "*.contoso.test"
    externalAddress: contoso.net
    exceptionList: [lab.contoso.test]
    outboundOnly: true
  - name: twig
    internalAddress: "*.east.contoso.test"
    externalAddress: east.net
    outboundOnly: true
  - name: chain
    internalAddress: fabrikam.test
    externalAddress: sales.contoso.test
`);
const rewriter = createAddressRewriter(addressRewriteEntries);

for (const [why, from, outbound, inbound] of [
  [
    "an address before its domain",
    "alice@SALES.contoso.test",
    "info@contoso.net",
    "alice@fabrikam.test",
  ],
  ["a domain before its tree", "bob@sales.contoso.test", "bob@sales.net", "bob@fabrikam.test"],
  ["the tree's root", "bob@contoso.test", "bob@contoso.net", undefined],
  ["a subdomain of it", "bob@a.b.contoso.test", "bob@contoso.net", undefined],
  ["the longest tree", "bob@x.east.contoso.test", "bob@east.net", undefined],
  ["an exception", "bob@lab.contoso.test", undefined, undefined],
  ["below an exception", "bob@x.lab.contoso.test", "bob@contoso.net", undefined],
  ["another domain that ends so", "bob@xcontoso.test", undefined, undefined],
  ["a stranger", "bob@example.test", undefined, undefined],
  ["back, an address", "INFO@contoso.net", undefined, "Alice@sales.contoso.test"],
  ["back, a domain", "bob@sales.net", undefined, "bob@sales.contoso.test"],
  ["not back from outbound only", "bob@contoso.net", undefined, undefined],
  ["once and not again", "bob@fabrikam.test", "bob@sales.contoso.test", undefined],
  ["quotes and case stay", '"Bob B"@contoso.test', '"Bob B"@contoso.net', undefined],
] as const) {
  test(`address rewriting: ${why}`, () => {
    assert.equal(rewriter.outbound(address(from)), outbound);
    assert.equal(rewriter.inbound(address(from)), inbound);
  });
}

test("address rewriting: an address that would be too long stays", () => {
  const local = "a".repeat(64);
  const long = `${"b.".repeat(90)}contoso.test`;
  const [entry] = addressRewriteEntries.filter(({ name }) => name === "domain");
  assert.ok(entry);
  const externalAddress = long as typeof entry.externalAddress;
  const lengthening = createAddressRewriter([{ ...entry, externalAddress }]);
  assert.equal(lengthening.outbound(address(`${local}@sales.contoso.test`)), undefined);
  assert.notEqual(lengthening.outbound(address("a@sales.contoso.test")), undefined);
});

test("address rewriting: entries for the way out only rewrite nothing that comes in", () => {
  assert.equal(rewriter.isInbound, true);
  const out = addressRewriteEntries.filter(({ outboundOnly }) => outboundOnly);
  assert.equal(createAddressRewriter(out).isInbound, false);
});
