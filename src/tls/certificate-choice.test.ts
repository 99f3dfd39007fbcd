import assert from "node:assert/strict";
import { test } from "node:test";
import { type CertificateFacts, chooseCertificates } from "./certificate-choice.ts";

const NOW_MS = 1000;

interface Named extends CertificateFacts {
  readonly label: string;
}

function certificate(label: string, names: string, change: Partial<CertificateFacts> = {}): Named {
  return {
    label,
    names: names.split(" "),
    subject: `O=Contoso\nCN=${label}`,
    issuer: "CN=Example CA",
    keyType: "ec",
    selfSigned: false,
    validFromMs: 10,
    validToMs: 2000,
    ...change,
  };
}

const EXACT = certificate("exact", "mail.contoso.test contoso.test");
const WILDCARD = certificate("wildcard", "*.contoso.test", { validFromMs: 500 });
const SELF_SIGNED = certificate("self-signed", "mail.contoso.test", {
  selfSigned: true,
  validFromMs: 900,
});
const NEWER = certificate("newer", "mail.contoso.test", { validFromMs: 20 });
const EXPIRED = certificate("expired", "mail.contoso.test", { validFromMs: 950, validToMs: 999 });
const FUTURE = certificate("future", "mail.contoso.test", { validFromMs: 1001 });

for (const [why, certificates, fqdn, want] of [
  ["an exact name before a newer wildcard", [WILDCARD, EXACT], "mail.contoso.test", "exact"],
  [
    "an exact self-signed before a wildcard",
    [WILDCARD, SELF_SIGNED],
    "mail.contoso.test",
    "self-signed",
  ],
  ["from a CA before a newer self-signed", [SELF_SIGNED, EXACT], "mail.contoso.test", "exact"],
  ["the newest of equals", [EXACT, NEWER], "mail.contoso.test", "newer"],
  ["neither expired nor not yet valid", [EXPIRED, FUTURE, EXACT], "mail.contoso.test", "exact"],
  ["case does not matter", [EXACT], "MAIL.Contoso.test", "exact"],
  ["the wildcard for another host", [EXACT, WILDCARD], "smtp.contoso.test", "wildcard"],
  ["a wildcard stands for one label", [WILDCARD], "a.b.contoso.test", undefined],
  ["a wildcard does not stand for none", [WILDCARD], "contoso.test", undefined],
  [
    "no wildcard over a top-level domain",
    [certificate("tld", "*.test")],
    "contoso.test",
    undefined,
  ],
  ["none that matches", [EXACT], "mail.fabrikam.test", undefined],
  ["none at all", [], "mail.contoso.test", undefined],
] as const) {
  test(`chooseCertificates: ${why}`, () => {
    const wish = { pinned: undefined, fqdns: [fqdn] };
    assert.equal(chooseCertificates<Named>(certificates, wish, NOW_MS)[0]?.label, want);
  });
}

const RSA = certificate("rsa", "mail.contoso.test", { keyType: "rsa", validFromMs: 15 });
const RSA_SELF = certificate("rsa-self", "mail.contoso.test", { keyType: "rsa", selfSigned: true });
const OTHER = certificate("other", "mail.fabrikam.test");

for (const [why, certificates, pinned, fqdns, want] of [
  [
    "the first name that has one",
    [EXACT, OTHER],
    undefined,
    ["x.test", "mail.fabrikam.test"],
    "other",
  ],
  [
    "a twin with the other kind of key",
    [RSA, EXACT, NEWER],
    undefined,
    ["mail.contoso.test"],
    "newer rsa",
  ],
  ["no twin that is worse", [RSA_SELF, EXACT], undefined, ["mail.contoso.test"], "exact"],
  [
    "pinned by subject, whatever the name",
    [EXACT, OTHER],
    "<S>CN = other, O = contoso",
    ["mail.contoso.test"],
    "other",
  ],
  ["pinned and not there", [EXACT], "<S>CN=other", ["mail.contoso.test"], ""],
  ["pinned and expired", [EXPIRED], "<S>CN=expired,O=Contoso", ["mail.contoso.test"], ""],
  ["pinned by issuer: the newest", [EXACT, NEWER], "<I>CN=Example CA", [], "newer"],
] as const) {
  test(`chooseCertificates: ${why}`, () => {
    const issuer = pinned?.startsWith("<I>") ? pinned.slice(3) : undefined;
    const subject = pinned?.startsWith("<S>") ? pinned.slice(3) : undefined;
    const wish = { pinned: pinned === undefined ? undefined : { issuer, subject }, fqdns };
    const chosen = chooseCertificates<Named>(certificates, wish, NOW_MS);
    assert.equal(chosen.map(({ label }) => label).join(" "), want);
  });
}
