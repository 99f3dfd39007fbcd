import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { openRoom } from "./recipient-room.fake.ts";

const TEAM = { Name: "team", PrimarySmtpAddress: "team@contoso.test" };
const Identity = "team";

async function openTeam() {
  const room = await openRoom();
  await room.values("New-DistributionGroup", { ...TEAM, Members: ["a@x.test", "b@x.test"] });
  const tagOf = async () => {
    const [member] = await room.values("Get-DistributionGroupMember", { Identity });
    return textOf(member?.["MembersETag"]);
  };
  return { ...room, tagOf };
}

test("members have a tag of their own, another one whenever somebody comes or goes", async () => {
  const { values, tagOf } = await openTeam();
  const group = (await values("Get-DistributionGroup", { Identity }))[0]?.["ETag"];
  const tags = [await tagOf()];
  for (const [cmdlet, given] of [
    ["Add", { Member: "c@x.test" }],
    ["Remove", { Member: "c@x.test" }],
    ["Update", { Members: ["b@x.test", "d@x.test"] }],
  ] as const) {
    const parameters = { Identity, ...given };
    const [changed] = await values(`${cmdlet}-DistributionGroupMember`, parameters);
    tags.push(textOf(changed?.["MembersETag"]));
    assert.equal(await tagOf(), tags.at(-1), cmdlet);
  }
  assert.equal(new Set(tags).size, tags.length);
  const now = (await values("Get-DistributionGroup", { Identity }))[0]?.["ETag"];
  assert.equal(now, group, "members are no part of it");
  await values("Set-DistributionGroup", { Identity, MaxReceiveSize: "5MB" });
  await values("Add-DistributionGroupMember", { Identity, Member: "b@x.test" });
  assert.equal(await tagOf(), tags.at(-1), "nobody has come or gone");
});

test("members are read on behind a place, and looked for by address or name", async () => {
  const { values, run } = await openTeam();
  const alice = { Name: "Alice Ames", PrimarySmtpAddress: "alice@contoso.test" };
  await values("New-Mailbox", { ...alice, Password: "hush hush" });
  const Member = ["c@x.test", "alice@contoso.test", "d@y.test"];
  await values("Add-DistributionGroupMember", { Identity, Member });
  await values("Remove-DistributionGroupMember", { Identity, Member: "b@x.test" });
  const read = async (given: object) =>
    (await values("Get-DistributionGroupMember", { Identity, ...given })).map((one) => [
      one["Member"],
      one["Place"],
    ]);
  const first = await run("Get-DistributionGroupMember", { Identity, ResultSize: 2 });
  assert.deepEqual(
    first.values.map(({ Place }) => Place),
    [0, 2],
  );
  assert.match(first.warnings.join(), /more than these 2/);
  const rest = [
    ["alice@contoso.test", 3],
    ["d@y.test", 4],
  ];
  assert.deepEqual(await read({ BookmarkObject: 2 }), rest);
  assert.deepEqual(await read({ BookmarkObject: 2, Member: "Y.TEST" }), rest.slice(1));
  assert.deepEqual(await read({ Member: "ames" }), rest.slice(0, 1));
  assert.deepEqual(await read({ Member: "*@x.test" }), [
    ["a@x.test", 0],
    ["c@x.test", 2],
  ]);
});

test("a new group takes its members by name or address", async () => {
  const { values, run } = await openRoom();
  const alice = { Name: "alice", PrimarySmtpAddress: "alice@contoso.test" };
  await values("New-Mailbox", { ...alice, Password: "hush hush" });
  await values("New-DistributionGroup", { Name: "inner", PrimarySmtpAddress: "in@contoso.test" });
  const Members = ["alice", "inner", "x@example.test", "Alice@contoso.test"];
  const unknown = await run("New-DistributionGroup", { ...TEAM, Members: ["alice", "nobody"] });
  assert.equal(unknown.failed?.parameter, "Members");
  assert.match(unknown.failed.message, /^there is no recipient "nobody"/);
  const [made] = await values("New-DistributionGroup", { ...TEAM, Members });
  assert.equal(made?.["MemberCount"], 3);
  const members = await values("Get-DistributionGroupMember", { Identity });
  assert.deepEqual(
    members.map(({ Name, Member }) => [Name, textOf(Member).toLowerCase()]),
    [
      ["alice", "alice@contoso.test"],
      ["inner", "in@contoso.test"],
      [null, "x@example.test"],
    ],
  );
});

for (const [cmdlet, given] of [
  ["Add", { Member: "new@x.test" }],
  ["Remove", { Member: "a@x.test" }],
  ["Update", { Members: ["new@x.test"] }],
] as const) {
  test(`${cmdlet}-DistributionGroupMember -IfMatch: who is too late changes nothing`, async () => {
    const { values, run, tagOf } = await openTeam();
    const IfMatch = await tagOf();
    await values("Add-DistributionGroupMember", { Identity, Member: "other@x.test", IfMatch });
    const mine = { Identity, ...given, IfMatch };
    for (const whatIf of [true, false]) {
      const late = await run(`${cmdlet}-DistributionGroupMember`, mine, { whatIf });
      assert.equal(late.failed?.code, "conflict");
      assert.match(late.failed.message, /team has been changed meanwhile by rita \(Members\)/);
    }
    const members = await values("Get-DistributionGroupMember", { Identity });
    assert.deepEqual(
      members.map(({ Member }) => Member),
      ["a@x.test", "b@x.test", "other@x.test"],
    );
    await values(`${cmdlet}-DistributionGroupMember`, { ...mine, IfMatch: await tagOf() });
    await values(`${cmdlet}-DistributionGroupMember`, { ...mine, IfMatch: "*" });
  });
}
