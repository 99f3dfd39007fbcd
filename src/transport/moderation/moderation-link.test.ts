import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatModerationLink, holdMark, openModerationLink } from "./moderation-link.ts";

const KEY = Buffer.alloc(32, 7);
const LINK = {
  networkMessageId: "0f0e0d0c-1234-4abc-8def-00112233aabb",
  hold: holdMark({ type: "Moderation", reason: "To everybody" }),
};
const TOKEN = formatModerationLink(LINK, { key: KEY, expiresMs: 10_000 });

test("a link is opened as it was made, until its time is over", () => {
  assert.deepEqual(openModerationLink(TOKEN, { key: KEY, nowMs: 9_999 }), LINK);
  assert.equal(openModerationLink(TOKEN, { key: KEY, nowMs: 10_000 }), undefined);
  assert.equal(openModerationLink(TOKEN, { key: Buffer.alloc(32, 8), nowMs: 0 }), undefined);
  assert.doesNotMatch(TOKEN, /everybody/);
});

test("no other text is a link", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 44 }),
      fc.integer({ min: 1, max: 255 }),
      fc.string(),
      (at, by, text) => {
        const bytes = Buffer.from(TOKEN, "base64url");
        bytes[at] = (bytes[at] ?? 0) ^ by;
        const how = { key: KEY, nowMs: 0 };
        assert.equal(openModerationLink(bytes.toString("base64url"), how), undefined);
        assert.equal(openModerationLink(text, how), undefined);
        assert.equal(openModerationLink(`${TOKEN}=`, how), undefined);
      },
    ),
  );
});

test("a recipient's link is not that of a rule of the same name", () => {
  const reason = "all@contoso.test";
  assert.notEqual(
    holdMark({ type: "RecipientModeration", reason }),
    holdMark({ type: "Moderation", reason }),
  );
});
