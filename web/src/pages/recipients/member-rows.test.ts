import assert from "node:assert/strict";
import { test } from "node:test";
import { isDirect, type Member, memberRows, openGroups } from "./member-rows.ts";

const person = (name: string): Member => ({
  ...{ Member: `${name}@x.test`, Name: name, RecipientType: "UserMailbox" },
});
const group = (name: string): Member => ({
  ...person(name),
  RecipientType: "MailUniversalDistributionGroup",
});

const MEMBERS = new Map([["inner@x.test", [person("bob"), group("team")]]]);

function rows(open: readonly string[]) {
  return memberRows({
    group: "TEAM@x.test",
    members: [person("alice"), group("inner")],
    open: new Set(open),
    membersOf: (address) => MEMBERS.get(address),
  });
}

test("a closed group is one line", () => {
  assert.deepEqual(
    rows([]).map(({ name, depth, isGroup }) => [name, depth, isGroup]),
    [
      ["alice", 0, false],
      ["inner", 0, true],
    ],
  );
});

test("an open group has its members below it; one that contains itself ends there", () => {
  const open = ["inner@x.test", "inner@x.test\nteam@x.test"];
  const all = rows(open);
  assert.deepEqual(
    all.map(({ name, depth, isCycle }) => [name, depth, isCycle]),
    [
      ["alice", 0, false],
      ["inner", 0, false],
      ["bob", 1, false],
      ["team", 1, true],
    ],
  );
  assert.deepEqual(all.filter(({ key }) => isDirect(key)).length, 2);
  assert.deepEqual(openGroups(new Set(open)), ["inner@x.test", "team@x.test"]);
});

test("a group that is being read has nothing below it yet", () => {
  const all = memberRows({
    ...{ group: "g@x.test", members: [group("other")], open: new Set(["other@x.test"]) },
    membersOf: () => undefined,
  });
  assert.equal(all.length, 1);
});
