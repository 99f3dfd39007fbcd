import assert from "node:assert/strict";
import { test } from "node:test";
import { type CertificateFacts, selectCertificate } from "./certificate-choice.ts";

const NOW_MS = 1000;

interface Named extends CertificateFacts {
  readonly label: string;
}

function certificate(label: string, names: string, change: Partial<CertificateFacts> = {}): Named {
  const facts = { names: names.split(" "), selfSigned: false, validFromMs: 10, validToMs: 2000 };
  return { label, ...facts, ...change };
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
  test(`selectCertificate: ${why}`, () => {
    assert.equal(selectCertificate<Named>(certificates, fqdn, NOW_MS)?.label, want);
  });
}
