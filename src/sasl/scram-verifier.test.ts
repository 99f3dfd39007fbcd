import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deriveScramKeys } from "./scram-keys.ts";
import {
  formatScramVerifier,
  makeDecoyVerifier,
  makeScramVerifier,
  parseScramVerifier,
} from "./scram-verifier.ts";

// RFC 5802's user, as RFC 5803 would store him.
const STORED =
  "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE=";

test("RFC 5802's password comes to RFC 5802's keys", async () => {
  const parsed = parseScramVerifier(STORED);
  assert.ok(parsed !== undefined);
  const { salt, iterationCount, storedKey, serverKey } = parsed.verifier;
  const keys = await deriveScramKeys("sha1", { password: "pencil", salt, iterationCount });
  assert.deepEqual(keys.storedKey, storedKey);
  assert.deepEqual(keys.serverKey, serverKey);
  assert.equal(formatScramVerifier(parsed.verifier, parsed.hash), STORED);
});

for (const hash of ["sha1", "sha256"] as const) {
  test(`a verifier by ${hash} is read as it was written, and no two are alike`, async () => {
    const made = await makeScramVerifier("p\u212bss", { hash, iterationCount: 4096 });
    const parsed = parseScramVerifier(formatScramVerifier(made, hash));
    assert.deepEqual(parsed, { hash, verifier: made });
    const { salt, iterationCount } = made;
    const keys = await deriveScramKeys(hash, { password: "p\u00c5ss", salt, iterationCount });
    assert.deepEqual(keys.storedKey, made.storedKey);
    const other = await makeScramVerifier("p\u212bss", { hash, iterationCount: 4096 });
    assert.notDeepEqual(other.salt, made.salt);
  });
}

for (const [why, text] of [
  ["nothing", ""],
  ["another hash", STORED.replace("SHA-1$", "SHA-512$")],
  ["a hash that the keys are too short for", STORED.replace("SHA-1$", "SHA-256$")],
  ["too few iterations", STORED.replace("4096", "4095")],
  ["too many digits", STORED.replace("4096", "40960000")],
  ["a leading zero", STORED.replace("4096", "04096")],
  ["base64 that ends early", STORED.replace("bf92$", "bf9$")],
  ["padding that is no zero bits", STORED.replace("fTE=", "fTF=")],
  ["something behind", `${STORED}\n`],
] as const) {
  test(`parseScramVerifier refuses ${why}`, () => {
    assert.equal(parseScramVerifier(text), undefined);
  });
}

test("parseScramVerifier is total, and what it reads it writes again", () => {
  const piece = fc.constantFrom(
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "$",
    ":",
    "4096",
    "QUJD",
    "=",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      const parsed = parseScramVerifier(text);
      if (parsed !== undefined)
        assert.equal(formatScramVerifier(parsed.verifier, parsed.hash), text);
    }),
  );
});

test("a decoy is the same each time, of one user, one hash and one installation", () => {
  const options = { hash: "sha256", iterationCount: 5000, secret: Buffer.from("key") } as const;
  const decoy = makeDecoyVerifier("mallory", options);
  assert.deepEqual(makeDecoyVerifier("mallory", options), decoy);
  assert.equal(decoy.iterationCount, 5000);
  assert.deepEqual(
    parseScramVerifier(formatScramVerifier(decoy, "sha256"))?.verifier.storedKey,
    decoy.storedKey,
  );
  for (const other of [
    makeDecoyVerifier("trudy", options),
    makeDecoyVerifier("mallory", { ...options, hash: "sha1" }),
    makeDecoyVerifier("mallory", { ...options, secret: Buffer.from("other") }),
  ]) {
    assert.notDeepEqual(other.salt, decoy.salt);
    assert.notDeepEqual(other.storedKey, decoy.storedKey);
  }
});
