import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../../../src/cmdlet/filter.ts";
import { QUEUE_INFO } from "../../../src/cmdlets/queues/queue-info.ts";
import { bothFilters, type FilterTerm, formatTerm, operatorsOf } from "./filter-text.ts";

for (const [property, kind, operator, value, expected] of [
  ["Status", "choice", "eq", "Retry", "Status -eq 'Retry'"],
  ["MessageCount", "number", "gt", " 10 ", "MessageCount -gt 10"],
  ["LastError", "text", "eq", "", "LastError -eq $null"],
  ["LastError", "text", "like", "refused", "LastError -like '*refused*'"],
  ["LastError", "text", "like", "451*", "LastError -like '451*'"],
  ["LastError", "text", "eq", "it's", "LastError -eq 'it''s'"],
  ["IsValid", "boolean", "ne", "true", "IsValid -ne $true"],
  ["NextRetryTime", "date", "lt", "-2h", "NextRetryTime -lt '-2h'"],
] as const) {
  test(`a term is ${expected}, and the server reads it`, () => {
    const term: FilterTerm = { property, kind, operator, value };
    assert.equal(formatTerm(term), expected);
    assert.ok(parseFilter(expected, QUEUE_INFO).ok);
  });
}

for (const [left, right, expected] of [
  [undefined, "A -eq 1", "A -eq 1"],
  ["  ", "A -eq 1", "A -eq 1"],
  ["A -eq 1", "B -eq 2", "A -eq 1 -and B -eq 2"],
  ["A -eq 1 -OR B -eq 2", "C -eq 3", "(A -eq 1 -OR B -eq 2) -and C -eq 3"],
] as const) {
  test(`${left} and ${right}`, () => assert.equal(bothFilters(left, right), expected));
}

test("what has no order is compared for being the same", () => {
  assert.deepEqual(operatorsOf("choice"), ["eq", "ne"]);
  assert.deepEqual(operatorsOf("object"), []);
  assert.deepEqual(operatorsOf(undefined), []);
});
