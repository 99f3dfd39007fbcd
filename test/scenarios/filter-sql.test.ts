import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { parseFilter } from "../../src/cmdlet/filter.ts";
import { compileFilter } from "../../src/cmdlet/filter-match.ts";
import { compileFilterToSql, type SqlMapping } from "../../src/cmdlet/filter-sql.ts";
import type { OutputType } from "../../src/cmdlet/output-type.ts";
import { foldText } from "../../src/cmdlet/wildcard.ts";

const TYPE: OutputType = {
  name: "Row",
  properties: {
    Name: { kind: "text", doc: "A text." },
    Folded: { kind: "text", doc: "A text that is stored folded." },
    Status: { kind: "choice", doc: "A code in the database.", choices: ["Ready", "Retry"] },
    Count: { kind: "number", doc: "A number." },
    At: { kind: "date", doc: "A date." },
    Latency: { kind: "span", doc: "A span." },
    IsOpen: { kind: "boolean", doc: "Yes or no." },
    Tags: { kind: "list", doc: "In no column." },
  },
  table: ["Name"],
};
const NOW_MS = Date.parse("2026-11-21T08:00:00Z");
const CODES = new Map([
  ["ready", 1],
  ["retry", 2],
]);
const MAPPING: SqlMapping = {
  columns: {
    Name: { sql: "t.name" },
    Folded: { sql: "t.folded", isFolded: true },
    Status: { sql: "t.status", encode: (text) => CODES.get(text) ?? -1 },
    Count: { sql: "t.count" },
    At: { sql: "t.at_ms" },
    Latency: { sql: "t.latency_ms" },
    IsOpen: { sql: "t.is_open" },
  },
  foldFunction: "fold",
  nowMs: NOW_MS,
};

const database = new DatabaseSync(":memory:");
database.function("fold", { deterministic: true }, (text) =>
  typeof text === "string" ? foldText(text) : text,
);
database.exec(
  `CREATE TABLE t (name TEXT, folded TEXT, status INT, count REAL,
    at_ms INT, latency_ms INT, is_open INT)`,
);

interface Row {
  readonly Name: string | null;
  readonly Folded: string | null;
  readonly Status: string | null;
  readonly Count: number | null;
  readonly At: string | null;
  readonly Latency: string | null;
  readonly IsOpen: boolean | null;
}

function passesInSql(row: Row, text: string): boolean {
  const filter = parseFilter(text, TYPE);
  assert.ok(filter.ok, filter.ok ? "" : filter.fault.problem);
  const condition = compileFilterToSql(filter.value, MAPPING);
  assert.ok(condition !== undefined);
  database.exec("DELETE FROM t");
  database
    .prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)")
    .run(
      row.Name,
      row.Folded === null ? null : foldText(row.Folded),
      row.Status === null ? null : (CODES.get(foldText(row.Status)) ?? null),
      row.Count,
      row.At === null ? null : Date.parse(row.At),
      row.Latency === null ? null : Number(row.Latency.slice(0, 2)) * 3_600_000,
      row.IsOpen === null ? null : Number(row.IsOpen),
    );
  const found = database
    .prepare(`SELECT ${condition.sql} AS passes FROM t`)
    .get(...condition.values);
  return found?.["passes"] === 1;
}

const orNull = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null });
const TEXTS = fc.constantFrom("", "a", "A", "ab", "Ärger", "50%", "a_b", "a\\b", "x'y");
const ROWS: fc.Arbitrary<Row> = fc.record({
  Name: orNull(TEXTS),
  Folded: orNull(TEXTS),
  Status: orNull(fc.constantFrom("Ready", "Retry")),
  Count: orNull(fc.constantFrom(-1, 0, 0.5, 10)),
  At: orNull(fc.constantFrom("2026-11-21T07:00:00.000Z", "2026-11-21T08:00:00.000Z")),
  Latency: orNull(fc.constantFrom("00:00:00", "02:00:00")),
  IsOpen: orNull(fc.boolean()),
});
const COMPARISONS = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("Name", "Folded"),
      fc.constantFrom("-eq", "-ne", "-like", "-notlike"),
      fc.constantFrom("", "a", "ÄRGER", "*%", "a_*", "a\\*", "?", "*", "x'y", "*B"),
    )
    .map(([name, operator, text]) => `${name} ${operator} '${text.replaceAll("'", "''")}'`),
  fc
    .tuple(
      fc.constantFrom("Count -", "At -", "Latency -"),
      fc.constantFrom("eq", "ne", "gt", "ge", "lt", "le"),
    )
    .map(([name, operator]) => {
      const values = { "Count -": "0", "At -": "-1h", "Latency -": "2h" } as const;
      return `${name}${operator} ${values[name]}`;
    }),
  fc.constantFrom("Status -eq retry", "Status -ne Ready", "IsOpen -eq $true", "IsOpen -ne $true"),
  fc
    .tuple(
      fc.constantFrom("Name", "Folded", "Status", "Count", "At", "IsOpen"),
      fc.constantFrom("-eq", "-ne"),
    )
    .map(([name, operator]) => `${name} ${operator} $null`),
);
const FILTERS = fc
  .array(fc.tuple(COMPARISONS, fc.constantFrom("", "-not "), fc.constantFrom(" -and ", " -or ")), {
    minLength: 1,
    maxLength: 5,
  })
  .map((terms) =>
    terms.map(([text, not, joint], index) => (index > 0 ? joint : "") + not + text).join(""),
  );

test("a filter means the same in SQL as in memory", () => {
  fc.assert(
    fc.property(ROWS, FILTERS, (row, text) => {
      const filter = parseFilter(text, TYPE);
      assert.ok(filter.ok);
      const expected = compileFilter(filter.value, { nowMs: NOW_MS })({ ...row });
      assert.equal(passesInSql(row, text), expected, text);
    }),
    { numRuns: 2000 },
  );
});

test("a filter with a property that is in no column is none for SQL", () => {
  for (const text of ["Tags -eq x", "Count -eq 1 -or -not Tags -eq $null", "Status -like Re*"]) {
    const filter = parseFilter(text, TYPE);
    assert.ok(filter.ok);
    assert.equal(compileFilterToSql(filter.value, MAPPING), undefined);
  }
});
