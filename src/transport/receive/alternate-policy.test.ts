import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../mail/address.ts";
import { sampleMailbox } from "../../org/sample-objects.fake.ts";
import { judgeAlternate } from "./alternate-policy.ts";
import type { RecipientDecision } from "./recipient-policy.ts";

const BOB = sampleMailbox("bob@contoso.test");
const addresses = ["bob@contoso.test" as Address] as const;
const OURS = { kind: "look-up", addresses, ifUnknown: "refuse" } as const;

for (const [why, decision, found, want] of [
  ["whoever needs no lookup", { kind: "accept" }, undefined, undefined],
  ["a foreign one for strangers", { kind: "refuse", reason: "relay-denied" }, undefined, "5.7.54"],
  ["a name that no domain has", { kind: "refuse", reason: "single-label" }, undefined, "5.7.54"],
  ["one of ours", OURS, [BOB], undefined],
  ["nobody of ours", OURS, [undefined], "5.7.54"],
  [
    "nobody that we know where others are",
    { ...OURS, ifUnknown: "accept" },
    [undefined],
    undefined,
  ],
  ["a directory that is down", OURS, undefined, "4.3.0"],
] as const satisfies readonly (readonly [string, RecipientDecision, ...unknown[]])[]) {
  test(`an alternate recipient: ${why}`, async () => {
    const verdict = await judgeAlternate(decision, async () => found);
    assert.equal(verdict?.status, want);
  });
}
