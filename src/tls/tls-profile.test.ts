import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { tlsProfileOptions } from "./tls-profile.ts";

for (const [profile, minimum, want] of [
  ["modern", undefined, "TLSv1.3"],
  ["modern", "TLSv1", "TLSv1.3"],
  ["intermediate", undefined, "TLSv1.2"],
  ["intermediate", "TLSv1.1", "TLSv1.2"],
  ["intermediate", "TLSv1.3", "TLSv1.3"],
  ["legacy", undefined, "TLSv1"],
  ["legacy", "TLSv1.2", "TLSv1.2"],
] as const) {
  test(`${profile} with a minimum of ${minimum} begins at ${want}`, () => {
    assert.equal(tlsProfileOptions(profile, minimum).minVersion, want);
  });
}

test("what is weak is in legacy only, and every list is one that OpenSSL takes", () => {
  for (const profile of ["modern", "intermediate", "legacy"] as const) {
    const options = tlsProfileOptions(profile, undefined);
    createSecureContext(options);
    const ciphers = options.ciphers?.split(":") ?? [];
    const weak = ciphers.filter((name) => !/^TLS_|^ECDHE-.*(?:GCM|POLY1305)/.test(name));
    assert.equal(weak.length > 0, profile === "legacy");
    assert.doesNotMatch(ciphers.join(), /DES|RC4|MD5|NULL|EXP|aNULL/);
  }
});
