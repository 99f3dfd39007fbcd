import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY, HOUR, MINUTE } from "../base/units.ts";
import { type Figures, spanStartMs, suitableAggregation, sumFigures } from "./figures.ts";

const NOW_MS = Date.parse("2026-06-01T12:34:56Z");

const NAMES = fc.constantFrom("outcome.relayed", "outcome.failed", "recipients", "received.SMTP");
const LEVELS = fc.constantFrom("depth", "oldestSeconds");
const SMALL = fc.nat(1_000_000);
const FIGURES: fc.Arbitrary<Figures> = fc.record({
  samples: fc.integer({ min: 1, max: 5 }),
  counts: fc.dictionary(NAMES, SMALL),
  levels: fc.dictionary(LEVELS, fc.record({ sum: SMALL, max: SMALL })),
});
/** Names without an order. */
function sorted({ samples, counts, levels }: Figures) {
  const inOrder = <Value>(record: Readonly<Record<string, Value>>) =>
    Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
  return { samples, counts: inOrder(counts), levels: inOrder(levels) };
}

test("the order and the grouping of samples do not matter, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(FIGURES), fc.nat(), (all, cut) => {
      const at = cut % (all.length + 1);
      const parts = [sumFigures(all.slice(at)), sumFigures(all.slice(0, at))];
      assert.deepEqual(sorted(sumFigures(parts)), sorted(sumFigures(all)));
    }),
  );
  const left = { samples: 1, counts: { a: 2 }, levels: { depth: { sum: 3, max: 3 } } };
  const right = { samples: 2, counts: { a: 3, b: 1 }, levels: { depth: { sum: 4, max: 2 } } };
  assert.deepEqual(sumFigures([left, right]), {
    ...{ samples: 3, counts: { a: 5, b: 1 }, levels: { depth: { sum: 7, max: 3 } } },
  });
  assert.deepEqual(left.counts, { a: 2 }, "untouched");
});

test("a span begins in UTC", () => {
  const at = (text: string) => Date.parse(`2026-06-01T${text}Z`);
  assert.equal(spanStartMs(at("23:59"), DAY), at("00:00"));
});

for (const [why, startMs, endMs, want] of [
  ["an hour", NOW_MS - HOUR, NOW_MS, "Minute"],
  ["400 minutes", NOW_MS - 400 * MINUTE, NOW_MS, "Minute"],
  ["one more", NOW_MS - 401 * MINUTE, NOW_MS, "TenMinutes"],
  ["a day", NOW_MS - DAY, NOW_MS, "TenMinutes"],
  ["a week", NOW_MS - 7 * DAY, NOW_MS, "Hour"],
  ["a month", NOW_MS - 30 * DAY, NOW_MS, "Day"],
  ["a year", NOW_MS - 365 * DAY, NOW_MS, "Day"],
  ["an hour of last week", NOW_MS - 7 * DAY, NOW_MS - 7 * DAY + HOUR, "TenMinutes"],
  ["an hour of last month", NOW_MS - 30 * DAY, NOW_MS - 30 * DAY + HOUR, "Hour"],
] as const) {
  test(`suitableAggregation: ${why} by ${want}`, () => {
    assert.equal(suitableAggregation({ startMs, endMs }, NOW_MS), want);
  });
}
