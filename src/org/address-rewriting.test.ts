import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfiguration } from "./configuration.ts";
import { formatFault } from "./configuration-fault.ts";

function faultsOf(entries: string): string {
  const text = `acceptedDomains:
  - { name: contoso.test, default: true }
  - { name: relay.test, domainType: InternalRelay }
${entries}`;
  const context = { fileName: "f.yaml", hostName: "mail.contoso.test", cores: 1 };
  const read = parseConfiguration(text, context);
  return read.ok ? "" : read.fault.map(formatFault).join("\n");
}

const entry = (properties: string) => `addressRewriteEntries: [{ name: a, ${properties} }]`;

for (const [why, properties, want] of [
  ["address for address", "internalAddress: a@contoso.test, externalAddress: b@x.test", /^$/],
  ["domain for domain", "internalAddress: contoso.test, externalAddress: x.test", /^$/],
  [
    "a domain with its subdomains",
    'internalAddress: "*.contoso.test", externalAddress: x.test, outboundOnly: true, ' +
      "exceptionList: [contoso.test, lab.contoso.test]",
    /^$/,
  ],
  [
    "a domain for an address",
    "internalAddress: a@contoso.test, externalAddress: x.test",
    /externalAddress: must be an address when internalAddress is one/,
  ],
  [
    "an address for a domain",
    "internalAddress: contoso.test, externalAddress: a@x.test",
    /externalAddress: must be an address when/,
  ],
  [
    "a tree outside",
    'internalAddress: "*.contoso.test", externalAddress: "*.x.test", outboundOnly: true',
    /externalAddress: "\*\.x\.test" is not a domain name/,
  ],
  [
    "a tree for both ways",
    'internalAddress: "*.contoso.test", externalAddress: x.test',
    /outboundOnly: \*\.contoso\.test needs outboundOnly: true/,
  ],
  [
    "exceptions without a tree",
    "internalAddress: contoso.test, externalAddress: x.test, exceptionList: [lab.contoso.test]",
    /exceptionList: needs an internalAddress of the form \*\.domain/,
  ],
  [
    "an exception from elsewhere",
    'internalAddress: "*.contoso.test", externalAddress: x.test, outboundOnly: true, ' +
      "exceptionList: [labcontoso.test]",
    /exceptionList: labcontoso\.test is not in \*\.contoso\.test/,
  ],
  [
    "a domain that others have too",
    "internalAddress: relay.test, externalAddress: x.test",
    /internalAddress: relay\.test is not an accepted domain that is Authoritative/,
  ],
  [
    "a stranger's address",
    "internalAddress: a@gmail.test, externalAddress: x@x.test",
    /gmail\.test is not an accepted domain/,
  ],
  [
    "UTF-8 outside",
    "internalAddress: a@contoso.test, externalAddress: ä@x.test",
    /externalAddress: "ä@x\.test" is not in ASCII/,
  ],
] as const) {
  test(`address rewrite entries: ${why}`, () => assert.match(faultsOf(entry(properties)), want));
}

test("address rewrite entries: each address is in one of them, but for the way out", () => {
  const pair = (one: string, other: string) =>
    faultsOf(`addressRewriteEntries:
  - { name: a, internalAddress: a@contoso.test, externalAddress: x@x.test }
  - { name: b, ${one}, ${other} }`);
  const own = "internalAddress: b@contoso.test";
  assert.match(pair("internalAddress: A@contoso.test", "externalAddress: y@x.test"), /already in/);
  assert.match(pair(own, "externalAddress: X@x.test"), /externalAddress: X@x.test is already in/);
  assert.equal(pair(own, "externalAddress: X@x.test, outboundOnly: true"), "");
});

test("message classifications: none can be taken for another", () => {
  const text = `messageClassifications:
  - { name: Secret, classificationID: 1234 }
  - { name: Other, displayName: "1234" }`;
  assert.match(faultsOf(text), /displayName: 1234 is that of message classification "Secret"/);
  const alone = "messageClassifications: [{ name: Secret, displayName: secret }]";
  assert.equal(faultsOf(alone), "");
});
