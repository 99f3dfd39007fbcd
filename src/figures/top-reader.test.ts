import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HOUR } from "../base/units.ts";
import {
  SAMPLE_MS,
  type SampleFields,
  sampleLine,
  sampleLog,
} from "../logs/tracking-lines.fake.ts";
import { openFigureRoom } from "./figure-room.fake.ts";
import type { TopCategory } from "./top-categories.ts";
import { TopReader } from "./top-reader.ts";

async function open(t: TestContext) {
  const room = await openFigureRoom();
  t.after(() => room.remove());
  const directory = join(room.directory, "log");
  mkdirSync(directory);
  // The samples are some months old, and kept by days.
  const { clock, diagnostics } = room;
  const keeper = room.open();
  t.after(() => keeper.close());
  const begin = () =>
    new TopReader({ directory, keeper, clock, diagnostics, busyShare: () => 0, lookIntervalMs: 1 });
  const tops = (category: TopCategory) =>
    keeper
      .tops(category, { span: "Day", fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })
      .flat()
      .map(({ name, count }) => `${name} ${count}`);
  return { keeper, begin, tops, path: (name: string) => join(directory, name) };
}

function readAll(reader: TopReader): void {
  while (reader.step() === "on");
}

const FIRST = "MSGTRK20260301-1.LOG";
const SECOND = "MSGTRK20260301-2.LOG";

function line(event: string, fields: SampleFields = {}): string {
  return sampleLine({ "event-id": event, ...fields });
}

test("senders, destinations and failing destinations, each from its events", async (t) => {
  const { begin, tops, path } = await open(t);
  const two = { "recipient-address": "a@One.test;b@two.test", "recipient-count": "2" };
  const lines = [
    line("RECEIVE", { "sender-address": "Alice@contoso.test" }),
    line("RECEIVE"),
    line("RECEIVE", { "sender-address": "", "return-path": "bob@contoso.test" }),
    line("RECEIVE", { source: "DSN", "sender-address": "postmaster@contoso.test" }),
    line("SEND", two),
    line("DELIVER", { "recipient-address": "c@one.test" }),
    line("DEFER", { "recipient-address": "d@three.test" }),
    line("FAIL", { "recipient-address": "d@three.test" }),
    line("EXPAND", { "recipient-address": "team@contoso.test" }),
    line("SEND", { "recipient-address": "no address" }),
  ];
  writeFileSync(path(FIRST), sampleLog(lines));
  readAll(begin());
  assert.deepEqual(tops("TopSender"), ["alice@contoso.test 2", "bob@contoso.test 1"]);
  assert.deepEqual(tops("TopDestination"), ["one.test 2", "two.test 1"]);
  assert.deepEqual(tops("TopFailingDestination"), ["three.test 2"]);
});

test("it goes on where it was, through files that follow, and counts nothing twice", async (t) => {
  const { begin, tops, path } = await open(t);
  writeFileSync(path(FIRST), sampleLog([line("RECEIVE")]));
  readAll(begin());
  appendFileSync(path(FIRST), line("RECEIVE"));
  const half = line("RECEIVE");
  appendFileSync(path(FIRST), half.slice(0, 40));
  const reader = begin();
  readAll(reader);
  assert.deepEqual(tops("TopSender"), ["alice@contoso.test 2"], "half a line is none yet");
  appendFileSync(path(FIRST), half.slice(40));
  writeFileSync(path(SECOND), sampleLog([line("RECEIVE")]));
  readAll(reader);
  readAll(begin());
  assert.deepEqual(tops("TopSender"), ["alice@contoso.test 4"]);
});

test("files that have gone are passed over, and so is what is no line", async (t) => {
  const { begin, tops, path } = await open(t);
  writeFileSync(path(FIRST), sampleLog([line("RECEIVE")]));
  readAll(begin());
  rmSync(path(FIRST));
  writeFileSync(
    path(SECOND),
    `${sampleLog([line("RECEIVE")])}nonsense\r\n,,,\r\nlast, without end`,
  );
  writeFileSync(path("MSGTRK20260301-3.LOG"), sampleLog([line("RECEIVE")]));
  readAll(begin());
  assert.deepEqual(tops("TopSender"), ["alice@contoso.test 3"]);
});

test("an event counts for the hour and the day in which it was", async (t) => {
  const { begin, keeper, path } = await open(t);
  writeFileSync(path(FIRST), sampleLog([line("RECEIVE"), sampleLine({}, 3 * HOUR)]));
  readAll(begin());
  const days = keeper.tops("TopSender", { span: "Day", fromMs: 0, toMs: SAMPLE_MS });
  assert.deepEqual(days, [[{ name: "alice@contoso.test", count: 2, excess: 0 }]]);
  // Hours are kept for three weeks, and these are older.
  const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(keeper.tops("TopSender", { span: "Hour", ...all }), []);
});

test("where the file that it was in has gone, those before it are not counted again", async (t) => {
  const { begin, tops, path } = await open(t);
  writeFileSync(path(FIRST), sampleLog([line("RECEIVE")]));
  writeFileSync(path(SECOND), sampleLog([line("RECEIVE")]));
  readAll(begin());
  rmSync(path(SECOND));
  readAll(begin());
  assert.deepEqual(tops("TopSender"), ["alice@contoso.test 2"]);
  writeFileSync(path("MSGTRK20260301-10.LOG"), sampleLog([line("RECEIVE")]));
  readAll(begin());
  assert.deepEqual(tops("TopSender"), ["alice@contoso.test 3"]);
});
