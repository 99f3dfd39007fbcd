import assert from "node:assert/strict";
import { test } from "node:test";
import { mailboxFromRow } from "../org/recipient-reader.ts";
import { sampleMailbox } from "../org/sample-objects.fake.ts";
import type { PeerCertificateFacts } from "../smtp/session-handler.ts";
import { certificateAddresses, isCertificateOf } from "./certificate-match.ts";

const FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");
const CERTIFICATE: PeerCertificateFacts = {
  subject: "CN=Alice, O=Contoso",
  issuer: "CN=Contoso CA",
  dnsNames: [],
  emailAddresses: [],
  fingerprint: FINGERPRINT,
  verified: true,
  fault: undefined,
};

function alice(properties: object) {
  const primarySmtpAddress = sampleMailbox("alice@contoso.test").primarySmtpAddress;
  const json = JSON.stringify({
    name: "alice",
    primarySmtpAddress,
    emailAddresses: ["a.smith@contoso.test"],
    ...properties,
  });
  const found = mailboxFromRow({ kind: "mailbox", name: "alice", json, memberCount: 0 });
  assert.ok(found);
  return found;
}

const NAMED = { certificateNames: ["<I>CN=Contoso CA<S>CN=Alice,O=Contoso"] };
const PINNED = { certificateFingerprints: [FINGERPRINT.replaceAll(":", "").toLowerCase()] };
const UNTRUSTED = { verified: false, fault: "self-signed certificate" };

for (const [why, certificate, properties, want] of [
  ["for one of its addresses", { emailAddresses: ["A.Smith@contoso.test"] }, {}, true],
  ["for another address", { emailAddresses: ["bob@contoso.test"] }, {}, false],
  [
    "for its address, but from nobody",
    { emailAddresses: ["alice@contoso.test"], ...UNTRUSTED },
    {},
    false,
  ],
  ["by name", {}, NAMED, true],
  ["by name, from another authority", { issuer: "CN=Other CA" }, NAMED, false],
  ["by name, but self-signed", UNTRUSTED, NAMED, false],
  ["by fingerprint", {}, PINNED, true],
  ["by fingerprint, self-signed", UNTRUSTED, PINNED, true],
  ["with another fingerprint", { fingerprint: FINGERPRINT.replace("AB", "AC") }, PINNED, false],
  ["without anything", {}, {}, false],
] as const) {
  test(`a certificate logs on as a mailbox: ${why}`, () => {
    assert.equal(isCertificateOf({ ...CERTIFICATE, ...certificate }, alice(properties)), want);
  });
}

test("the addresses of a certificate are those that are some, if it is valid", () => {
  const emailAddresses = ["alice@contoso.test", "not one", ...new Array(50).fill("b@contoso.test")];
  const found = certificateAddresses({ ...CERTIFICATE, emailAddresses });
  assert.equal(found.length, 7);
  assert.deepEqual(certificateAddresses({ ...CERTIFICATE, emailAddresses, ...UNTRUSTED }), []);
});
