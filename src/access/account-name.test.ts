import assert from "node:assert/strict";
import { test } from "node:test";
import { accountNameProblem } from "./account-name.ts";

for (const name of ["alice", "Zoë Müller", "o'brien", "иван", "Ελένη", "李雷", "a@b.test", "x-1"]) {
  test(`${name} is a name`, () => assert.equal(accountNameProblem(name), undefined));
}

for (const [why, name] of [
  ["another caller's", "Root"],
  ["a token's", "token x (alice)"],
  ["empty", ""],
  ["turned around", "a\u202Eb"],
  ["hidden", "a\u200Bb"],
  ["with a Cyrillic а", "\u0430lice"],
  ["with a Greek ο", "b\u03BFb"],
  ["in another form", "Zoe\u0308"],
  ["in wide letters", "\uFF41lice"],
  ["with two spaces", "alice  b"],
  ["with a space behind it", "alice "],
] as const) {
  test(`a name that is ${why} is refused`, () => {
    assert.notEqual(accountNameProblem(name), undefined);
  });
}
