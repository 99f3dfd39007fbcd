import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openOutgoing } from "../mail/outgoing-content.ts";
import { findForgedResults, RESULTS_FIELD } from "./forged-results.ts";

const NAME = "mail.contoso.test";

for (const [why, value, isForged] of [
  ["plainly", "mail.contoso.test; spf=pass", true],
  ["in capitals", "MAIL.Contoso.TEST; spf=pass", true],
  ["with a version", "mail.contoso.test 1; spf=pass", true],
  ["behind a comment", "(a (nested \\) one)) mail.contoso.test; spf=pass", true],
  ["before a comment", "mail.contoso.test(x); spf=pass", true],
  ["in quotes", '"mail.contoso.test"; spf=pass', true],
  ["in quotes with escapes", '"m\\ail.contoso.test"; spf=pass', true],
  ["with a last dot", "mail.contoso.test.; spf=pass", true],
  ["folded", "\r\n\tmail.contoso.test;\r\n spf=pass", true],
  ["without results", "mail.contoso.test", true],
  ["in a comment that does not end", "(mail.contoso.test; spf=pass", true],
  ["of another", "mx.fabrikam.test; spf=pass", false],
  ["of one below us", "a.mail.contoso.test; spf=pass", false],
  ["of another, of us", "mx.fabrikam.test; spf=pass smtp.helo=mail.contoso.test", false],
  ["of nobody", "; spf=pass", false],
] as const) {
  test(`Authentication-Results ${why} is ${isForged ? "" : "not "}ours`, () => {
    const header = Buffer.from(`Authentication-Results: ${value}\r\nFrom: a@b.test\r\n\r\n`);
    assert.deepEqual(findForgedResults(header, NAME), isForged ? [0] : []);
  });
}

test("the field's name counts in any case, with a space, behind a bare LF; not in the body", () => {
  const header = Buffer.from(
    "authentication-results : mail.contoso.test\nAUTHENTICATION-RESULTS: mx.test\r\n" +
      "Authentication-Results: mail.contoso.test\r\n\r\n" +
      "Authentication-Results: mail.contoso.test\r\n",
  );
  assert.deepEqual(findForgedResults(header, NAME), [0, 2]);
});

test("what is found is what header edits take out, and nothing else", async () => {
  const line = fc.constantFrom(
    "Authentication-Results: mail.contoso.test; spf=pass\r\n",
    "Authentication-Results: (c) MAIL.contoso.test\r\n ; spf=pass\r\n",
    "Authentication-Results :mail.contoso.test\n",
    "Authentication-Results: mx.fabrikam.test; spf=pass\r\n",
    "Subject: mail.contoso.test\r\n",
    " folded\r\n",
    "junk\r\n",
    "\r\n",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 40 }), async (lines, size) => {
      const content = Buffer.from(lines.join(""));
      const positions = findForgedResults(content, NAME);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < content.length; at += size)
        pieces.push(content.subarray(at, at + size));
      const source = {
        bytes: content.length,
        peek: (index: number) => pieces[index],
        read: async (index: number) => pieces[index],
      };
      const out: Uint8Array[] = [];
      const edits = [{ kind: "removeAt", name: RESULTS_FIELD, positions }] as const;
      for await (const piece of openOutgoing(source, edits)) out.push(piece);
      const left = Buffer.concat(out);
      assert.deepEqual(findForgedResults(left, NAME), []);
      assert.equal(left.length === content.length, positions.length === 0);
    }),
  );
});

test("any bytes are read to an end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const header = Buffer.concat([Buffer.from("Authentication-Results:"), bytes]);
      assert.ok(findForgedResults(header, NAME).length <= 300);
    }),
  );
});
