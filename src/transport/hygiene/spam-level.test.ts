import assert from "node:assert/strict";
import { test } from "node:test";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { leastLevelOf, spamFate, spamLevel } from "./spam-level.ts";

const config = (text = "") =>
  organizationOf(`contentFilterConfig: { ${text} }`).scanning.contentFilterConfig;

for (const [text, score, want] of [
  ["source: Rspamd", 0, 0],
  ["source: Rspamd", -5, 0],
  ["source: Rspamd", 5.999, 5],
  ["source: Rspamd", 5.99, 4],
  ["source: Rspamd", 14.99, 6],
  ["source: Rspamd", 15, 7],
  ["source: Rspamd", 1234, 9],
  ["source: SpamAssassin", 4.9, 4],
  ["source: SpamAssassin", 5, 5],
  ["source: BuiltIn", 9, 9],
  ["sclScores: [1, 2, 3, 4, 5, 6, 7, 8, 900]", 0.08, 8],
] as const) {
  test(`spamLevel: ${text}, ${score}`, () => {
    assert.equal(spamLevel(config(text), score), want);
  });
}

test("leastLevelOf: what rspamd has decided counts", () => {
  assert.deepEqual(
    (["reject", "add header", "greylist", "no action", "other"] as const).map(leastLevelOf),
    [7, 5, 0, 0, 0],
  );
});

const ALL =
  "sclDeleteEnabled: true, sclDeleteThreshold: 9, sclQuarantineEnabled: true, " +
  "sclQuarantineThreshold: 5";

for (const [text, level, want] of [
  ["", 6, "deliver"],
  ["", 7, "reject"],
  ["", 9, "reject"],
  [ALL, 4, "deliver"],
  [ALL, 5, "quarantine"],
  [ALL, 6, "quarantine"],
  [ALL, 8, "reject"],
  [ALL, 9, "delete"],
  ["sclRejectEnabled: false", 9, "deliver"],
] as const) {
  test(`spamFate: level ${level} with { ${text.slice(0, 20)} }`, () => {
    assert.equal(spamFate(config(text), level), want);
  });
}
