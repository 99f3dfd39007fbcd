import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitCsvLine } from "./csv-line.ts";

for (const [line, values] of [
  ["", [""]],
  ["a,b,,c", ["a", "b", "", "c"]],
  ['a,"b, c",d', ["a", "b, c", "d"]],
  ['"say ""yes""",x', ['say "yes"', "x"]],
  ['a,"no end,b', ["a", "no end,b"]],
  ['a,b"c,d"e,f', ["a", 'b"c,d"e', "f"]],
  [',"",', ["", "", ""]],
] as const) {
  test(`values of ${JSON.stringify(line)}`, () => assert.deepEqual(splitCsvLine(line), values));
}

test("whatever was quoted comes back, and each comma outside of quotes parts two values", () => {
  const value = fc.string({ unit: fc.constantFrom('"', ",", "a", " ", "\u00e9"), maxLength: 8 });
  const quote = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
      assert.deepEqual(splitCsvLine(values.map(quote).join(",")), values);
    }),
  );
});
