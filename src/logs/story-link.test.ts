import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { digestRecipient, formatStoryLink, openStoryLink, type StoryLink } from "./story-link.ts";

const key = Buffer.alloc(32, 7);
const nowMs = Date.parse("2026-03-01T10:00:00Z");
const LINK: StoryLink = {
  networkMessageId: "0a1b2c3d-0000-4000-8000-0000000000ff",
  recipient: "Bob@Contoso.test",
  expiresMs: nowMs + 60_000,
  isAnonymous: true,
};

test("a link says again what was put into it", () => {
  const text = formatStoryLink(LINK, key);
  assert.match(text, /^[\w-]{62}$/);
  const { recipient, ...rest } = LINK;
  const recipientDigest = digestRecipient("bob@contoso.test");
  assert.deepEqual(openStoryLink(text, { key, nowMs }), { ...rest, recipientDigest });
  const plain = formatStoryLink({ ...LINK, recipient: undefined, isAnonymous: false }, key);
  const opened = openStoryLink(plain, { key, nowMs });
  assert.equal(opened?.recipientDigest, undefined);
  assert.equal(opened?.isAnonymous, false);
});

test("a link ends at its time, to the second", () => {
  const text = formatStoryLink(LINK, key);
  assert.ok(openStoryLink(text, { key, nowMs: LINK.expiresMs - 1 }));
  assert.equal(openStoryLink(text, { key, nowMs: LINK.expiresMs }), undefined);
});

test("another key, or any other octet, makes no link (property)", () => {
  const bytes = Buffer.from(formatStoryLink(LINK, key), "base64url");
  assert.equal(
    openStoryLink(bytes.toString("base64url"), { key: Buffer.alloc(32, 8), nowMs }),
    undefined,
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const forged = Buffer.from(bytes);
      forged[at] = (forged[at] ?? 0) ^ change;
      assert.equal(openStoryLink(forged.toString("base64url"), { key, nowMs }), undefined);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(openStoryLink(text, { key, nowMs }), undefined);
    }),
  );
});
