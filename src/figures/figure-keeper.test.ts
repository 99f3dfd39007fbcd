import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { DAY, HOUR, MINUTE } from "../base/units.ts";
import { openFigureStore } from "../store/figure-sqlite.ts";
import { StoreFailure } from "../store/queue-store.ts";
import { DayCalendar } from "./day-calendar.ts";
import { FigureKeeper, type FigureSample } from "./figure-keeper.ts";
import { FIGURES_MS, openFigureRoom } from "./figure-room.fake.ts";
import type { Figures } from "./figures.ts";

const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

async function room(t: TestContext) {
  const opened = await openFigureRoom();
  t.after(() => opened.remove());
  return opened;
}

function figures(relayed: number): Figures {
  return { samples: 1, counts: { "outcome.relayed": relayed }, levels: {} };
}

function sample(sequence: number, startMs: number, relayed = 1): FigureSample {
  return { run: "first", sequence, startMs, figures: figures(relayed) };
}

test("a sample is in the rows of all resolutions at once", async (t) => {
  const keeper = (await room(t)).open();
  keeper.keep(sample(1, FIGURES_MS, 2));
  keeper.keep(sample(2, FIGURES_MS + MINUTE, 3));
  keeper.keep(sample(3, FIGURES_MS + 40 * MINUTE, 4));
  const counted = (resolution: "Minute" | "TenMinutes" | "Hour") =>
    keeper
      .rows(resolution, ALL)
      .map((row) => [row.startMs - FIGURES_MS, row.figures.counts["outcome.relayed"]]);
  assert.deepEqual(counted("Minute"), [
    [0, 2],
    [MINUTE, 3],
    [40 * MINUTE, 4],
  ]);
  assert.deepEqual(counted("TenMinutes"), [
    [0, 5],
    [40 * MINUTE, 4],
  ]);
  assert.deepEqual(counted("Hour"), [
    [-30 * MINUTE, 5],
    [30 * MINUTE, 4],
  ]);
  assert.deepEqual(
    keeper.rows("Minute", { fromMs: FIGURES_MS + 1, toMs: FIGURES_MS + MINUTE }),
    [],
  );
  keeper.close();
});

test("a sample whose answer got lost is not kept twice; another run begins anew", async (t) => {
  const opened = await room(t);
  let keeper = opened.open();
  keeper.keep(sample(1, FIGURES_MS));
  keeper.close();
  keeper = opened.open();
  keeper.keep(sample(1, FIGURES_MS));
  keeper.keep({ ...sample(1, FIGURES_MS), run: "second" });
  assert.equal(keeper.rows("Hour", ALL)[0]?.figures.samples, 2);
  keeper.close();
});

test("what is too old goes, at each resolution in its own time", async (t) => {
  const { open, clock } = await room(t);
  const keeper = open();
  keeper.keep(sample(1, FIGURES_MS));
  const left = () =>
    (["Minute", "TenMinutes", "Hour"] as const).map((one) => keeper.rows(one, ALL).length);
  let sequence = 1;
  const after = (spanMs: number) => {
    clock.advance(spanMs);
    sequence += 1;
    // One that is old itself: it shows nothing but that rows are looked through.
    keeper.keep(sample(sequence, clock.nowMs()));
    return left();
  };
  assert.deepEqual(after(2 * DAY), [2, 2, 2]);
  assert.deepEqual(after(HOUR), [2, 3, 3], "two days and more: its minute is gone");
  assert.deepEqual(after(19 * DAY), [1, 3, 4]);
  assert.deepEqual(after(380 * DAY), [1, 1, 4]);
  keeper.close();
});

test("a file that is no database is set aside, and a new one is begun", async (t) => {
  const opened = await room(t);
  writeFileSync(opened.path, "this is not what it was".repeat(1000));
  const keeper = opened.open();
  keeper.keep(sample(1, FIGURES_MS));
  assert.equal(keeper.rows("Minute", ALL).length, 1);
  assert.ok(await opened.wasSetAside());
  assert.deepEqual(opened.told, ["figures-set-aside"]);
  keeper.close();
});

test("a row that none can have written: set aside, and the next call begins anew", async (t) => {
  const opened = await room(t);
  let keeper = opened.open();
  keeper.keep(sample(1, FIGURES_MS));
  keeper.close();
  const store = openFigureStore(opened.path, assert.fail);
  store.write({ entries: [{ series: "Minute", startMs: FIGURES_MS, json: "{" }] });
  store.close();
  keeper = opened.open();
  assert.throws(() => keeper.keep(sample(2, FIGURES_MS)), StoreFailure);
  keeper.keep(sample(2, FIGURES_MS));
  assert.equal(keeper.rows("Minute", ALL).length, 1);
  assert.deepEqual(opened.told, ["figures-set-aside"]);
  assert.ok(await opened.wasSetAside());
  keeper.close();
});

test("while a clock that was far ahead is right again, what is too old still goes", async (t) => {
  const opened = await room(t);
  const { clock, diagnostics, path } = opened;
  let wallMs = FIGURES_MS + 3000 * DAY;
  const keeper = new FigureKeeper({
    open: () => openFigureStore(path, assert.fail),
    setAside: assert.fail,
    clock: { ...clock, nowMs: () => wallMs },
    diagnostics,
  });
  keeper.keep(sample(1, wallMs));
  wallMs = FIGURES_MS;
  keeper.keep(sample(2, FIGURES_MS));
  clock.advance(3 * DAY);
  wallMs += 3 * DAY;
  keeper.keep(sample(3, wallMs));
  const minutes = keeper.rows("Minute", { fromMs: 0, toMs: wallMs }).length;
  assert.equal(minutes, 0, "the minute of three days ago is gone");
  keeper.close();
});

test("a clock that jumps far ahead takes no figures with it, also over a restart", async (t) => {
  const opened = await room(t);
  const { clock, diagnostics, path } = opened;
  let aheadMs = 0;
  const open = () =>
    new FigureKeeper({
      open: () => openFigureStore(path, assert.fail),
      setAside: assert.fail,
      clock: { ...clock, nowMs: () => clock.nowMs() + aheadMs },
      diagnostics,
    });
  let keeper = open();
  let sequence = 0;
  const keep = () => keeper.keep(sample(++sequence, clock.nowMs() + aheadMs));
  const kept = (resolution: "Minute" | "Hour") => keeper.rows(resolution, ALL).length;
  keep();
  aheadMs = 3000 * DAY;
  clock.advance(HOUR);
  keep();
  keeper.close();
  keeper = open();
  keep();
  assert.deepEqual([kept("Minute"), kept("Hour")], [2, 2], "the minute before the jump is there");
  clock.advance(DAY);
  keep();
  assert.deepEqual([kept("Minute"), kept("Hour")], [2, 3], "a minute of two days goes in its time");
  aheadMs = 0;
  clock.advance(400 * DAY);
  keep();
  assert.equal(keeper.rows("Hour", { fromMs: 0, toMs: clock.nowMs() - DAY }).length, 0);
  keeper.close();
});

test("days are those of a calendar, of the hours that begin in them", async (t) => {
  const keeper = (await room(t)).open();
  const at = (text: string) => Date.parse(`2026-06-${text}Z`);
  const moments = ["01T21:59", "01T22:00", "02T10:00", "02T22:00", "04T05:00"];
  for (const [index, text] of moments.entries()) keeper.keep(sample(index, at(text)));
  const berlin = new DayCalendar("Europe/Berlin");
  const days = await keeper.days(berlin, { fromMs: at("01T12:00"), toMs: at("04T06:00") });
  assert.deepEqual(
    days.map(({ startMs, endMs, figures: { samples } }) => [startMs, endMs, samples]),
    [
      [at("01T22:00") - DAY, at("01T22:00"), 1],
      [at("01T22:00"), at("02T22:00"), 2],
      [at("02T22:00"), at("03T22:00"), 1],
      [at("03T22:00"), at("04T22:00"), 1],
    ],
  );
  assert.equal((await keeper.days(berlin, { fromMs: 0, toMs: at("02T00:00") })).length, 2);
  keeper.close();
});
