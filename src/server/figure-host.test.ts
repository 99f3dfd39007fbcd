import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { createMetrics } from "../base/metrics.ts";
import { MINUTE, SECOND } from "../base/units.ts";
import type { FigureSample } from "../figures/figure-keeper.ts";
import { FigureHost } from "./figure-host.ts";
import type { LogHost } from "./log-host.ts";

const START_MS = Date.parse("2026-06-01T12:00:10Z");

/** A host over a log thread that keeps what it gets, or nothing while the disk is full. */
function openHost() {
  const clock = fakeClock(START_MS);
  const told: string[] = [];
  const tell = (event: string) => void told.push(event);
  const disk = { isFull: false, kept: [] as FigureSample[], oldest: [] as number[] };
  const ask = async (name: string, argument: unknown) => {
    if (name === "oldestWaiting") {
      disk.oldest.push(Number(argument));
      return Number(argument) === 0
        ? { from: 5_001 }
        : { receivedMs: START_MS - 30 * SECOND, from: 6_000 };
    }
    if (disk.isFull) throw new Error("figures: the disk is full");
    disk.kept.push(argument as FigureSample);
    return undefined;
  };
  // Of the log thread only these two calls are made.
  const logs = { remote: { ask, tell: () => undefined } } as unknown as Pick<LogHost, "remote">;
  const metrics = createMetrics("transport-0");
  const host = new FigureHost({
    ...{ clock, logs, diagnostics: { info: tell, warn: tell, error: tell } },
    ownMetrics: createMetrics("main").snapshot,
  });
  const look = async () => {
    clock.advance(2 * SECOND);
    metrics.add("postrider_recipients_accepted_total");
    host.look([metrics.snapshot()]);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  };
  const lookFor = async (spanMs: number) => {
    for (let at = 0; at < spanMs; at += 2 * SECOND) await look();
  };
  const recipients = () => disk.kept.map(({ figures }) => figures.counts["recipients"]);
  return { host, disk, told, look, lookFor, recipients };
}

test("a sample goes out at the end of each minute of the clock, and one at the stop", async () => {
  const { host, disk, lookFor, recipients } = openHost();
  await lookFor(2 * MINUTE);
  assert.deepEqual(recipients(), [25, 30]);
  assert.deepEqual(
    disk.kept.map(({ sequence, startMs }) => [sequence, startMs - START_MS]),
    [
      [1, 0],
      [2, 50 * SECOND],
    ],
  );
  assert.equal(new Set(disk.kept.map(({ run }) => run)).size, 1);
  await host.stop();
  assert.deepEqual(recipients(), [25, 30, 5]);
});

test("a disk that takes nothing is told of once, and loses nothing", async () => {
  const { disk, told, lookFor, recipients } = openHost();
  disk.isFull = true;
  await lookFor(3 * MINUTE);
  assert.deepEqual(told, ["figures-not-kept"]);
  assert.deepEqual(recipients(), []);
  disk.isFull = false;
  await lookFor(MINUTE);
  assert.deepEqual(recipients(), [25, 30, 30, 30]);
  assert.deepEqual(told, ["figures-not-kept", "figures-kept-again"]);
});

test("a stop does not wait for a disk that takes nothing", async () => {
  const { host, disk, look } = openHost();
  disk.isFull = true;
  await look();
  await host.stop();
  assert.deepEqual(disk.kept, []);
});

test("the oldest message is looked for slice by slice, every five seconds", async () => {
  const { host, disk, look, lookFor } = openHost();
  assert.equal(host.oldest.receivedMs, undefined);
  await look();
  assert.deepEqual(disk.oldest, [0, 5_001]);
  assert.equal(host.oldest.receivedMs, START_MS - 30 * SECOND);
  await look();
  assert.equal(host.sampler.latest?.levels.oldestSeconds, 34);
  await lookFor(4 * SECOND);
  assert.deepEqual(disk.oldest, [0, 5_001, 6_000], "from where it was");
  await lookFor(MINUTE);
  assert.equal(disk.oldest.filter((from) => from === 0).length, 2, "anew once a minute");
});
