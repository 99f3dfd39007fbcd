import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import { FigureSampler } from "./figure-sampler.ts";
import { COUNT_SERIES } from "./figure-table.ts";

test("a sample has what was added since the one before, of all threads together", () => {
  const sampler = new FigureSampler();
  const [one, two] = [createMetrics("transport-0"), createMetrics("transport-1")];
  const look = (monotonicMs: number, oldestMs = 0) =>
    sampler.observe([one.snapshot(), two.snapshot()], { monotonicMs, oldestMs });
  one.add("postrider_recipient_outcomes_total:relayed", 3);
  two.add("postrider_recipient_outcomes_total:relayed", 4);
  look(0);
  one.add("postrider_received_bytes_total", 100);
  look(2_000);
  assert.deepEqual(sampler.take()?.counts, { "outcome.relayed": 7, receivedBytes: 100 });
  two.add("postrider_recipient_outcomes_total:relayed");
  look(4_000);
  assert.deepEqual(sampler.take()?.counts, { "outcome.relayed": 1 });
  assert.equal(sampler.take(), undefined, "without a look there is nothing to keep");
});

test("a thread that was started anew counts from nought; a silent one loses nothing", () => {
  const sampler = new FigureSampler();
  const at = { monotonicMs: 0, oldestMs: 0 };
  const first = createMetrics("transport-0");
  first.add("postrider_recipients_accepted_total", 10);
  sampler.observe([first.snapshot()], at);
  sampler.observe([], at);
  first.add("postrider_recipients_accepted_total", 1);
  sampler.observe([first.snapshot()], at);
  const second = createMetrics("transport-0");
  second.add("postrider_recipients_accepted_total", 2);
  sampler.observe([second.snapshot()], at);
  assert.deepEqual(sampler.take()?.counts, { recipients: 13 });
});

test("levels are means and maxima; depth is all queues, retry only once", () => {
  const sampler = new FigureSampler();
  const metrics = createMetrics("transport-0");
  const look = (delivery: number, oldestMs: number) => {
    metrics.set("postrider_queue_recipients:delivery", delivery);
    metrics.set("postrider_queue_recipients:retry", delivery);
    metrics.set("postrider_queue_recipients:poison", 1);
    metrics.set("postrider_queue_recipients:quarantine", 50);
    sampler.observe([metrics.snapshot()], { monotonicMs: 0, oldestMs });
  };
  look(10, 4 * SECOND);
  look(20, 0);
  assert.equal(sampler.latest?.levels.depth, 21);
  const levels = sampler.take()?.levels ?? {};
  assert.deepEqual(levels["depth"], { sum: 16, max: 21 });
  assert.deepEqual(levels["queue.delivery"], { sum: 15, max: 20 });
  assert.deepEqual(levels["oldestSeconds"], { sum: 2, max: 4 });
  assert.equal(levels["queue.submission"], undefined, "what is nought takes no room");
});

test("rates are those of the last minute, of one count or of a family", () => {
  const sampler = new FigureSampler();
  const metrics = createMetrics("transport-0");
  for (let second = 0; second <= 120; second += 2) {
    metrics.add("postrider_rejected_total:sender", second > 60 ? 2 : 20);
    metrics.add("postrider_rejected_total:relay", second > 60 ? 4 : 40);
    sampler.observe([metrics.snapshot()], { monotonicMs: second * SECOND, oldestMs: 0 });
  }
  assert.equal(sampler.rate(["refused.sender"]), 1);
  assert.equal(sampler.rate(["refused."]), 3);
  assert.equal(sampler.rate(["refused"]), 0);
  assert.equal(new FigureSampler().rate(["refused."]), 0);
});

test("every count has a name of its own", () => {
  const names = COUNT_SERIES.map(([name]) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes("failed.5.1.1"));
  assert.ok(names.includes("receivedBytes"));
});
