import assert from "node:assert/strict";
import { test } from "node:test";
import { confirmDestinations } from "./dmarc-destinations.ts";

const RECORD = "v=DMARC1; p=none";

for (const [why, to, zone, want] of [
  ["the domain itself", "a@fabrikam.test", {}, ["a@fabrikam.test"]],
  [
    "a sister of it",
    "a@reports.fabrikam.test",
    { "_dmarc.fabrikam.test": [RECORD] },
    ["a@reports.fabrikam.test"],
  ],
  ["another that says nothing", "a@victim.test", {}, []],
  [
    "another that agrees",
    "a@reader.test",
    { "fabrikam.test._report._dmarc.reader.test": ["v=DMARC1"] },
    ["a@reader.test"],
  ],
  [
    "another that agrees, and names its own address",
    "a@reader.test",
    { "fabrikam.test._report._dmarc.reader.test": ["v=DMARC1; rua=mailto:b@reader.test"] },
    ["b@reader.test"],
  ],
  [
    "another that names a third one's address",
    "a@reader.test",
    { "fabrikam.test._report._dmarc.reader.test": ["v=DMARC1; rua=mailto:b@victim.test"] },
    [],
  ],
  [
    "another with some other record",
    "a@reader.test",
    { "fabrikam.test._report._dmarc.reader.test": ["v=spf1 -all"] },
    [],
  ],
  ["a sibling below a public suffix", "a@other.test", { "_dmarc.test": [`${RECORD}; psd=y`] }, []],
  ["an address literal", "a@[192.0.2.1]", {}, []],
  ["names that cannot be asked for now", "a@reader.test", undefined, "unsure"],
] as const) {
  test(`reports to ${why}`, async () => {
    const { found, isUnsure } = await confirmDestinations(
      [{ address: to, bytesMax: Infinity }],
      { domain: "fabrikam.test", kind: "rua" },
      async (name) =>
        zone === undefined ? undefined : ((zone as Record<string, string[]>)[name] ?? []),
    );
    if (want === "unsure") assert.deepEqual([found, isUnsure], [[], true]);
    else assert.deepEqual([found.map(({ address }) => address), isUnsure], [want, false]);
  });
}

test("the tree is climbed in at most eight questions for each of the two", async () => {
  let count = 0;
  const domain = `${"a.".repeat(30)}fabrikam.test`;
  const destination = { address: `a@${"b.".repeat(30)}reader.test`, bytesMax: Infinity };
  await confirmDestinations([destination], { domain, kind: "rua" }, async () => {
    count += 1;
    return [];
  });
  assert.ok(count <= 17, String(count));
});
