import assert from "node:assert/strict";
import { test } from "node:test";
import { visibleText } from "./visible-text.ts";

for (const [text, shown] of [
  ["plain, with Ümläut and 漢字", "plain, with Ümläut and 漢字"],
  ["one\ntwo\tthree", "one\ntwo\tthree"],
  ["nul \0, escape \u001b[31m", "nul \u2400, escape \u241b[31m"],
  ["moc\u202e.exe", "moc[U+202E].exe"],
  ["\u007f\u0085", "\u2421[U+0085]"],
] as const) {
  test(`what is hidden in ${JSON.stringify(text)} is shown`, () => {
    assert.equal(visibleText(text), shown);
  });
}
