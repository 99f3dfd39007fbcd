import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHeaderFields } from "./header-fields.ts";

for (const [why, text, want] of [
  ["nothing", "", []],
  ["two fields", "A: 1\r\nB-c:2\r\n\r\nD: 3", ["a=1", "b-c=2"]],
  ["bare LF", "A: 1\nB: 2\n\nC: 3", ["a=1", "b=2"]],
  ["folded", "To: a@x.test,\r\n\tb@x.test\r\n\r\n", ["to=a@x.test,\tb@x.test"]],
  ["space before the colon", "A \t: 1\r\n", ["a=1"]],
  ["a value with colons", "A: b:c\r\n", ["a=b:c"]],
  ["junk", "A: 1\r\njunk\r\nB: 2\r\n", ["a=1"]],
  ["continuation first", " x\r\nA: 1\r\n", []],
  ["UTF-8", "A: ü\r\n", ["a=ü"]],
] as const) {
  test(`parseHeaderFields: ${why}`, () => {
    const fields = parseHeaderFields(Buffer.from(text));
    assert.deepEqual(
      fields.map(({ name, value }) => `${name}=${value}`),
      want,
    );
  });
}

test("parseHeaderFields reads Latin 1 where it is no UTF-8", () => {
  assert.equal(parseHeaderFields(Buffer.from("A: \xfc", "latin1"))[0]?.value, "ü");
});
