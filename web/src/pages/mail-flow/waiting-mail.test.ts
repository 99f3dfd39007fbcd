import assert from "node:assert/strict";
import { test } from "node:test";
import { groupWords, queueFilter } from "./waiting-mail.ts";

test("words are grouped, the most frequent first", () => {
  const rows = ["450 busy", null, "450 busy", "421 later", "421 later", "450 busy"];
  assert.deepEqual(groupWords(rows.map((Detail) => ({ Detail }))), [
    { words: "450 busy", count: 3 },
    { words: "421 later", count: 2 },
    { words: "", count: 1 },
  ]);
});

test("a filter stays one text whatever the domain is", () => {
  assert.equal(queueFilter("x' -or 1"), "NextHopDomain -eq 'x'' -or 1'");
});
