import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MESSAGE_ID_LENGTH_MAX, newMessageId, parseMessageId } from "./message-id.ts";

test("newMessageId gives 32 hexadecimal digits at the domain, each time others", () => {
  const id = newMessageId("mail.contoso.test");
  assert.match(id, /^<[0-9a-f]{32}@mail\.contoso\.test>$/);
  assert.notEqual(newMessageId("mail.contoso.test"), id);
  assert.equal(parseMessageId(id), id);
});

for (const [why, value, want] of [
  ["as it should be", " <a.b$c@x.test> ", "<a.b$c@x.test>"],
  ["without brackets", "a@x.test", "<a@x.test>"],
  ["with a comment", "<a@x.test> (added by x)", "<a@x.test>"],
  ["two of them", "<a@x.test> <b@x.test>", "<a@x.test>"],
  ["folded inside", "<a\r\n b@x.test>", "<ab@x.test>"],
  ["empty", "  ", ""],
  ["empty brackets", "<>", ""],
  ["only an opening bracket", "<a@x.test", "<a@x.test>"],
] as const) {
  test(`parseMessageId: ${why}`, () => assert.equal(parseMessageId(value), want));
}

test("parseMessageId returns nothing long, spaced or controlling", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 1200 }), (value) => {
      const id = parseMessageId(value);
      if (id === "") return;
      assert.ok(id.length <= MESSAGE_ID_LENGTH_MAX);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point.
      assert.match(id, /^<[^\s<>\0-\x1f\x7f-\x9f]+>$/);
    }),
  );
});
