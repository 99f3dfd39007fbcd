import assert from "node:assert/strict";
import { test } from "node:test";
import { NOUNS } from "./nouns.ts";
import { titleOf, withArticle } from "./object-title.ts";

for (const [noun, sentence] of [
  ["AcceptedDomain", "an accepted domain"],
  ["ReceiveConnector", "a receive connector"],
  ["IPBlockListProvider", "an IP block list provider"],
  ["OAuthIssuer", "an OAuth issuer"],
  ["TlsPolicy", "a TLS policy"],
] as const) {
  test(`${noun} is ${sentence}`, () => assert.equal(withArticle(titleOf({ noun })), sentence));
}

test("no noun begins with u, of which no rule knows how it sounds", () => {
  for (const noun of NOUNS) assert.doesNotMatch(titleOf(noun), /^u/i);
});
