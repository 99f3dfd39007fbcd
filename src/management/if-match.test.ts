import assert from "node:assert/strict";
import { test } from "node:test";
import { nounOf } from "../cmdlet/cmdlet-table.ts";
import { ALL_CMDLETS } from "./all-cmdlets.ts";
import { tagHeaders, withCondition } from "./if-match.ts";

const SET = cmdletOf("Set-SendConnector");
const TAG = "6bb11e2bb9fdd3ed8e71";

function cmdletOf(name: string) {
  const found = ALL_CMDLETS.find(name);
  assert.ok(found !== undefined, name);
  return found;
}

for (const [header, expected] of [
  ["*", ["*"]],
  [`"${TAG}"`, [TAG]],
  [`"a", "${TAG}"`, ["a", TAG]],
  [`, "a",, "b" ,`, ["a", "b"]],
  // Compared strongly, a weak tag fits nothing (RFC 9110 §13.1.1).
  [`W/"${TAG}", "b"`, ["b"]],
  [`W/"${TAG}"`, []],
  [`"a,b"`, ["a,b"]],
  ['""', []],
] as const) {
  test(`If-Match: ${header} is -IfMatch ${JSON.stringify(expected)}`, () => {
    const read = withCondition(SET, { Identity: "Out" }, header);
    assert.deepEqual(read, { ok: true, value: { Identity: "Out", IfMatch: expected } });
  });
}

for (const header of ["", "a", TAG, `"a" "b"`, `"a`, `*, "a"`, 'w/"a"', '"a",'.repeat(101)]) {
  test(`If-Match: ${header.slice(0, 20)} is refused`, () => {
    const read = withCondition(SET, {}, header);
    assert.ok(!read.ok && read.fault.status === 400);
  });
}

test("the condition is given once", () => {
  const read = withCondition(SET, { ifmatch: TAG }, "*");
  assert.ok(!read.ok && read.fault.status === 400);
});

test("what has no tags is never as somebody saw it", () => {
  const cmdlet = cmdletOf("Suspend-Queue");
  const read = withCondition(cmdlet, {}, `"${TAG}"`);
  assert.ok(!read.ok && read.fault.status === 412);
  assert.deepEqual(withCondition(cmdlet, {}, "*"), { ok: true, value: {} });
  assert.deepEqual(withCondition(cmdlet, {}, undefined), { ok: true, value: {} });
});

for (const [cmdlet, given, count, expected] of [
  ["Get-SendConnector", { identity: "Out" }, 1, true],
  ["Get-SendConnector", { Identity: "O*" }, 1, false],
  ["Get-SendConnector", {}, 1, false],
  ["Get-SendConnector", { Identity: "Out" }, 2, false],
  ["Get-TransportConfig", {}, 1, true],
  ["Get-AppPassword", { Mailbox: "alice" }, 1, false],
  ["Get-AppPassword", { Mailbox: "alice", Name: "Scanner" }, 1, true],
] as const) {
  test(`${cmdlet} ${JSON.stringify(given)} with ${count}: ${expected ? "a" : "no"} tag`, () => {
    const objects = Array.from({ length: count }, () => ({ ETag: TAG }));
    const headers = tagHeaders(cmdletOf(cmdlet), given, objects);
    assert.deepEqual(headers, expected ? { etag: `"${TAG}"` } : {});
  });
}

test("what Get shows a tag of can be changed under the condition that it is still that", () => {
  const tagged = new Set(
    ALL_CMDLETS.all
      .filter(({ name, output }) => name.startsWith("Get-") && output.properties["ETag"])
      .map(nounOf),
  );
  assert.ok(tagged.size > 30);
  const unguarded = ALL_CMDLETS.all
    .filter((one) => one.effect === "changes" && tagged.has(nounOf(one)))
    .filter(({ name, parameters }) => !/^(?:New|Add|Install)-/.test(name) && !parameters["IfMatch"])
    .map(({ name }) => name);
  assert.deepEqual(unguarded, []);
});
