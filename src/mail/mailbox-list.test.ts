import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstMailbox, parseMailboxList, readMailboxList } from "./mailbox-list.ts";

for (const [why, value, want] of [
  ["bare", "a@x.test", ["a@x.test"]],
  ["named", "Alice Smith <a@x.test>", ["a@x.test"]],
  ["quoted name with a comma", '"Smith, Alice" <a@x.test>, b@x.test', ["a@x.test", "b@x.test"]],
  ["quoted name with an address", '"b@y.test" <a@x.test>', ["a@x.test"]],
  ["name with an escape", '"a \\" <b@y.test>" <a@x.test>', ["a@x.test"]],
  ["comments", "(x, y) a@x.test (Alice (Al))", ["a@x.test"]],
  ["a comment in the middle", "Alice (x) <a@x.test>", ["a@x.test"]],
  ["group", "Team: a@x.test, Bob <b@x.test>; , c@x.test", ["a@x.test", "b@x.test", "c@x.test"]],
  ["empty group", "Undisclosed recipients:;", []],
  ["empty entries", ", ,a@x.test,,", ["a@x.test"]],
  ["source route", "<@hop.test,@b.test:a@x.test>", ["a@x.test"]],
  ["white space of old", "a . b @ x . test", ["a.b@x.test"]],
  ["quoted local part", '"a b"@x.test', ['"a b"@x.test']],
  ["quoted local part with brackets", '<"a>,b"@x.test>', ['"a>,b"@x.test']],
  ["literal", "a@[IPv6:2001:db8::1]", ["a@[IPv6:2001:db8::1]"]],
  ["a name alone", "Alice", [undefined]],
  ["two words make no address", "john smith@x.test", [undefined]],
  ["unclosed bracket", "Alice <a@x.test", ["a@x.test"]],
  ["unclosed quote", '"Alice <a@x.test>', [undefined]],
  ["unclosed comment", "a@x.test (x, b@x.test", ["a@x.test"]],
  ["folded", "a@x.test,\r\n\tb@x.test", ["a@x.test", "b@x.test"]],
  ["UTF-8", "Jürgen <jürgen@bücher.example>", ["jürgen@xn--bcher-kva.example"]],
] as const) {
  test(`parseMailboxList: ${why}`, () => {
    assert.deepEqual(
      parseMailboxList(value, 10).map(({ address }) => address),
      want,
    );
  });
}

test("long runs that are made to be slow are not", () => {
  const spaces = " ".repeat(1_000_000);
  assert.equal(parseMailboxList(`a${spaces}b@x.test`, 10)[0]?.address, undefined);
  assert.equal(parseMailboxList(`"${'\\"'.repeat(500_000)}@ <a@x.test>`, 10).length, 1);
  assert.equal(readMailboxList(`${"x@".repeat(500_000)} <a@x.test>`, 10).isClear, false);
});

for (const [value, want] of [
  ["a@x.test", true],
  ["Alice Smith (x) <a@x.test> (y)", true],
  ['"b@y.test" <a@x.test>', true],
  ["a@x.test <a@x.test>", true],
  ["A@X.test <a@x.test>", true],
  ["=?utf-8?q?b@y.test?= <a@x.test>", true],
  ["Team: a@x.test, Bob <b@x.test>;", true],
  ["", true],
  ["Undisclosed recipients:;", true],
  ["b@y.test <a@x.test>", false],
  ["<a@x.test> b@y.test", false],
  ["<a@x.test> <b@y.test>", false],
  ['"x" <a@x.test> <b@y.test>', false],
  ["b@y.test: a@x.test;", false],
  ["a@x.test (<b@y.test>", false],
  ["(x <b@y.test>", false],
  ["(b@y.test)", false],
  ["<a@x.test", false],
  ['"a <b@y.test>', false],
  ["a@x.test, c @ x.test <b@y.test>", false],
] as const) {
  test(`readMailboxList: ${value} is ${want ? "clear" : "not clear"}`, () => {
    assert.equal(readMailboxList(value, 10).isClear, want);
  });
}

test("parseMailboxList stops at its bound", () => {
  const value = Array.from({ length: 5 }, (_, index) => `a${index}@x.test`).join(",");
  assert.equal(parseMailboxList(value, 5).length, 5);
  assert.equal(parseMailboxList(value, 4).length, 4);
});

for (const [value, want] of [
  ["Alice <a@x.test>", "a@x.test"],
  [' "Smith, Alice"  <a@x.test> ', "a@x.test"],
  ["=?utf-8?q?J=C3=BC?= <j@x.test>", "j@x.test"],
  ["a@x.test, b@x.test", "a@x.test"],
  ["Alice <a@@x.test>", ""],
  ["", ""],
  ["root", ""],
] as const) {
  test(`firstMailbox: ${value}`, () => assert.equal(firstMailbox(value), want));
}

test("parseMailboxList is total", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "<",
      ">",
      "(",
      ")",
      '"',
      "\\",
      "[",
      "]",
      ",",
      ";",
      ":",
      "@",
      " ",
      "a",
      "x.test",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const value = pieces.join("");
      const listed = parseMailboxList(value, 100);
      assert.equal(firstMailbox(value), firstMailbox(value.trim()));
      for (const { address } of listed) assert.ok(address === undefined || address.includes("@"));
    }),
    { numRuns: 1000 },
  );
});
