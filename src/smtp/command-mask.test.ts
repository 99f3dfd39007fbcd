import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MASKED_TEXT, maskCommand } from "./command-mask.ts";

const RESPONSE = "<authentication response>";

for (const [line, want] of [
  ["EHLO client.test", "EHLO client.test"],
  ["mail from:<a@x.test> SIZE=5", "mail from:<a@x.test> SIZE=5"],
  ["MAIL me the secret", `MAIL ${MASKED_TEXT}`],
  ["RCPT TO:<b@x.test>", "RCPT TO:<b@x.test>"],
  ["RCPT b@x.test", `RCPT ${MASKED_TEXT}`],
  ["BDAT 120 LAST", "BDAT 120 LAST"],
  ["BDAT hello", `BDAT ${MASKED_TEXT}`],
  ["DATA", "DATA"],
  ["DATA of mine", `DATA ${MASKED_TEXT}`],
  ["NOOP hunter2", `NOOP ${MASKED_TEXT}`],
  ["AUTH LOGIN", "AUTH LOGIN"],
  ["auth plain AGEAYg==", `auth plain ${RESPONSE}`],
  ["AUTH SCRAM-SHA-256-PLUS =", `AUTH SCRAM-SHA-256-PLUS ${RESPONSE}`],
  ["AUTH  PLAIN  AGEAYg==", `AUTH PLAIN ${RESPONSE}`],
  ["AUTH AGEAYg==", `AUTH ${MASKED_TEXT}`],
  ["AUTH ", `AUTH ${MASKED_TEXT}`],
  ["XCLIENT ADDR=192.0.2.1 LOGIN=alice", `XCLIENT ADDR=192.0.2.1 LOGIN=${MASKED_TEXT}`],
  ["XCLIENT login=alice hunter2", `XCLIENT LOGIN=${MASKED_TEXT} ${MASKED_TEXT}`],
  ["GET / HTTP/1.1", `GET ${MASKED_TEXT}`],
  ["XYZZY", "XYZZY"],
  ["c2VjcmV0", MASKED_TEXT],
  ["", MASKED_TEXT],
] as const) {
  test(`maskCommand: ${JSON.stringify(line)}`, () => {
    assert.equal(maskCommand(line, { isSuspect: false }), want);
  });
}

test("maskCommand: once the client is suspect, nothing unknown is shown", () => {
  assert.equal(maskCommand("Hello", { isSuspect: true }), MASKED_TEXT);
  assert.equal(maskCommand("GET /", { isSuspect: true }), MASKED_TEXT);
  assert.equal(maskCommand("RSET", { isSuspect: true }), "RSET");
});

const base64 = fc
  .uint8Array({ minLength: 9, maxLength: 60 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));

test("maskCommand: no response of any mechanism is shown, however it is put", () => {
  const mechanism = fc.constantFrom("PLAIN", "login", "NTLM", "XOAUTH2", "SCRAM-SHA-1", "X", "");
  const space = fc.constantFrom(" ", "  ", "\t");
  fc.assert(
    fc.property(base64, mechanism, space, fc.boolean(), (secret, name, gap, isSuspect) => {
      for (const line of [
        `AUTH ${name}${gap}${secret}`,
        `AUTH ${secret}`,
        `AUTH${secret}`,
        `AUTH LOGIN ${name} ${secret}`,
        `XAUTH ${name} ${secret}`,
        `LOGIN alice ${secret}`,
        `XCLIENT LOGIN=${secret}`,
        `XCLIENT LOGIN=a PASSWORD=${secret}`,
        `NOOP ${secret}`,
        `DATA ${secret}`,
        secret,
      ]) {
        const shown = maskCommand(line, { isSuspect });
        assert.ok(!shown.includes(secret), `${line} is shown as ${shown}`);
      }
    }),
  );
});
