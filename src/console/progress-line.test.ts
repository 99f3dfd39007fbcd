import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { formatProgress, ProgressLine } from "./progress-line.ts";

for (const [progress, spanMs, text] of [
  [{ activity: "Reading", done: 7, unit: "files" }, 0, "Reading: 7 files"],
  [
    { activity: "Exporting", done: 1200, total: 10_000, unit: "messages" },
    4000,
    "Exporting: 1,200 of 10,000 messages (12 %), 300/s, 0:29 left",
  ],
  [
    { activity: "Copying", done: 1048576, total: 10485760, unit: "bytes" },
    2000,
    "Copying: 1 MB of 10 MB (10 %), 512 KB/s, 0:18 left",
  ],
  [
    { activity: "Rebuilding", done: 1, total: 10_000, unit: "events" },
    10_000,
    "Rebuilding: 1 of 10,000 events (0 %), 0/s, 27:46:30 left",
  ],
  [{ activity: "Doing\x1b", done: 0, total: 0, unit: "x" }, 5000, "Doing\\u001b: 0 of 0 x"],
] as const) {
  test(`progress: ${text}`, () => {
    assert.equal(formatProgress(progress, { spanMs, doneBefore: 0 }), text);
  });
}

test("progress: the line is drawn now and then, fits, and is taken away", () => {
  const clock = fakeClock();
  let drawn = "";
  const progress = new ProgressLine(clock, (text) => (drawn += text), 20);
  const show = (done: number) => progress.show({ activity: "Counting", done, unit: "messages" });
  progress.clear();
  show(1);
  show(2);
  assert.equal(drawn, "\r\x1b[KCounting: 1 messag…");
  clock.advance(1000);
  show(3);
  progress.clear();
  assert.equal(drawn.split("\r\x1b[K").length, 4);
  assert.ok(drawn.endsWith("\r\x1b[K"));
});
