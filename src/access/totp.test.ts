import assert from "node:assert/strict";
import { test } from "node:test";
import { findTotpStep, formatTotpUri, makeTotpSecret } from "./totp.ts";

/** RFC 6238 Appendix B: "12345678901234567890", of whose codes the last six digits count here. */
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

for (const [seconds, code] of [
  [59, "287082"],
  [1111111109, "081804"],
  [1111111111, "050471"],
  [1234567890, "005924"],
  [2000000000, "279037"],
  [20000000000, "353130"],
] as const) {
  test(`the code of RFC 6238 at ${seconds} seconds`, () => {
    const step = Math.floor(seconds / 30);
    const asked = { secret: SECRET, code, lastStep: 0 };
    assert.equal(findTotpStep({ ...asked, nowMs: seconds * 1000 }), step);
    assert.equal(findTotpStep({ ...asked, nowMs: (step + 1) * 30_000 + 29_999 }), step, "late");
    assert.equal(findTotpStep({ ...asked, nowMs: step * 30_000 - 1 }), step, "early");
    assert.equal(findTotpStep({ ...asked, nowMs: (step + 2) * 30_000 }), undefined, "too late");
  });
}

test("a code counts once, and none before it counts after it", () => {
  const asked = { secret: SECRET, code: "081804", nowMs: 1_111_111_109_000 };
  const step = findTotpStep({ ...asked, lastStep: 0 });
  assert.ok(step !== undefined);
  assert.equal(findTotpStep({ ...asked, lastStep: step }), undefined);
  assert.equal(findTotpStep({ ...asked, lastStep: step + 1 }), undefined);
});

for (const code of ["", "287 083", "28708", "2870822", "abcdef", "２８７０８２", "-87082"]) {
  test(`"${code}" is no code`, () => {
    assert.equal(findTotpStep({ secret: SECRET, code, nowMs: 59_000, lastStep: 0 }), undefined);
  });
}

test("spaces within a code are how authenticators show it", () => {
  assert.equal(findTotpStep({ secret: SECRET, code: "287 082", nowMs: 59_000, lastStep: 0 }), 1);
});

test("an authenticator is told everything in one address", () => {
  const secret = makeTotpSecret();
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.notEqual(secret, makeTotpSecret());
  const url = new URL(formatTotpUri({ server: "mail.contoso.test", name: "alice", secret }));
  assert.equal(url.protocol, "otpauth:");
  assert.equal(url.searchParams.get("secret"), secret);
  assert.equal(url.searchParams.get("issuer"), "Postrider mail.contoso.test");
  assert.equal(url.searchParams.get("period"), "30");
});
