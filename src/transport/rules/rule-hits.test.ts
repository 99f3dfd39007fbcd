import assert from "node:assert/strict";
import { test } from "node:test";
import { joinRuleHits, RuleHits } from "./rule-hits.ts";

test("hits of all threads are added up; the last one and the latest beginning stay", () => {
  const one = new RuleHits(100);
  const other = new RuleHits(250);
  one.count("Programs", 300);
  one.count("Programs", 320);
  other.count("Programs", 310);
  other.count("Outside", 305);
  assert.deepEqual(joinRuleHits([one.report(), other.report()]), {
    sinceMs: 250,
    hits: [
      { name: "Programs", count: 3, lastMs: 320 },
      { name: "Outside", count: 1, lastMs: 305 },
    ],
  });
});

test("names that come and go do not fill the memory", () => {
  const hits = new RuleHits(0);
  for (let at = 0; at < 10_050; at += 1) hits.count(`rule ${at}`, at);
  hits.count("rule 7", 20_000);
  const { hits: all } = hits.report();
  assert.equal(all.length, 10_000);
  assert.equal(all[7]?.count, 2);
});
