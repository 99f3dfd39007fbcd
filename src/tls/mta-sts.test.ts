import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { isAllowedMx, parseStsPolicy, parseStsRecord } from "./mta-sts.ts";

const SUITE = join(
  import.meta.dirname,
  "../../../shared/suites/mta-sts/record-and-policy-cases.json",
);

interface Cases {
  readonly valid: readonly { readonly text: string }[];
  readonly invalid: readonly { readonly text: string; readonly why: string }[];
}

const suite: { readonly record: Cases; readonly policy: Cases } | undefined = existsSync(SUITE)
  ? JSON.parse(readFileSync(SUITE, "utf8"))
  : undefined;

test("published vectors", (t) => {
  if (suite === undefined) {
    t.diagnostic("../shared/suites is not there: nothing compared");
    return;
  }
  const { record, policy } = suite;
  let count = 0;
  const check = (got: boolean, want: boolean, text: string) => {
    count += 1;
    assert.equal(got, want, JSON.stringify(text));
  };
  for (const { text } of record.valid) check(parseStsRecord([text]) !== undefined, true, text);
  for (const { text } of record.invalid) check(parseStsRecord([text]) !== undefined, false, text);
  for (const { text } of policy.valid) check(parseStsPolicy(text).ok, true, text);
  for (const { text } of policy.invalid) check(parseStsPolicy(text).ok, false, text);
  assert.equal(count, 42);
});

for (const [why, records, want] of [
  ["none", [], undefined],
  ["the id", ["v=STSv1; id=20160831085700Z;"], "20160831085700Z"],
  ["others beside it", ["v=spf1 -all", "v=STSv1; id=a"], "a"],
  ["two of them are none", ["v=STSv1; id=a", "v=STSv1; id=b"], undefined],
  ["two ids are none", ["v=STSv1; id=a; id=b"], undefined],
] as const) {
  test(`parseStsRecord: ${why}`, () => assert.equal(parseStsRecord(records), want));
}

test("parseStsPolicy: the values, the first of two, the longest age", () => {
  const text =
    "version: STSv1\nmode: enforce\nmode: none\nmx: MX.a.test\nmx: *.b.test\nmax_age: 60\n";
  const year = 31_557_600_000;
  assert.deepEqual(parseStsPolicy(text), {
    ok: true,
    value: { mode: "enforce", mx: ["mx.a.test", "*.b.test"], maxAgeMs: 60_000 },
  });
  const long = parseStsPolicy("version: STSv1\nmode: none\nmax_age: 9999999999\n");
  assert.deepEqual(long.ok && long.value, { mode: "none", mx: [], maxAgeMs: year });
});

for (const [host, want] of [
  ["mx.a.test", true],
  ["MX.A.test.", true],
  ["other.a.test", false],
  ["x.b.test", true],
  ["x.y.b.test", false],
  ["b.test", false],
  [".b.test", false],
  ["xb.test", false],
  ["", false],
] as const) {
  test(`isAllowedMx: ${host} ${want}`, () => {
    const policy = { mode: "enforce", mx: ["mx.a.test", "*.b.test"], maxAgeMs: 1 } as const;
    assert.equal(isAllowedMx(policy, host), want);
  });
}

test("property: parsers take anything, in time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(2000), (text, times) => {
      const long = text.repeat(times).slice(0, 65_536);
      parseStsPolicy(long);
      parseStsPolicy(`version: STSv1\n${long}`);
      parseStsRecord([`v=STSv1; ${long}`]);
    }),
  );
});
