import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { openRoom } from "./recipient-room.fake.ts";

const YAML = `
mailboxes:
  - { name: alice, primarySmtpAddress: alice@contoso.test, emailAddresses: a.smith@contoso.test }
  - { name: bob, primarySmtpAddress: bob@contoso.test, forwardingAddress: x@y.test }
  - { name: carol, primarySmtpAddress: carol@contoso.test, maxReceiveSize: 1MB }
mailUsers:
  - { name: dave, primarySmtpAddress: dave@contoso.test, externalEmailAddress: d@fabrikam.test }
mailContacts:
  - { name: bob, primarySmtpAddress: bobby@contoso.test, externalEmailAddress: b@fabrikam.test }
distributionGroups:
  - name: team
    primarySmtpAddress: team@contoso.test
    members: [alice@contoso.test, x@example.test]
    sendAs: [alice@contoso.test]
`;

for (const [why, cmdlet, parameters, names] of [
  ["all, by kind and name", "Get-Recipient", {}, "alice bob carol dave bob team"],
  ["an address of any kind", "Get-Recipient", { Identity: "TEAM@contoso.test" }, "team"],
  ["a further address", "Get-Recipient", { Identity: "a.smith@contoso.test" }, "alice"],
  ["a part of the name", "Get-Recipient", { Identity: "b*" }, "bob bob"],
  ["a part of an address", "Get-Recipient", { Identity: "*smith@*" }, "alice"],
  ["one kind", "Get-Recipient", { RecipientType: "MailContact,MailUser" }, ""],
  ["kinds", "Get-Recipient", { RecipientType: ["MailContact", "MailUser"] }, "dave bob"],
  ["a filter", "Get-Recipient", { Filter: "ExternalEmailAddress -like '*fabrikam*'" }, "dave bob"],
  ["a filter on the kind", "Get-Recipient", { Filter: "RecipientType -eq 'MailUser'" }, "dave"],
  ["a filter on a list", "Get-Recipient", { Filter: "EmailAddresses -like 'a.*'" }, "alice"],
  ["a filter on a count", "Get-Recipient", { Filter: "MemberCount -gt 1" }, "team"],
  ["sorted", "Get-Recipient", { SortBy: "-PrimarySmtpAddress" }, "team dave carol bob bob alice"],
  ["the first ones sorted", "Get-Recipient", { SortBy: "-Name", ResultSize: 2 }, "team dave"],
  ["the first ones", "Get-Recipient", { ResultSize: 2 }, "alice bob"],
  ["no limit", "Get-Recipient", { ResultSize: "Unlimited" }, "alice bob carol dave bob team"],
  ["behind one", "Get-Recipient", { BookmarkObject: "bob@contoso.test" }, "carol dave bob team"],
  ["behind a name that has gone", "Get-Mailbox", { BookmarkObject: "bert" }, "bob carol"],
  ["a setting of mailboxes", "Get-Mailbox", { Filter: "ForwardingAddress -ne $null" }, "bob"],
  ["a default", "Get-Mailbox", { Filter: "MaxReceiveSize -eq 'unlimited'" }, "alice bob"],
  ["both name and filter", "Get-Mailbox", { Identity: "bob", Filter: "Name -eq 'x'" }, ""],
] as const) {
  test(`recipients are found: ${why}`, async () => {
    const { run } = await openRoom(YAML);
    const { values, warnings, failed } = await run(cmdlet, parameters);
    if (why === "one kind") return assert.equal(failed?.code, "bad-parameter");
    assert.equal(failed, undefined, failed?.message);
    assert.equal(values.map((one) => textOf(one["Identity"])).join(" "), names);
    const isCut = "ResultSize" in parameters && parameters.ResultSize === 2;
    assert.equal(warnings.length, isCut ? 1 : 0);
  });
}

test("a name that two have is to be told apart; one that nobody has is not found", async () => {
  const { run } = await openRoom(YAML);
  const both = await run("Get-Recipient", { Identity: "bob" });
  assert.match(both.failed?.message ?? "", /is Mailbox bob and MailContact bob: give the address/);
  const none = await run("Get-Recipient", { Identity: "nobody" });
  assert.match(none.failed?.message ?? "", /no recipient "nobody"; Get-Recipient "\*…\*" finds/);
});

test("rights to send as somebody are granted, shown and revoked", async () => {
  const { values, run, audited } = await openRoom(YAML);
  await values("Add-RecipientPermission", { Identity: "dave", Trustee: "alice" });
  await values("Add-RecipientPermission", { Identity: "team", Trustee: "carol@contoso.test" });
  const show = async (parameters: object) =>
    (await values("Get-RecipientPermission", parameters))
      .map((one) => `${textOf(one["Identity"])}:${textOf(one["Trustee"])}`)
      .join(" ");
  assert.equal(
    await show({}),
    "dave:alice@contoso.test team:alice@contoso.test team:carol@contoso.test",
  );
  assert.equal(await show({ Trustee: "carol" }), "team:carol@contoso.test");
  assert.equal(await show({ Identity: "dave" }), "dave:alice@contoso.test");
  const given = { Identity: "team", Trustee: "alice" };
  const { actions } = await run("Remove-RecipientPermission", given, { whatIf: true });
  assert.match(actions?.[0] ?? "", /^Set DistributionGroup team: SendAs: \["alice/);
  await values("Remove-RecipientPermission", given);
  assert.equal(await show({ Identity: "team" }), "team:carol@contoso.test");
  const again = await run("Remove-RecipientPermission", given);
  assert.deepEqual(again.warnings, ["alice@contoso.test had no such right"]);
  const contact = await run("Add-RecipientPermission", { Identity: "team", Trustee: "dave" });
  assert.equal(contact.failed?.code, "not-found", "only users of mailboxes log on");
  assert.deepEqual(audited[0]?.changes, [
    { object: "MailUser dave", before: { SendAs: [] }, after: { SendAs: ["alice@contoso.test"] } },
  ]);
  const [team] = await values("Get-DistributionGroup", { Identity: "team" });
  assert.equal(team?.["MemberCount"], 2, "the members have stayed");
});

test("members come and go by name and address, and are shown with who they are", async () => {
  const { values, run, audited } = await openRoom(YAML);
  const members = async () =>
    (await values("Get-DistributionGroupMember", { Identity: "team" })).map(
      (one) => `${textOf(one["Member"])} ${textOf(one["Name"])} ${textOf(one["RecipientType"])}`,
    );
  const start = ["alice@contoso.test alice UserMailbox", "x@example.test  "];
  assert.deepEqual(await members(), start);
  const wish = { Identity: "team", Member: ["carol", "ALICE@contoso.test", "y@example.test"] };
  const shown = await run("Add-DistributionGroupMember", wish, { whatIf: true });
  assert.deepEqual(shown.actions, [
    "Add carol@contoso.test to DistributionGroup team",
    "Add y@example.test to DistributionGroup team",
  ]);
  const added = await run("Add-DistributionGroupMember", wish);
  assert.deepEqual(added.warnings, ["ALICE@contoso.test is a member already"]);
  assert.deepEqual(Object.values(added.values[0] ?? {}).slice(0, 4), ["team", 2, 0, 4]);
  const gone = { Identity: "team@contoso.test", Member: ["alice", "nobody@example.test"] };
  const removed = await run("Remove-DistributionGroupMember", gone);
  assert.deepEqual(removed.warnings, ["nobody@example.test is no member"]);
  const update = { Identity: "team", Members: ["x@example.test", "dave"] };
  const [updated] = await values("Update-DistributionGroupMember", update);
  assert.deepEqual(Object.values(updated ?? {}).slice(0, 4), ["team", 1, 2, 2]);
  assert.deepEqual(await members(), ["x@example.test  ", "dave@contoso.test dave MailUser"]);
  const cut = await run("Get-DistributionGroupMember", { Identity: "team", ResultSize: 1 });
  assert.deepEqual([cut.values.length, cut.warnings.length], [1, 1]);
  const unknown = await run("Add-DistributionGroupMember", { Identity: "team", Member: "nobody" });
  assert.deepEqual([unknown.failed?.code, unknown.failed?.parameter], ["not-found", "Member"]);
  assert.deepEqual(audited.at(-2)?.changes[0]?.after, {
    MemberCount: 2,
    Added: ["dave@contoso.test"],
    AddedCount: 1,
    Removed: ["carol@contoso.test", "y@example.test"],
    RemovedCount: 2,
  });
});

test("how many there are in all is said, whatever is put out", async () => {
  const { run } = await openRoom(YAML);
  const given = { RecipientType: "MailContact", ResultSize: 1, ReturnPageInfo: true };
  const { warnings } = await run("Get-Recipient", given);
  assert.deepEqual(warnings, ["Recipients in all: 1."]);
  const found = await run("Get-Recipient", { Identity: "b*", ResultSize: 1, ReturnPageInfo: true });
  assert.equal(found.values.length, 1);
  assert.equal(found.warnings[0], "Recipients in all: 2.");
});

test("pages of sorted recipients, until something is changed", async () => {
  const { run, values } = await openRoom(YAML);
  const page = async (BookmarkIndex: number) => {
    const given = { SortBy: "-PrimarySmtpAddress", BookmarkIndex, ResultSize: 2 };
    const { values: found, warnings } = await run("Get-Recipient", {
      ...given,
      ReturnPageInfo: true,
    });
    return [found.map((one) => textOf(one["Identity"])).join(" "), ...warnings];
  };
  assert.deepEqual(await page(1), ["team dave", "Results 1 to 2 of 6."]);
  assert.deepEqual(await page(5), ["bob alice", "Results 5 to 6 of 6."]);
  await values("Remove-MailUser", { Identity: "dave" });
  assert.deepEqual(await page(1), ["team carol", "Results 1 to 2 of 5."]);
});
