import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import type { DiagnosticFields } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import { PressureGauge } from "../transport/queue/pressure.ts";
import { PressureMonitor } from "./pressure-monitor.ts";
import type { ThreadReport } from "./thread-calls.ts";

const QUEUES = { Active: 0, Connecting: 0, Ready: 0, Retry: 0, Suspended: 0 };

/** What a thread says of itself that has so many messages in its Submission queue. */
function reportOf(submissionLength: number, loopDelayMs = 0): ThreadReport {
  const lengths = { activeRemote: 0, activeMailbox: 0, retryRemote: 0, retryMailbox: 0 };
  const figures = { submissionLength, deliveryLength: 0, retryLength: 0, stalledMs: 0 };
  return {
    metrics: createMetrics().snapshot(),
    figures: {
      ...figures,
      lengths,
      largestLength: 0,
      queuesByStatus: QUEUES,
      outgoingConnections: 0,
      slowedQueues: 0,
    },
    loopDelayMs,
  };
}

/** A monitor over figures that the test sets, polled by its clock. */
function openMonitor() {
  const clock = fakeClock();
  let timerSet = () => {};
  const gauge = new PressureGauge();
  const metrics = createMetrics();
  const said: string[] = [];
  const say = (event: string, fields?: DiagnosticFields) =>
    void said.push(
      `${event} ${String(fields?.["resource"] ?? "")} ${String(fields?.["to"] ?? "")}`,
    );
  const state: { reports: readonly ThreadReport[]; isStoreGone: boolean } = {
    reports: [],
    isStoreGone: false,
  };
  const monitor = new PressureMonitor({
    clock: {
      ...clock,
      startTimer(delayMs, run) {
        const timer = clock.startTimer(delayMs, run);
        timerSet();
        return timer;
      },
    },
    diagnostics: { info: say, warn: say, error: say },
    metrics,
    gauge,
    dataDirectory: tmpdir(),
    poll: async () => state.reports,
    askStore: async () => {
      if (state.isStoreGone) throw new Error("the other thread has ended");
      // As if the whole disk were free: this test is not about the machine's.
      return { metrics: metrics.snapshot(), freeBytes: Number.MAX_SAFE_INTEGER };
    },
  });
  monitor.start();
  /** One poll; it ends when the timer of the next one is set. */
  const poll = () =>
    new Promise<void>((resolve) => {
      timerSet = resolve;
      clock.advance(2 * SECOND);
    });
  return { monitor, gauge, metrics, said, state, poll };
}

test("a long Submission queue, of all threads together, holds senders back", async () => {
  const { monitor, gauge, metrics, said, state, poll } = openMonitor();
  state.reports = [reportOf(6_000), reportOf(6_000)];
  await poll();
  assert.ok(gauge.pressure.delayMs > 0);
  assert.deepEqual(monitor.reasons, []);
  const values = () => metrics.snapshot().values;
  assert.equal(values()["postrider_back_pressure_level:submission_queue"], 1);
  state.reports = [reportOf(16_000)];
  await poll();
  assert.deepEqual(monitor.reasons, ["back pressure: submission_queue is High"]);
  state.reports = [reportOf(10)];
  await poll();
  await poll();
  assert.deepEqual(gauge.pressure, { rejects: false, delayMs: 0 });
  assert.equal(values()["postrider_back_pressure_level:submission_queue"], 0);
  const ours = said.filter((line) => line.includes("submission_queue"));
  assert.equal(ours[0], "pressure-increased submission_queue Medium");
  assert.equal(ours[1], "pressure-increased submission_queue High");
  assert.match(ours.at(-1) ?? "", /^pressure-decreased submission_queue Low/);
  monitor.stop();
});

test("a poll that fails is told, and the next one comes all the same", async () => {
  const { monitor, said, state, poll, gauge } = openMonitor();
  state.isStoreGone = true;
  await poll();
  assert.ok(said.some((line) => line.startsWith("pressure-poll-failed")));
  state.isStoreGone = false;
  state.reports = [reportOf(0, 700)];
  await poll();
  assert.ok(gauge.pressure.delayMs > 0, "a late event loop counts");
  monitor.stop();
});
