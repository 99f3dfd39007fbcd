import assert from "node:assert/strict";
import { test } from "node:test";
import { changedMessage } from "./message-changes.ts";
import { uncategorized } from "./organization.fake.ts";

const { message } = uncategorized([]);
const SCL = "x-ms-exchange-organization-scl";
const content = (...lines: readonly string[]) => [
  Buffer.from(`${[...lines, "From: a@b.test"].join("\r\n")}\r\n\r\nX-MS-Exchange-Forest-X: y\r\n`),
];

test("headers of the organization are those of the content that an agent has written", () => {
  const stored = { ...message, firewalledNames: ["x-ms-exchange-organization-authas"] };
  const names = (lines: readonly string[], changes: Parameters<typeof changedMessage>[1] = {}) =>
    changedMessage(stored, { ...changes, content: content(...lines) }).firewalledNames;
  assert.deepEqual(names(["X-MS-Exchange-Organization-SCL: -1"]), [SCL]);
  assert.equal(names([]), undefined, "those that it has taken out are there no more");
  const remove = { kind: "remove", name: "X-MS-Exchange-Organization-SCL" } as const;
  assert.equal(names(["X-MS-Exchange-Organization-SCL: -1"], { edits: [remove] }), undefined);
  assert.equal(names(["X-MS-Exchange-Organization-SCL: -1"], { scl: 5 }), undefined);
  assert.deepEqual(changedMessage(stored, { scl: 5 }).firewalledNames, stored.firewalledNames);
});

test("what the firewall has removed stays removed in another content", () => {
  const edits = [{ kind: "remove", name: "X-MS-Exchange-Organization-SCL" }] as const;
  const written = content("X-MS-Exchange-Organization-SCL: -1");
  assert.equal(
    changedMessage({ ...message, edits }, { content: written }).firewalledNames,
    undefined,
  );
});
