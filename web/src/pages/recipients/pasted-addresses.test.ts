import assert from "node:assert/strict";
import { test } from "node:test";
import { splitPasted } from "./pasted-addresses.ts";

for (const [why, text, wanted] of [
  ["lines", "a@x.test\r\nb@x.test\n\n", ["a@x.test", "b@x.test"]],
  ["commas and semicolons", "a@x.test, b@x.test;c@x.test", ["a@x.test", "b@x.test", "c@x.test"]],
  ["a To: line", '"Smith, Anna" <a@x.test>, Bob B <b@x.test>', ["a@x.test", "b@x.test"]],
  ["columns of a spreadsheet", "a@x.test\tb@x.test", ["a@x.test", "b@x.test"]],
  ["links", "mailto:a@x.test", ["a@x.test"]],
  ["names", "alice\nbob", ["alice", "bob"]],
  ["the same twice", "a@x.test\nA@X.test", ["a@x.test"]],
  ["nothing", " \n , ", []],
] as const) {
  test(`pasted addresses: ${why}`, () => assert.deepEqual(splitPasted(text), wanted));
}
