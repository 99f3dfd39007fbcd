import assert from "node:assert/strict";
import { test } from "node:test";
import { RECORD_JSON_CHARS_MAX } from "../../store/record-store.ts";
import {
  type DmarcCounts,
  DmarcDayCounts,
  type JudgedMessage,
  mergeDmarcCounts,
} from "./dmarc-counts.ts";

const DAY_MS = Date.UTC(2026, 10, 20, 12);

function judged(row: Partial<JudgedMessage["row"]> = {}, domain = "fabrikam.test"): JudgedMessage {
  return {
    published: { domain, record: "v=DMARC1; p=none; rua=mailto:a@b.test" },
    row: {
      sourceIp: "192.0.2.1",
      disposition: "none",
      dkim: "pass",
      spf: "fail",
      reasons: [],
      headerFrom: domain,
      envelopeFrom: domain,
      dkimResults: [],
      spfResult: undefined,
      ...row,
    },
  };
}

const valuesOf = (counts: DmarcDayCounts, day = "2026-11-21") =>
  counts.take(day).map(({ day: of, domain, value }) => ({ of, domain, ...(value as DmarcCounts) }));

test("equal messages are one row; what has changed is taken with the sums of its day", () => {
  const counts = new DmarcDayCounts();
  counts.add(judged(), DAY_MS);
  counts.add(judged(), DAY_MS);
  counts.add(judged({ sourceIp: "192.0.2.2" }), DAY_MS);
  const [taken, ...others] = valuesOf(counts, "2026-11-20");
  assert.deepEqual(others, []);
  assert.deepEqual([taken?.of, taken?.domain], ["2026-11-20", "fabrikam.test"]);
  assert.deepEqual(
    taken?.rows.map(({ sourceIp, count }) => [sourceIp, count]),
    [
      ["192.0.2.1", 2],
      ["192.0.2.2", 1],
    ],
  );
  assert.deepEqual(valuesOf(counts, "2026-11-20"), []);
  counts.add(judged(), DAY_MS);
  assert.equal(valuesOf(counts)[0]?.rows[0]?.count, 3);
  counts.add(judged(), DAY_MS);
  assert.equal(valuesOf(counts)[0]?.rows[0]?.count, 1, "the day before has been forgotten");
});

test("whatever forgers send, a domain fits into a record, and the rest is counted", () => {
  const counts = new DmarcDayCounts();
  const long = "x".repeat(5000);
  for (let index = 0; index < 3000; index += 1) {
    const dkimResults = Array.from({ length: 8 }, () => ({
      domain: `${index}${long}`,
      selector: long,
      result: "fail",
    }));
    counts.add(judged({ dkimResults, envelopeFrom: long }), DAY_MS);
  }
  const [taken] = valuesOf(counts);
  assert.ok(taken !== undefined && taken.omittedCount > 0);
  assert.equal(taken.rows.length + taken.omittedCount, 3000);
  assert.ok(JSON.stringify(taken).length < RECORD_JSON_CHARS_MAX);
});

test("domains are bounded", () => {
  const counts = new DmarcDayCounts();
  for (let index = 0; index < 10_010; index += 1) counts.add(judged({}, `d${index}.test`), DAY_MS);
  assert.equal(valuesOf(counts).length, 10_000);
});

test("counts of several threads are one", () => {
  const one: DmarcCounts = { record: "a", rows: [{ ...judged().row, count: 2 }], omittedCount: 1 };
  const merged = mergeDmarcCounts([one, { ...one, record: "b" }]);
  assert.deepEqual(merged, { record: "b", rows: [{ ...judged().row, count: 4 }], omittedCount: 2 });
});
