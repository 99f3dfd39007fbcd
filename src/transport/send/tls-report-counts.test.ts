import assert from "node:assert/strict";
import { test } from "node:test";
import { RECORD_JSON_CHARS_MAX } from "../../store/record-store.ts";
import { reportDayOf, spanOfDay } from "../queue/daily-reports.ts";
import type { TlsAttempt } from "./tls-attempt.ts";
import { mergeCounts, TlsReportCounts } from "./tls-report-counts.ts";

const MORNING_MS = Date.UTC(2026, 10, 21, 9);
const DAY_MS = 86_400_000;

function attempt(changes: Partial<TlsAttempt> = {}): TlsAttempt {
  return {
    domain: "fabrikam.test",
    policy: { type: "sts", text: ["mode: enforce"], mxHosts: ["mx.fabrikam.test"] },
    host: "mx.fabrikam.test",
    address: "192.0.2.9",
    localAddress: "192.0.2.1",
    tls: undefined,
    failure: undefined,
    ...changes,
  };
}

const EXPIRED = { type: "certificate-expired", detail: "since yesterday" } as const;

test("attempts of a day are summed by policy, failures by kind and host", () => {
  const counts = new TlsReportCounts();
  counts.add(attempt(), MORNING_MS);
  counts.add(attempt({ failure: EXPIRED }), MORNING_MS);
  counts.add(attempt({ failure: EXPIRED }), MORNING_MS);
  counts.add(attempt({ failure: EXPIRED, address: "192.0.2.10" }), MORNING_MS);
  counts.add(attempt({ policy: { type: "tlsa", text: [], mxHosts: [] } }), MORNING_MS);
  const [taken, ...others] = counts.take("2026-11-21");
  assert.deepEqual(others, []);
  assert.equal(taken?.day, "2026-11-21");
  assert.deepEqual(
    taken?.counts.map(({ type, successCount, failureCount }) => [type, successCount, failureCount]),
    [
      ["sts", 1, 3],
      ["tlsa", 1, 0],
    ],
  );
  assert.deepEqual(
    taken?.counts[0]?.failures.map(({ receivingIp, failedSessionCount }) => [
      receivingIp,
      failedSessionCount,
    ]),
    [
      ["192.0.2.9", 2],
      ["192.0.2.10", 1],
    ],
  );
});

test("only what has changed is taken, with the sums of its day; an old day is forgotten", () => {
  const counts = new TlsReportCounts();
  counts.add(attempt(), MORNING_MS);
  assert.equal(counts.take("2026-11-21").length, 1);
  assert.deepEqual(counts.take("2026-11-21"), []);
  counts.add(attempt(), MORNING_MS);
  assert.equal(counts.take("2026-11-22")[0]?.counts[0]?.successCount, 2);
  counts.add(attempt(), MORNING_MS + DAY_MS);
  assert.deepEqual(
    counts.take("2026-11-22").map(({ day, counts: [one] }) => [day, one?.successCount]),
    [["2026-11-22", 1]],
  );
});

test("memory is bounded: domains, policies, failures", () => {
  const counts = new TlsReportCounts();
  for (let index = 0; index < 10_010; index += 1) {
    counts.add(attempt({ domain: `d${index}.test` }), MORNING_MS);
  }
  assert.equal(counts.take("2026-11-21").length, 10_000);
  for (let index = 0; index < 150; index += 1) {
    counts.add(attempt({ address: `192.0.2.${index}`, failure: EXPIRED }), MORNING_MS + DAY_MS);
    const policy = { type: "sts", text: [String(index)], mxHosts: [] } as const;
    counts.add(attempt({ policy }), MORNING_MS + DAY_MS);
  }
  const [taken] = counts.take("2026-11-22");
  assert.equal(taken?.counts.length, 10);
  assert.equal(taken?.counts[0]?.failureCount, 150);
  assert.equal(taken?.counts[0]?.failures.length, 50);
});

test("the worst that one domain can do still fits into a record of the store", () => {
  const counts = new TlsReportCounts();
  const line = '"\\'.repeat(5000);
  for (let index = 0; index < 20; index += 1) {
    const text = [`id${index}`, ...Array<string>(1000).fill(line)];
    const policy = { type: "sts", text, mxHosts: Array<string>(300).fill(line) } as const;
    for (let host = 0; host < 60; host += 1) {
      const failure = { type: "validation-failure", detail: line } as const;
      counts.add(attempt({ policy, failure, host: `${host}${line}` }), MORNING_MS);
    }
  }
  const [taken] = counts.take("2026-11-21");
  assert.equal(taken?.counts.length, 10);
  assert.ok(JSON.stringify(taken?.counts).length < RECORD_JSON_CHARS_MAX);
});

test("the sums of several threads become one", () => {
  const of = (failure: TlsAttempt["failure"]) => {
    const counts = new TlsReportCounts();
    counts.add(attempt({ failure }), MORNING_MS);
    return counts.take("2026-11-21")[0]?.counts ?? [];
  };
  const [merged, ...others] = mergeCounts([...of(EXPIRED), ...of(EXPIRED), ...of(undefined)]);
  assert.deepEqual(others, []);
  assert.equal(merged?.successCount, 1);
  assert.equal(merged?.failures[0]?.failedSessionCount, 2);
});

test("a day is one of UTC, from its first to its last millisecond", () => {
  const { startMs, endMs } = spanOfDay("2026-11-21");
  assert.equal(reportDayOf(startMs), "2026-11-21");
  assert.equal(reportDayOf(endMs), "2026-11-21");
  assert.equal(reportDayOf(endMs + 1), "2026-11-22");
});
