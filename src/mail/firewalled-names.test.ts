import assert from "node:assert/strict";
import { test } from "node:test";
import { firewalledNamesIn, leftNames } from "./firewalled-names.ts";

test("names of our headers are found in a header of any size, and not in the text", () => {
  const long = "X-Long: x\r\n".repeat(200_000);
  const text = `X-MS-Exchange-Organization-SCL: 1\r\n${long}x-ms-exchange-forest-a: b\r\n\r\n`;
  const content = Buffer.from(`${text}X-MS-Exchange-Organization-Body: no\r\n`);
  const want = ["x-ms-exchange-organization-scl", "x-ms-exchange-forest-a"];
  assert.deepEqual(firewalledNamesIn([content]), want);
  assert.deepEqual(firewalledNamesIn([content.subarray(0, 7), content.subarray(7)]), want);
  assert.deepEqual(firewalledNamesIn([Buffer.from("X-MS-Exchange-Organization-A: b")]), [
    "x-ms-exchange-organization-a",
  ]);
  assert.deepEqual(firewalledNamesIn([]), []);
});

test("what is removed by name is left no more", () => {
  const names = ["x-ms-exchange-organization-a", "x-ms-exchange-organization-b"];
  const edits = [{ kind: "remove", name: "X-MS-Exchange-Organization-A" }] as const;
  assert.deepEqual(leftNames(names, edits), ["x-ms-exchange-organization-b"]);
  assert.equal(leftNames(names, []).length, 2);
});
