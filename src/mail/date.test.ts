import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDate, isDate, parseDate } from "./date.ts";

for (const [epochMs, want] of [
  [0, "Thu, 1 Jan 1970 00:00:00 +0000"],
  [1_470_439_481_999, "Fri, 5 Aug 2016 23:24:41 +0000"],
  [1_709_164_800_000, "Thu, 29 Feb 2024 00:00:00 +0000"],
  [1_709_164_800_999, "Thu, 29 Feb 2024 00:00:00 +0000"],
  [1_709_164_801_000, "Thu, 29 Feb 2024 00:00:01 +0000"],
] as const) {
  test(`formatDate: ${want}`, () => assert.equal(formatDate(epochMs, "utc"), want));
}

test("a date written in either zone is read back to its second", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 253_402_300_799 }),
      fc.constantFrom("utc", "local"),
      (second, zone) => {
        assert.equal(parseDate(formatDate(second * 1000 + 123, zone)), second * 1000);
      },
    ),
  );
});

for (const [text, want] of [
  ["Fri, 5 Aug 2016 16:24:41 -0700", 1_470_439_481_000],
  ["5 Aug 2016 16:24:41 -0700", 1_470_439_481_000],
  ["Fri, 05 Aug 2016 16:24:41 PDT", 1_470_439_481_000],
  ["fri , 5  aug  16 23:24 GMT", 1_470_439_440_000],
  ["Fri, 5 Aug 2016 16:24:41 -0700 (Pacific)", 1_470_439_481_000],
  ["Fri, 31 Dec 99 23:59:60 +0000", 946_684_800_000],
  ["Sun, 30 Feb 2020 00:00:00 +0000", undefined],
  ["Sun, 1 Foo 2020 00:00:00 +0000", undefined],
  ["Sun, 1 Mar 2020 24:00:00 +0000", undefined],
  ["Sun, 1 Mar 2020 00:00:00", undefined],
  ["yesterday", undefined],
  ["", undefined],
  [`Sun, 1 Mar 2020 00:00:00 +0000 (${"x".repeat(200)})`, undefined],
] as const) {
  test(`parseDate: ${text.slice(0, 50)}`, () => assert.equal(parseDate(text), want));
}

test("what passes quickly for a date is one", () => {
  const part = (values: readonly string[]) => fc.constantFrom(...values);
  const text = fc
    .tuple(
      part(["Mon, ", "", "Xyz, "]),
      part(["0", "1", "09", "28", "29", "31", "32"]),
      part(["Feb", "Apr", "Dec", "Foo"]),
      part(["2026", "1999", "26", "0026"]),
      part(["00:00:00", "23:59", "24:00:00", "12:60:00"]),
      part(["+0000", "-0730", "GMT", ""]),
    )
    .map(([day, ...rest]) => day + rest.join(" "));
  fc.assert(fc.property(text, (date) => isDate(date) === (parseDate(date) !== undefined)));
});
