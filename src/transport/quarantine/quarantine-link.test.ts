import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatQuarantineLink, openQuarantineLink } from "./quarantine-link.ts";

const KEY = Buffer.alloc(32, 7);
const LINK = { messageId: 4_711, position: 2 ** 33 + 5, expiresMs: 1_900_000_000_000 };
const BEFORE = { key: KEY, nowMs: LINK.expiresMs - 1 };

test("a link opens as it was made, until its time is over", () => {
  const token = formatQuarantineLink(LINK, KEY);
  assert.match(token, /^[\w-]{44}$/);
  assert.deepEqual(openQuarantineLink(token, BEFORE), LINK);
  assert.equal(openQuarantineLink(token, { key: KEY, nowMs: LINK.expiresMs }), undefined);
  assert.equal(openQuarantineLink(token, { ...BEFORE, key: Buffer.alloc(32, 8) }), undefined);
});

test("no other text opens: any bit changed, cut, or written in another way", () => {
  const token = formatQuarantineLink(LINK, KEY);
  const bytes = Buffer.from(token, "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(openQuarantineLink(changed.toString("base64url"), BEFORE), undefined, `${bit}`);
  }
  for (const other of ["", token.slice(1), `${token}A`, `${token}=`, ` ${token}`, `${token}\n`]) {
    assert.equal(openQuarantineLink(other, BEFORE), undefined, JSON.stringify(other));
  }
});

test("whatever comes, it is opened or not, and never throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      assert.equal(openQuarantineLink(text, BEFORE), undefined);
    }),
  );
});
