import assert from "node:assert/strict";
import { test } from "node:test";
import { METRICS } from "./metric-table.ts";
import { createMetrics, type MetricFamily, mergeSnapshots } from "./metrics.ts";

function family(families: readonly MetricFamily[], name: string): MetricFamily {
  const found = families.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
}

test("names follow Prometheus: our prefix; counters and nothing else end in _total", () => {
  for (const [name, { kind }] of Object.entries(METRICS)) {
    assert.match(name, /^postrider_[a-z_]+$/);
    assert.equal(name.endsWith("_total"), kind === "counter", name);
  }
});

test("every series is shown before it counts, so that the first event makes a rate", () => {
  const families = mergeSnapshots([createMetrics("a").snapshot()]);
  assert.deepEqual(
    families.map(({ name }) => name),
    Object.keys(METRICS),
  );
  for (const { name, samples } of families) {
    assert.ok(samples.length > 0, name);
    assert.ok(
      samples.every(({ value }) => value === 0),
      name,
    );
  }
});

test("counters of threads add up, label by label", () => {
  const [left, right] = [createMetrics("a"), createMetrics("b")];
  left.add("postrider_messages_received_total:SMTP");
  left.add("postrider_messages_received_total:DSN", 2);
  right.add("postrider_messages_received_total:SMTP", 4);
  const merged = mergeSnapshots([left.snapshot(), right.snapshot()]);
  const bySource = Object.fromEntries(
    family(merged, "postrider_messages_received_total").samples.map(({ labels, value }) => [
      labels["source"],
      value,
    ]),
  );
  assert.deepEqual(bySource, { SMTP: 5, PICKUP: 0, REPLAY: 0, DSN: 2, ADMIN: 0, AGENT: 0 });
});

test("gauges merge as their entry says: sum, largest, or by thread", () => {
  const [left, right] = [createMetrics("a"), createMetrics("b")];
  for (const [metrics, value] of [
    [left, 3],
    [right, 4],
  ] as const) {
    metrics.set("postrider_connections_current", value);
    metrics.set("postrider_oldest_due_age_seconds", value);
    metrics.set("postrider_event_loop_delay_seconds", value);
  }
  left.set("postrider_connections_current", 1);
  const merged = mergeSnapshots([left.snapshot(), right.snapshot()]);
  const values = (name: string) => family(merged, name).samples.map(({ value }) => value);
  assert.deepEqual(values("postrider_connections_current"), [5]);
  assert.deepEqual(values("postrider_oldest_due_age_seconds"), [4]);
  assert.deepEqual(family(merged, "postrider_event_loop_delay_seconds").samples, [
    { suffix: "", labels: { thread: "a" }, value: 3 },
    { suffix: "", labels: { thread: "b" }, value: 4 },
  ]);
});

test("a histogram's buckets are cumulative, bounds included, the last without end", () => {
  const metrics = createMetrics("a");
  for (const value of [1, 2, 3, 256, 257]) metrics.observe("postrider_store_commit_changes", value);
  const merged = mergeSnapshots([metrics.snapshot(), createMetrics("b").snapshot()]);
  const { samples } = family(merged, "postrider_store_commit_changes");
  const byBound = new Map(
    samples.map(({ suffix, labels, value }) => [labels["le"] ?? suffix, value]),
  );
  assert.deepEqual(
    [...byBound],
    [
      ["1", 1],
      ["2", 2],
      ["4", 3],
      ["8", 3],
      ["16", 3],
      ["32", 3],
      ["64", 3],
      ["128", 3],
      ["256", 4],
      ["+Inf", 5],
      ["_sum", 519],
      ["_count", 5],
    ],
  );
});

test("a snapshot does not change afterwards", () => {
  const metrics = createMetrics("a");
  const before = metrics.snapshot();
  metrics.add("postrider_connections_accepted_total");
  assert.equal(before.values["postrider_connections_accepted_total"], 0);
  assert.equal(metrics.snapshot().values["postrider_connections_accepted_total"], 1);
});
