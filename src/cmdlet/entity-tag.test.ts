import assert from "node:assert/strict";
import { test } from "node:test";
import { entityTag, matchesTag } from "./entity-tag.ts";
import { RecentEdits } from "./recent-edits.ts";

const STORED = { name: "alice", maxSendSize: "5MB", sendAs: ["a@x.test", "b@x.test"] };
const TAG = entityTag(STORED);

for (const [what, stored, isSame] of [
  ["another order of its properties", { sendAs: STORED.sendAs, maxSendSize: "5MB", name: "alice" }],
  ["its members", { ...STORED, members: ["bob@x.test"] }],
  ["another value", { ...STORED, maxSendSize: "6MB" }, false],
  ["another order of a list", { ...STORED, sendAs: ["b@x.test", "a@x.test"] }, false],
  ["nothing in place of a value", { ...STORED, maxSendSize: null }, false],
  ["one property less", { name: "alice", sendAs: STORED.sendAs }, false],
  ["an empty object", {}, false],
] as const) {
  test(`${what} makes ${isSame === false ? "another" : "the same"} tag`, () => {
    assert.equal(entityTag(stored) === TAG, isSame !== false);
  });
}

test("the tag of a state is the same in every release and on every start", () => {
  assert.equal(TAG, "dd9a6722e2868e6957a6");
});

test("a mapping within an object counts by its content", () => {
  const one = entityTag({ key: { selector: "s1", privateKey: "k" } });
  assert.equal(entityTag({ key: { privateKey: "k", selector: "s1" } }), one);
  assert.notEqual(entityTag({ key: { privateKey: "k", selector: "s2" } }), one);
});

for (const [given, fits] of [
  [undefined, true],
  [["*"], true],
  [[TAG], true],
  [[`"${TAG}"`], true],
  [["0123456789abcdef0123", TAG], true],
  [[`W/"${TAG}"`], false],
  [["0123456789abcdef0123"], false],
  [[], false],
] as const) {
  test(`-IfMatch ${JSON.stringify(given)} ${fits ? "fits" : "fits not"}`, () => {
    assert.equal(matchesTag(given, TAG), fits);
  });
}

test("edits are told of from the tag that was seen to the one that is", () => {
  const edits = new RecentEdits();
  edits.add("Mailbox", { who: "alice", names: ["Name"], before: "a", after: "b" });
  edits.add("mailbox", { who: "bob", names: ["Name", "SendAs"], before: "b", after: "c" });
  edits.add("mailbox", { who: "bob", names: [], before: "c", after: "c" });
  assert.deepEqual(edits.between("mailbox", { before: "a", after: "c" }), {
    who: "bob",
    names: ["Name", "SendAs"],
  });
  for (const [object, before, after] of [
    ["mailbox", "a", "x"],
    ["mailbox", "x", "c"],
    ["group", "a", "c"],
    ["mailbox", "c", "c"],
  ] as const) {
    assert.equal(edits.between(object, { before, after }), undefined);
  }
});

test("edits that lead back do not go on for ever", () => {
  const edits = new RecentEdits();
  edits.add("mailbox", { who: "alice", names: [], before: "a", after: "b" });
  edits.add("mailbox", { who: "alice", names: [], before: "b", after: "a" });
  assert.equal(edits.between("mailbox", { before: "a", after: "c" }), undefined);
});
