import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { prepareName, preparePassword, saslprep } from "./saslprep.ts";

for (const [why, text, want] of [
  // RFC 4013 §3
  ["a soft hyphen is nothing", "I\u00adX", "IX"],
  ["nothing to do", "user", "user"],
  ["case stays", "USER", "USER"],
  ["feminine ordinal", "\u00aa", "a"],
  ["Roman nine", "\u2168", "IX"],
  ["a control character", "\u0007", undefined],
  ["an Arabic letter and a digit", "\u06271", undefined],

  ["empty", "", ""],
  ["ASCII punctuation", "p=a,s~s w0rd", "p=a,s~s w0rd"],
  ["no-break space", "a\u00a0b", "a b"],
  ["zero width space is a space (C.1.2 before B.1)", "a\u200bb", "a b"],
  ["zero width joiner goes", "a\u200db", "ab"],
  ["variation selector goes", "\u2764\ufe0f", "\u2764"],
  ["combining acute", "ramo\u0301n", "ram\u00f3n"],
  ["Angstrom sign", "p\u212bss", "p\u00c5ss"],
  ["full width", "\uff21", "A"],
  ["NUL", "a\0b", undefined],
  ["DEL", "a\u007f", undefined],
  ["C1 control", "\u0085", undefined],
  ["line separator", "a\u2028b", undefined],
  ["private use", "\ue000", undefined],
  ["private use, plane 16", "\u{10fffd}", undefined],
  ["noncharacter", "\ufdd0", undefined],
  ["noncharacter of plane 1", "\u{1fffe}", undefined],
  ["lone surrogate", "a\ud800", undefined],
  ["replacement character", "\ufffd", undefined],
  ["ideographic description", "\u2ff0", undefined],
  ["right-to-left override", "a\u202eb", undefined],
  ["tag", "\u{e0041}", undefined],
  ["Hebrew", "\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"],
  ["digit within Arabic", "\u06271\u0628", "\u06271\u0628"],
  ["Arabic, then Latin", "\u0627a\u0628", undefined],
  ["Latin first", "a\u0627", undefined],
  ["one Hebrew letter", "\u05d0", "\u05d0"],
  ["an emoji, which Unicode 3.2 had not", "\u{1f600}", "\u{1f600}"],
] as const) {
  test(`saslprep: ${why}`, () => assert.equal(saslprep(text), want));
}

test("saslprep is total, and of no effect on what it has prepared", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
      const prepared = saslprep(text);
      if (prepared !== undefined && text.normalize("NFKC") === text) {
        assert.equal(saslprep(prepared), prepared);
      }
    }),
    { numRuns: 3000 },
  );
});

test("a password that SASLprep refuses is only composed", () => {
  assert.equal(preparePassword("\u05e9\u05dc\u05d5\u05dd1"), "\u05e9\u05dc\u05d5\u05dd1");
  assert.equal(preparePassword("e\u0301\t"), "\u00e9\t");
  assert.equal(preparePassword("\u2168"), "IX");
});

test("a name must be something", () => {
  assert.equal(prepareName(""), undefined);
  assert.equal(prepareName("\u00ad"), undefined);
  assert.equal(prepareName("a\nb"), undefined);
  assert.equal(prepareName("alice@contoso.test"), "alice@contoso.test");
});
