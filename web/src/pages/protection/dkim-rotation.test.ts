import assert from "node:assert/strict";
import { test } from "node:test";
import { type DkimFacts, dkimKeys, dkimPhase, keysToPublish } from "./dkim-rotation.ts";

const CONFIG: DkimFacts = {
  Enabled: true,
  RsaKey: { Selector: "s1", PrivateKey: "***" },
  Ed25519Key: null,
  NextRsaKey: { Selector: "s2", PrivateKey: "***" },
  NextEd25519Key: null,
  RotateOnDate: "2031-05-10T00:00:00Z",
  DnsRecords: [
    's1._domainkey.contoso.test. IN TXT "v=DKIM1; k=rsa; p=AAA" "BBB"',
    's2._domainkey.contoso.test. IN TXT "v=DKIM1; k=rsa; p=CCC"',
  ],
};
const BEFORE = Date.parse("2031-05-09T00:00:00Z");
const AFTER = Date.parse("2031-05-11T00:00:00Z");

function uses(facts: DkimFacts, nowMs: number) {
  return dkimKeys(facts, nowMs).map(({ selector, use }) => `${selector} ${use}`);
}

test("until its date a rotation waits; then the next keys sign", () => {
  assert.equal(dkimPhase(CONFIG, BEFORE), "waiting");
  assert.deepEqual(uses(CONFIG, BEFORE), ["s1 signs", "s2 next"]);
  assert.equal(dkimPhase(CONFIG, AFTER), "signing");
  assert.deepEqual(uses(CONFIG, AFTER), ["s1 past", "s2 signs"]);
});

test("a domain that does not sign yet publishes its first keys", () => {
  const fresh = { ...CONFIG, Enabled: false, NextRsaKey: null, RotateOnDate: null };
  assert.equal(dkimPhase(fresh, BEFORE), "new");
  const [key, ...others] = keysToPublish(dkimKeys(fresh, BEFORE), "new");
  assert.deepEqual(others, []);
  assert.equal(key?.name, "s1._domainkey.contoso.test");
  assert.equal(key?.value, "v=DKIM1; k=rsa; p=AAABBB");
});

test("a rotation publishes the next keys alone", () => {
  const keys = keysToPublish(dkimKeys(CONFIG, BEFORE), "waiting");
  assert.deepEqual(
    keys.map(({ selector }) => selector),
    ["s2"],
  );
});
