import assert from "node:assert/strict";
import { test } from "node:test";
import { selectLanguage, setLanguage, textsOf } from "./texts.ts";

for (const [why, wanted, expected] of [
  ["the first that there is", ["nl-BE", "de-AT", "fr"], "de"],
  ["English is there", ["en-GB", "de"], "en"],
  ["in capitals", ["FR"], "fr"],
  ["none of them", ["sw", "ja-JP"], "en"],
  ["nothing is wanted", [], "en"],
] as const) {
  test(`the language: ${why}`, () => {
    assert.equal(selectLanguage(wanted, ["de", "fr"]), expected);
  });
}

test("what a language lacks stays English", () => {
  setLanguage({ queues: { stop: "Anhalten" } });
  const en = { stop: "Stop", go: "Go" };
  assert.deepEqual(textsOf("queues", en), { stop: "Anhalten", go: "Go" });
  assert.deepEqual(textsOf("trace", en), en);
  setLanguage({});
});
