import assert from "node:assert/strict";
import { test } from "node:test";
import { span } from "../org/settings/setting-types.ts";
import { TRANSPORT_SERVICE } from "../org/settings/transport-service.ts";
import { Filter } from "./filter.ts";
import { SAMPLE_TYPE } from "./filter-sample.fake.ts";
import { pagingParameters } from "./paging.ts";
import { optionalParameter } from "./parameter.ts";
import { readInput } from "./read-input.ts";
import type { RoleGroup } from "./role-group.ts";
import { settingParameters } from "./setting-parameters.ts";

const CMDLET = {
  name: "Get-Sample",
  roles: ["Help Desk", "Records Management"],
  parameters: {
    ...pagingParameters(SAMPLE_TYPE),
    WaitTime: optionalParameter(span({ min: 0, max: 60_000 }), "How long."),
  },
} as const;

function read(values: Readonly<Record<string, unknown>>, ...groups: readonly RoleGroup[]) {
  const caller = { name: "eve", roleGroups: groups, via: "session", address: "" } as const;
  return readInput(CMDLET, values, caller);
}

test("input: names in any case, defaults filled in, spans under their Ms", () => {
  const result = read({ waitTIME: "00:00:05", resultsize: "unlimited" });
  assert.ok(result.ok);
  const { input, given } = result.value;
  assert.deepEqual(input, {
    filter: undefined,
    sortOrder: undefined,
    resultSize: Infinity,
    waitTimeMs: 5000,
  });
  assert.deepEqual([...given], ["WaitTime", "ResultSize"]);
  const plain = read({ waitTime: null, resultSize: 5 });
  assert.deepEqual(plain.ok && plain.value.input["resultSize"], 5);
});

test("input: a filter is read against its type, and a fault says where", () => {
  const result = read({ Filter: "status -eq retry" });
  assert.ok(result.ok && result.value.input["filter"] instanceof Filter);
  const wrong = read({ Filter: "Status -eq Retry -and Cuont -gt 5" });
  assert.ok(!wrong.ok);
  assert.deepEqual([wrong.fault.parameter, wrong.fault.at], ["Filter", 22]);
  assert.match(
    wrong.fault.message,
    /^-Filter at character 23: SampleQueue has no property "Cuont"/,
  );
});

for (const values of [
  { Filter: "Status -eq Retry -and -not (subject -like 'a*')" },
  { SortOrder: "Status,-Subject" },
]) {
  test(`input: ${JSON.stringify(values)} would tell a help desk what it may not see`, () => {
    const result = read(values, "Help Desk");
    assert.ok(!result.ok);
    assert.equal(result.fault.code, "forbidden");
    assert.match(result.fault.message, /eve may not see Subject/);
    assert.ok(read(values, "Records Management").ok);
    assert.ok(!read(values, "Help Desk", "Hygiene Management").ok, "a group that may not run it");
  });
}

for (const [path, group, isTaken] of [
  ["pickup", "Hygiene Management", true],
  ["a/..b/c", "Hygiene Management", true],
  [null, "Hygiene Management", true],
  ["/etc", "Hygiene Management", false],
  ["a/../../b", "Server Management", false],
  ["..", "Server Management", false],
  [["/etc"], "Server Management", false],
  ["/srv/pickup", "Organization Management", true],
] as const) {
  test(`input: ${group} ${isTaken ? "may" : "may not"} have the server use ${path}`, () => {
    const table = settingParameters(TRANSPORT_SERVICE, { mode: "change" });
    const cmdlet = { name: "Set-TransportService", roles: [], parameters: table } as const;
    const caller = { name: "eve", roleGroups: [group], via: "session", address: "" } as const;
    const result = readInput(cmdlet, { pickupDirectoryPATH: path }, caller);
    assert.equal(result.ok, isTaken, result.ok ? "" : result.fault.message);
  });
}

for (const [values, message] of [
  [{ ResultSize: 0 }, /-ResultSize: "0" is out of range/],
  [{ ResultSize: 250_001 }, /is out of range; write: integer 1–250000 or unlimited/],
  [{ ResultSize: null }, /must not be \$null/],
  [{ Filter: { a: 1 } }, /-Filter: a mapping is not a text/],
] as const) {
  test(`input: ${JSON.stringify(values)} is refused`, () => {
    const result = read(values);
    assert.ok(!result.ok);
    assert.match(result.fault.message, message);
  });
}
