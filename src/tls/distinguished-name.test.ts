import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type CertificateName,
  isCertificateNamed,
  parseDistinguishedName,
} from "./distinguished-name.ts";

// As node:crypto gives them.
const SUBJECT = 'C=DE\nOU=x + O=Contoso\\, \\"GmbH\\"\nCN=mail.contoso.test';
const ISSUER = "C=DE\nO=Example CA\nCN=Root R1\nemailAddress=ca@example.test";

for (const [why, name, want] of [
  ["RFC 4514, most specific first", 'CN=mail.contoso.test,O=Contoso\\, \\"GmbH\\"+OU=x,C=DE', true],
  [
    "the other order, spaces",
    'C = DE, OU = x,  O = "Contoso, \\"GmbH\\"", CN = mail.contoso.test',
    true,
  ],
  ["OpenSSL's slashes", '/C=DE/OU=x/O=Contoso, \\"GmbH\\"/CN=mail.contoso.test', true],
  ["escaped octets", "CN=mail.contoso.test; O=Contoso\\2C \\22GmbH\\22; OU=x; C=DE", true],
  ["case and runs of spaces", 'cn=MAIL.contoso.TEST, o=contoso\\,   \\"gmbh\\", ou=X, c=de', true],
  [
    "object identifiers",
    'OID.2.5.4.3=mail.contoso.test,2.5.4.10=Contoso\\, \\"GmbH\\",OU=x,C=DE',
    true,
  ],
  ["an attribute is missing", "CN=mail.contoso.test,C=DE", false],
  ["one too many", 'CN=mail.contoso.test,O=Contoso\\, \\"GmbH\\",OU=x,C=DE,L=Bonn', false],
  ["another value", 'CN=mail2.contoso.test,O=Contoso\\, \\"GmbH\\",OU=x,C=DE', false],
  ["a value that holds an attribute", "CN=mail.contoso.test\\,O=Contoso,OU=x,C=DE", false],
  ["no name", "mail.contoso.test", false],
  ["empty", "", false],
] as const) {
  test(`a subject: ${why}`, () => {
    const wanted: CertificateName = { issuer: undefined, subject: name };
    assert.equal(isCertificateNamed(wanted, { issuer: ISSUER, subject: SUBJECT }), want);
  });
}

for (const [why, wanted, want] of [
  ["by issuer alone", { issuer: "E=ca@example.test,CN=Root R1,O=Example CA,C=DE" }, true],
  ["both fit", { issuer: ISSUER, subject: SUBJECT }, true],
  ["the issuer does not fit", { issuer: "CN=Root R2", subject: SUBJECT }, false],
  ["the subject does not fit", { issuer: ISSUER, subject: "CN=x" }, false],
  ["neither is given", {}, false],
] as const) {
  test(`a certificate: ${why}`, () => {
    const name = { issuer: undefined, subject: undefined, ...wanted };
    assert.equal(isCertificateNamed(name, { issuer: ISSUER, subject: SUBJECT }), want);
  });
}

test("what is no name equals nothing, itself included", () => {
  assert.equal(
    isCertificateNamed({ issuer: undefined, subject: "x" }, { issuer: "x", subject: "x" }),
    false,
  );
});

test("any text is read without a throw, and either order is the same name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      parseDistinguishedName(text);
    }),
  );
  const value = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((text) => text.trim() !== "");
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
      const lines = values
        .map(
          (text) =>
            `O=${text.replace(/[\\",;+<>=#/\n]/g, (one) => `\\${one === "\n" ? "0A" : one}`)}`,
        )
        .join("\n");
      const certificate = { issuer: "CN=x", subject: lines.split("\n").reverse().join(", ") };
      assert.ok(isCertificateNamed({ issuer: undefined, subject: lines }, certificate));
    }),
  );
  assert.equal(parseDistinguishedName(`CN=${"x".repeat(8190)}`), undefined);
});
