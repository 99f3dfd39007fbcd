import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../base/units.ts";
import { decideBackOff, type FailureRecord, type LogonHistory, levelAt } from "./back-off.ts";

const NOW = 1_700_000_000_000;

/** So many failures, the last one so long ago. */
function failures(level: number, agoMs = 0): FailureRecord {
  return { level, lastMs: NOW - agoMs };
}

const NONE: LogonHistory = {
  pair: failures(0),
  source: failures(0),
  user: failures(0),
  isKnownSource: false,
};
const ADMITTED = { kind: "admitted", delayMs: 0 } as const;

for (const [why, history, want] of [
  ["nobody has failed", {}, ADMITTED],
  ["four failures are forgiven", { pair: failures(4) }, ADMITTED],
  [
    "the fifth costs half a minute",
    { pair: failures(5) },
    { kind: "held", by: "pair", untilMs: NOW + 30 * SECOND },
  ],
  [
    "five within minutes are five, though the first has faded a little",
    { pair: failures(4.8) },
    { kind: "held", by: "pair", untilMs: NOW + 30 * SECOND },
  ],
  ["half a minute later he may try", { pair: failures(5, 30 * SECOND) }, ADMITTED],
  [
    "each further one doubles it",
    { pair: failures(8, MINUTE) },
    { kind: "held", by: "pair", untilMs: NOW + 3 * MINUTE },
  ],
  ["up to an hour", { pair: failures(900) }, { kind: "held", by: "pair", untilMs: NOW + HOUR }],
  [
    "where the user has logged on before, his neighbours' failures don't count",
    { pair: failures(900), isKnownSource: true },
    ADMITTED,
  ],
  ["nineteen of one source are forgiven", { source: failures(19) }, ADMITTED],
  [
    "the twentieth of one source is not, whoever it was",
    { source: failures(20) },
    { kind: "held", by: "source", untilMs: NOW + 30 * SECOND },
  ],
  [
    "not even where the user has logged on before",
    { source: failures(22), isKnownSource: true },
    { kind: "held", by: "source", untilMs: NOW + 2 * MINUTE },
  ],
  ["49 failures everywhere are forgiven", { user: failures(49) }, ADMITTED],
  [
    "a user who is attacked from everywhere is slowed",
    { user: failures(51) },
    { ...ADMITTED, delayMs: 2000 },
  ],
  ["and never more than 8 seconds", { user: failures(1000) }, { ...ADMITTED, delayMs: 8000 }],
  [
    "less so when it was an hour ago",
    { user: failures(100, HOUR) },
    { ...ADMITTED, delayMs: 1000 },
  ],
  ["nor where he has logged on before", { user: failures(1000), isKnownSource: true }, ADMITTED],
] as const satisfies readonly (readonly [string, Partial<LogonHistory>, object])[]) {
  test(`decideBackOff: ${why}`, () => {
    assert.deepEqual(decideBackOff({ ...NONE, ...history }, NOW), want);
  });
}

test("failures count half after an hour, and not more when the clock is set back", () => {
  assert.equal(levelAt(failures(8, HOUR), NOW), 4);
  assert.equal(levelAt(failures(8, 3 * HOUR), NOW), 1);
  assert.equal(levelAt(failures(8, -HOUR), NOW), 8);
});
