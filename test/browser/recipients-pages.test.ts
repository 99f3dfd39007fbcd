import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import type { TestServer } from "../harness/server.ts";

test("a mailbox is made, searched, changed, given addresses, rights and passwords", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/recipients/mailboxes");
  await page.getByRole("row", { name: /alice@contoso/ }).waitFor();
  await admin.check("list of mailboxes");
  await admin.picture("mailboxes");
  await page.getByRole("button", { name: "New mailbox" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Carol <b>");
  await page.getByLabel("Primary SMTP address").fill("carol@contoso.test");
  await page.getByLabel("Password", { exact: true }).fill("correct horse carol");
  await admin.check("new mailbox");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Carol <b>" }).waitFor();
  await page.getByRole("searchbox", { name: "Search" }).fill("carol");
  await page.getByRole("row", { name: /alice@contoso/ }).waitFor({ state: "detached" });

  await page.getByRole("tab", { name: "Addresses" }).click();
  await page.getByLabel("New address").fill("c.jones@contoso.test");
  await page.getByRole("button", { name: "Add an address" }).click();
  await page.getByRole("button", { name: "Make primary: c.jones@contoso.test" }).click();
  await page.getByRole("button", { name: "Make primary: carol@contoso.test" }).waitFor();
  await admin.check("addresses");
  await admin.picture("mailbox-addresses");
  const [renamed] = await runCmdlet(server, "Get-Mailbox", { Identity: "carol@contoso.test" });
  assert.equal(renamed?.["PrimarySmtpAddress"], "c.jones@contoso.test");
  await page.getByRole("button", { name: "Remove carol@contoso.test" }).click();
  await page.getByText("It has no further address.").waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("button", { name: "Remove carol@contoso.test" }).waitFor();

  await grantsAndPasswords(admin);
  await settingsAndEnd(admin, server);
});

async function grantsAndPasswords(admin: AdminPage): Promise<void> {
  const { page } = admin;
  await page.getByRole("tab", { name: "Send as" }).click();
  await page.getByText("Nobody else may send").waitFor();
  await page.getByLabel("Let somebody send as this recipient").fill("ali");
  await page.getByRole("button", { name: /alice@contoso/ }).click();
  await page.getByRole("button", { name: "Take the right from alice@contoso.test" }).waitFor();
  await admin.check("send as");

  await page.getByRole("tab", { name: "App passwords" }).click();
  await page.getByRole("button", { name: "New app password" }).click();
  await page.getByLabel("Name of the device or program").fill("scanner");
  await admin.check("new app password");
  await page.getByRole("alertdialog").getByRole("button", { name: "Create" }).click();
  await page.getByText("This is shown this once").waitFor();
  const secret = await page.getByRole("alertdialog").locator("code").textContent();
  assert.match(secret ?? "", /^\S{12,}$/);
  await admin.check("the app password, once");
  await admin.picture("app-password");
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("button", { name: "Revoke scanner" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("No app password.").waitFor();
}

async function settingsAndEnd(admin: AdminPage, server: TestServer): Promise<void> {
  const { page } = admin;
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Limits" }).click();
  await page.getByLabel("Max send size").fill("5MB");
  await page.getByRole("button", { name: "Moderation", exact: true }).click();
  await page.getByLabel("Moderated by").fill("alice@contoso.test");
  await page.getByRole("switch", { name: "Moderation enabled" }).click();
  await admin.check("edit form");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Moderation" }).waitFor();
  await admin.check("settings");
  await admin.picture("mailbox-settings");
  const [changed] = await runCmdlet(server, "Get-Mailbox", { Identity: "carol@contoso.test" });
  assert.equal(changed?.["ModerationEnabled"], true);
  assert.match(textOf(changed["MaxSendSize"]), /5/);

  await page.getByRole("button", { name: "Reset password" }).click();
  await admin.check("reset password");
  await page.getByRole("alertdialog").getByRole("button", { name: "Reset" }).click();
  await page.getByText("This is shown this once").waitFor();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("button", { name: "Reset password" }).click();
  await page.getByRole("radio", { name: "Type one" }).click();
  await page.getByLabel("New password").fill("another long secret");
  await page.getByRole("alertdialog").getByRole("button", { name: "Reset" }).click();
  await page.getByText("The password was changed").first().waitFor();

  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Nobody has that in a name or an address").waitFor();
  await admin.check("nobody found");
}

const GROUPS = [
  ["inner", ["bob@contoso.test"]],
  ["everybody", ["alice@contoso.test", "inner@contoso.test", "x@example.test"]],
] as const;

test("members of a group: nested, added, pasted, taken out", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  for (const [name, members] of GROUPS) {
    const group = { Name: name, PrimarySmtpAddress: `${name}@contoso.test`, Members: members };
    await runCmdlet(server, "New-DistributionGroup", group);
  }
  const loop = { Identity: "inner", Member: ["everybody@contoso.test"] };
  await runCmdlet(server, "Add-DistributionGroupMember", loop);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/recipients/groups?open=everybody");
  await page.getByRole("button", { name: "Show members of inner" }).click();
  await page.getByRole("row", { name: /bob@contoso/ }).waitFor();
  await page.getByText("(in it already)").waitFor();
  await admin.check("nested groups");
  await admin.picture("group-members");
  await page.getByRole("button", { name: "Hide members of inner" }).click();
  await page.getByLabel("Add a member").fill("y@example.test");
  await page.getByRole("button", { name: "y@example.test (as it is)" }).click();
  await page.getByRole("row", { name: /y@example.test/ }).waitFor();
  await page.getByRole("button", { name: "Paste many" }).click();
  await page.getByLabel("Paste many").fill("Bob B <bob@contoso.test>; z@example.test");
  await page.getByText("Add z@example.test to DistributionGroup everybody").waitFor();
  await admin.check("paste");
  await admin.picture("group-paste");
  await page.getByRole("button", { name: "Add members" }).click();
  await page.getByRole("row", { name: /z@example.test/ }).waitFor();
  await page.getByRole("checkbox", { name: "Select x@example.test" }).click();
  await page.getByRole("checkbox", { name: "Select z@example.test" }).click();
  const other = { Identity: "everybody", Member: ["other@example.test"] };
  await runCmdlet(server, "Add-DistributionGroupMember", other);
  await page.getByRole("button", { name: "Remove 2" }).click();
  await page
    .getByRole("dialog")
    .getByText(/has been changed meanwhile by .*Members/)
    .waitFor();
  await admin.check("members that have changed");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("row", { name: /other@example.test/ }).waitFor();
  await runCmdlet(server, "Remove-DistributionGroupMember", other);
  await page.reload();
  await page.getByRole("checkbox", { name: "Select x@example.test" }).click();
  await page.getByRole("checkbox", { name: "Select z@example.test" }).click();
  await page.getByRole("button", { name: "Remove 2" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take out" }).click();
  await page.getByText("2 members were taken out").first().waitFor();
  const members = await runCmdlet(server, "Get-DistributionGroupMember", { Identity: "everybody" });
  const addresses = members.map((one) => one["Member"]).toSorted();
  const wanted = ["alice", "bob", "inner"].map((name) => `${name}@contoso.test`);
  assert.deepEqual(addresses, [...wanted, "y@example.test"]);
  await manyMembers(admin, server);
});

async function manyMembers(admin: AdminPage, server: TestServer): Promise<void> {
  const { page } = admin;
  const Members = Array.from({ length: 1_500 }, (_, at) => `m${at}@example.test`);
  const group = { Name: "many", PrimarySmtpAddress: "many@contoso.test", Members };
  await runCmdlet(server, "New-DistributionGroup", group);
  await admin.visit("/recipients/groups?open=many");
  await page.getByText("1,500 members").waitFor();
  await page.getByRole("row", { name: /m0@example.test/ }).focus();
  for (const last of ["m215@", "m1215@", "m1499@"]) {
    await page.keyboard.press("End");
    await page.getByRole("row", { name: new RegExp(last) }).waitFor();
  }
  await page.getByLabel("Find a member").fill("M1234@");
  await page.getByText("1 member found").waitFor();
  await page.getByRole("row", { name: /m1234@/ }).waitFor();
  await admin.check("a member that was found");
  await admin.picture("group-many");
}

test("a thousand recipients are scrolled through, and found on a telephone", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const contacts = Array.from({ length: 1000 }, (_, at) => {
    const name = `contact${String(at).padStart(4, "0")}`;
    const address = `primarySmtpAddress: ${name}@contoso.test`;
    return `  - { name: ${name}, ${address}, externalEmailAddress: ${name}@example.test }`;
  });
  const FileData = ["mailContacts:", ...contacts].join("\n");
  await runCmdlet(server, "Import-PostriderConfiguration", { FileData, ResultSize: 0 });
  const admin = await signIn({ colorScheme: "dark" });
  const { page } = admin;
  await admin.visit("/recipients/contacts");
  await page.getByText("The first 200 of 1,000;").waitFor();
  await page.getByRole("row", { name: /contact0000/ }).focus();
  // Pages come as rows of theirs come into view.
  await page.keyboard.press("End");
  await page.getByRole("row", { name: /contact0200/ }).waitFor();
  await page.keyboard.press("End");
  await page.getByRole("row", { name: /contact0999/ }).waitFor();
  await page.getByText("1,000 recipients").waitFor();
  const byName = page.getByRole("columnheader", { name: "Name" }).getByRole("button");
  await byName.click();
  await page.waitForURL(/sort=Name/);
  await page.getByRole("row", { name: /contact0000/ }).focus();
  await page.keyboard.press("End");
  await page.getByRole("row", { name: /contact0999/ }).waitFor();
  await page.getByText("1,000 recipients").waitFor();
  await byName.click();
  await page.waitForURL(/sort=-Name/);
  await page.getByRole("row", { name: /contact0999/ }).waitFor();
  await admin.check("contacts, dark");
  await admin.picture("contacts-dark");
  await admin.visit("/recipients/contacts?search=contact");
  await page.getByText("The first 200 of 1,000;").waitFor();
  const small = await signIn({ width: 320, height: 740 });
  await small.visit("/recipients/all?search=0777");
  await small.page.getByRole("row", { name: /contact0777/ }).click();
  await small.page.getByRole("heading", { name: "contact0777" }).waitFor();
  assert.equal(await small.overflows(), false);
  await small.check("telephone");
  await small.picture("recipient-telephone");
});
