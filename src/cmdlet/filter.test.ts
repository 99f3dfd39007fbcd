import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseFilter } from "./filter.ts";
import { compileFilter } from "./filter-match.ts";
import { SAMPLE_QUEUE, SAMPLE_TYPE } from "./filter-sample.fake.ts";
import { parseFilterSyntax } from "./filter-syntax.ts";
import { FILTER_CHARACTERS_MAX } from "./filter-token.ts";

const NOW_MS = Date.parse("2026-11-21T08:00:00Z");

function matches(text: string): boolean {
  const filter = parseFilter(text, SAMPLE_TYPE);
  assert.ok(filter.ok, `${text}: ${filter.ok ? "" : filter.fault.problem}`);
  return compileFilter(filter.value, { nowMs: NOW_MS })(SAMPLE_QUEUE);
}

for (const text of [
  "Status -eq 'Retry'",
  "status -EQ retry",
  "{ Status -eq 'Retry' }",
  'Status -eq "Retry" -and MessageCount -gt 10',
  "Status -ne 'Ready'",
  "Status -like Re*",
  "Status -notlike 'Act*'",
  "MessageCount -ge 12 -and MessageCount -le 12 -and MessageCount -lt 13",
  "MessageCount -eq 1 -or MessageCount -eq 2 -or MessageCount -eq 12",
  "MessageCount -eq 12 -or MessageCount -eq 1 -and MessageCount -eq 2",
  "(MessageCount -eq 1 -or MessageCount -eq 12) -and IsValid -eq $true",
  "-not (MessageCount -eq 1)",
  "!(MessageCount -eq 1)",
  "! MessageCount -eq 1 -and -not MessageCount -eq 2",
  "-not -not MessageCount -eq 12",
  "NextHopDomain -eq 'FABRIKAM.test'",
  "NextHopDomain -like '*KAM.te?t'",
  "NextHopDomain -ieq fabrikam.test",
  "Velocity -lt 0 -and Velocity -eq -0.5",
  "Size -gt 9MB -and Size -le 10MB -and Size -eq 10485760",
  "MessageLatency -gt 01:00:00 -and MessageLatency -lt 1.00:00:00 -and MessageLatency -eq 90m",
  "LastError -eq $null",
  "-not (LastError -ne $null)",
  "LastError -ne 'x' -and LastError -notlike '*'",
  "Status -ne $null",
  "Recipients -eq 'bob@contoso.test' -and Recipients -like 'al*' -and Recipients -ne 'eve@x.test'",
  "Details -like '*greylisted*'",
  "DateReceived -gt 11/20/2026",
  "DateReceived -gt '11/21/2026 5:59' -and DateReceived -lt '11/21/2026 6:01 AM'",
  "DateReceived -ge 11/21/2026 6:00 -and DateReceived -le 11/21/2026 6:00 AM",
  "DateReceived -eq 2026-11-21T06:00:00Z -and DateReceived -eq '2026-11-21 08:00:00+02:00'",
  "DateReceived -gt -3h -and DateReceived -lt now-1h -and DateReceived -lt now",
  "DateReceived -gt (Get-Date).AddHours(-3)",
  "DateReceived -lt (get-date).AddDays(-1).AddHours(23)",
  "DateReceived -lt '(Get-Date)' -and (DateReceived -lt Get-Date)",
  "NextRetryTime -eq $null -and -not (NextRetryTime -gt 1/1/2000) -and NextRetryTime -ne 1/1/2000",
  "Subject -eq 'it''s (not) -and'",
  'Subject -eq "it\'s (not) -and"',
]) {
  test(`filter: ${text} is true of the sample`, () => assert.equal(matches(text), true));
}

for (const text of [
  "Status -eq 'Ready'",
  "Status -eq 'Retry' -and MessageCount -gt 12",
  "(MessageCount -eq 12 -or MessageCount -eq 1) -and MessageCount -eq 2",
  "NextHopDomain -like 'fabrikam'",
  "NextHopDomain -like '[f]abrikam.test'",
  "LastError -like '*'",
  "LastError -eq ''",
  "NextRetryTime -lt now",
  "IsValid -ne true",
  "Recipients -eq 'eve@x.test'",
]) {
  test(`filter: ${text} is false of the sample`, () => assert.equal(matches(text), false));
}

for (const [text, at, problem] of [
  ["", 0, /it is empty/],
  ["Staus -eq 'Retry'", 0, /no property "Staus"; did you mean "Status"/],
  ["Status -eq 'Retri'", 11, /not one of Active, .*did you mean "Retry"/],
  [
    "MessageCount -gt 5 -and Status -gt 'A'",
    31,
    /cannot be compared with -gt; use -eq, -ne, -like/,
  ],
  ["MessageCount -like 5", 13, /cannot be compared with -like/],
  ["MessageCount -gt ten", 17, /"ten" is not a number/],
  ["MessageCount -gt $null", 17, /is not a number/],
  ["Size -gt 10XB", 9, /is not a size, as in 64KB/],
  ["IsValid -eq maybe", 12, /neither \$true nor \$false/],
  ["DateReceived -gt 2/30/2026", 17, /is not a date; write 2026/],
  ["DateReceived -gt '11/21/2026 13:00 PM'", 17, /is not a date/],
  ["DateReceived -gt 2026-11-21T24:00", 17, /is not a date/],
  ["MessageLatency -gt 99:99:99", 19, /is not a span/],
  ["MessageCount -eqq 5", 13, /no operator -eqq; did you mean "-eq"/],
  ["MessageCount 5", 13, /after MessageCount comes an operator/],
  ["MessageCount", 12, /comes an operator/],
  ["LastError -eq ", 14, /value after -eq is missing.*single quotes/],
  ["Status -eq 'Retry", 11, /the ' here has no end/],
  ["(Status -eq Retry", 0, /parenthesis here is not closed/],
  ["Status -eq Retry)", 16, /closes nothing/],
  ["Status -eq Retry MessageCount -gt 5", 17, /joined with -and or -or/],
  ["Status -eq Retry -and", 21, /name of a property is missing at its end/],
  ["-and Status -eq Retry", 0, /missing before "?-and/],
  ["Details -eq x", 8, /cannot be compared with -eq; use -like/],
  [`${"(".repeat(60)}`, 41, /deeper than 40/],
  ["x".repeat(FILTER_CHARACTERS_MAX + 1), FILTER_CHARACTERS_MAX, /at most 4000 characters/],
  ["( ".repeat(1100), 2000, /at most 1000 words/],
] as const) {
  test(`filter: ${text.slice(0, 50)} is wrong at ${at}`, () => {
    const filter = parseFilter(text, SAMPLE_TYPE);
    assert.ok(!filter.ok);
    assert.equal(filter.fault.at, at);
    assert.match(filter.fault.problem, problem);
  });
}

const PIECES = fc.constantFrom(
  ...["Status", "MessageCount", "DateReceived", "-eq", "-gt", "-like", "-and", "-or", "-not", "!"],
  ...["(", ")", "'", '"', "Retry", "5", "$null", "(Get-Date)", ".AddHours(-2)", "-2h", "{", "}"],
  ...["11/21/2026", "8:00", "PM", "*", "", "\0", "é", "\u{1f600}"],
);

test("filter: whatever the text, there is a filter or a fault that points into it", () => {
  const texts = fc.oneof(
    fc.array(PIECES, { maxLength: 40 }).map((words) => words.join(" ")),
    fc.array(PIECES, { maxLength: 40 }).map((words) => words.join("")),
    fc.string({ maxLength: 200, unit: "binary" }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const filter = parseFilter(text, SAMPLE_TYPE);
      if (filter.ok) {
        const isMatch = compileFilter(filter.value, { nowMs: NOW_MS })(SAMPLE_QUEUE);
        assert.equal(typeof isMatch, "boolean");
      } else {
        assert.ok(filter.fault.at >= 0 && filter.fault.at <= text.length);
        assert.notEqual(filter.fault.problem, "");
      }
    }),
    { numRuns: 3000 },
  );
});

test("filter: a value in quotes comes back as it was, whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 50 }), fc.constantFrom("'", '"'), (value, quote) => {
      const quoted = quote + value.replaceAll(quote, quote + quote) + quote;
      const syntax = parseFilterSyntax(`Subject -eq ${quoted} -or Subject -eq x`);
      assert.ok(syntax.ok && syntax.value.kind === "or");
      const [first] = syntax.value.terms;
      assert.ok(first?.kind === "compare");
      assert.equal(first.operand.text, value);
    }),
  );
});
