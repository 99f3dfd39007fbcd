import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY, HOUR, MINUTE } from "../base/units.ts";
import {
  type FigureRow,
  type Figures,
  mergeFigures,
  NO_FIGURES,
  rollUp,
  spanStartMs,
  suitableAggregation,
} from "./figures.ts";

const NOW_MS = Date.parse("2026-06-01T12:34:56Z");

const NAMES = fc.constantFrom("outcome.relayed", "outcome.failed", "recipients", "received.SMTP");
const LEVELS = fc.constantFrom("depth", "oldestSeconds");
const SMALL = fc.nat(1_000_000);
const FIGURES: fc.Arbitrary<Figures> = fc.record({
  samples: fc.integer({ min: 1, max: 5 }),
  counts: fc.dictionary(NAMES, SMALL),
  levels: fc.dictionary(LEVELS, fc.record({ sum: SMALL, max: SMALL })),
});
const ROWS: fc.Arbitrary<readonly FigureRow[]> = fc.array(
  fc.record({ startMs: fc.nat(30 * DAY).map((at) => NOW_MS - at), figures: FIGURES }),
);

function total(rows: readonly FigureRow[]): Figures {
  return rows.reduce((sum, { figures }) => mergeFigures(sum, figures), NO_FIGURES);
}

/** Names without an order. */
function sorted({ samples, counts, levels }: Figures) {
  const inOrder = <Value>(record: Readonly<Record<string, Value>>) =>
    Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
  return { samples, counts: inOrder(counts), levels: inOrder(levels) };
}

test("rolling up loses nothing: sums, maxima and samples are equal", () => {
  fc.assert(
    fc.property(ROWS, (rows) => {
      const hours = rollUp(rows, HOUR);
      assert.deepEqual(sorted(total(hours)), sorted(total(rows)));
      assert.deepEqual(sorted(total(rollUp(hours, DAY))), sorted(total(rows)));
    }),
  );
});

test("by days at once, or by minutes and hours first: it is the same", () => {
  fc.assert(
    fc.property(ROWS, (rows) => {
      const atOnce = rollUp(rows, DAY);
      const inSteps = rollUp(rollUp(rollUp(rows, MINUTE), HOUR), DAY);
      assert.deepEqual(
        inSteps.map(({ startMs, figures }) => [startMs, sorted(figures)]),
        atOnce.map(({ startMs, figures }) => [startMs, sorted(figures)]),
      );
    }),
  );
});

test("the order of samples does not matter", () => {
  fc.assert(
    fc.property(FIGURES, FIGURES, FIGURES, (a, b, c) => {
      const left = mergeFigures(mergeFigures(a, b), c);
      assert.deepEqual(sorted(left), sorted(mergeFigures(a, mergeFigures(c, b))));
    }),
  );
});

test("rows come in order, at the beginning of their span, and none where there was nothing", () => {
  const figures = { samples: 1, counts: { recipients: 2 }, levels: { depth: { sum: 3, max: 4 } } };
  const at = (text: string) => Date.parse(`2026-06-01T${text}Z`);
  const rows = [at("10:59"), at("08:10"), at("10:00")].map((startMs) => ({ startMs, figures }));
  assert.deepEqual(rollUp(rows, HOUR), [
    { startMs: at("08:00"), figures },
    {
      startMs: at("10:00"),
      figures: { samples: 2, counts: { recipients: 4 }, levels: { depth: { sum: 6, max: 4 } } },
    },
  ]);
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
