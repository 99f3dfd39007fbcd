import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ReputationProfile, reputationLevel } from "./reputation-level.ts";

const CLEAN: ReputationProfile = {
  messages: 100,
  rated: 100,
  spam: 0,
  unauthenticated: 0,
  nameless: 0,
  oddHello: 0,
  ownHello: 0,
  unknownRecipients: 0,
  refused: 0,
  helloNames: 1,
};

for (const [why, changes, want] of [
  ["nothing against it", {}, 0],
  ["too little seen", { messages: 19, rated: 19, spam: 19 }, 0],
  ["all spam", { spam: 100 }, 7],
  ["all spam, and no name", { spam: 100, nameless: 100 }, 8],
  ["some spam, as every big sender has", { spam: 9 }, 0],
  ["half spam", { spam: 50 }, 4],
  ["one spam of two rated", { rated: 2, spam: 2 }, 1],
  ["harvests addresses", { messages: 0, rated: 0, unknownRecipients: 200 }, 4],
  ["a forwarder", { unauthenticated: 100 }, 2],
  ["calls itself by our name", { ownHello: 100 }, 4],
  ["everything", { spam: 100, ownHello: 100, unauthenticated: 100, helloNames: 16 }, 9],
] as const) {
  test(`reputationLevel: ${why} is ${want}`, () => {
    assert.equal(reputationLevel({ ...CLEAN, ...changes }).level, want);
  });
}

test("the reasons are the heaviest first, and their points make the level", () => {
  const { level, reasons } = reputationLevel({ ...CLEAN, nameless: 100, spam: 50 });
  assert.deepEqual(reasons, [
    { text: "SpamShare 0.50", points: 3.5 },
    { text: "NamelessShare 1.00", points: 1 },
  ]);
  assert.equal(level, 5);
});

test("whatever was counted, the level is from 0 to 9", () => {
  const count = fc.nat(1_000_000);
  const record = Object.fromEntries(Object.keys(CLEAN).map((name) => [name, count]));
  fc.assert(
    fc.property(fc.record(record, { noNullPrototype: true }), (profile) => {
      const { level } = reputationLevel({ ...CLEAN, ...profile });
      assert.ok(Number.isInteger(level) && level >= 0 && level <= 9);
    }),
  );
});
