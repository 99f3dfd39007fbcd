import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";

test("administrators, tokens, role groups and sign-ins; who has changed what", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/servers/administrators");
  await page.getByRole("button", { name: "New administrator" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("helen");
  await page.getByLabel("Password").fill("a long enough password");
  await page.getByRole("checkbox", { name: "Help Desk" }).click();
  // What a group is for stands with it, also for who only hears the page.
  const desk = page.getByRole("checkbox", { name: "Help Desk" });
  const described = (await desk.getAttribute("aria-describedby")) ?? "";
  const about = await page.locator(`[id="${described}"]`).textContent();
  assert.match(about ?? "", /^Reads: traces of messages without their subjects/);
  await page.locator("form").getByRole("link", { name: "Role groups" }).waitFor();
  await admin.check("new administrator");
  await admin.picture("new-administrator");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "helen" }).waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("checkbox", { name: "Recipient Management" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Recipient Management, Help Desk").first().waitFor();
  await admin.check("administrator");
  await admin.picture("administrators");
  const [helen] = await runCmdlet(server, "Get-Administrator", { Identity: "helen" });
  assert.deepEqual(helen?.["RoleGroups"], ["Recipient Management", "Help Desk"]);

  // From the object to its history is one click.
  await page.getByRole("button", { name: "Changes" }).click();
  await page.getByRole("row", { name: /Set-Administrator/ }).click();
  await page.getByRole("cell", { name: "RoleGroups" }).first().waitFor();
  await admin.check("audit log");
  // A link to an entry opens it, wherever it is in the list.
  await admin.visit("/servers/audit-log?user=nobody&open=1");
  await page.getByRole("heading", { name: "New-Administrator" }).waitFor();
  await page.goBack();
  await page.getByRole("cell", { name: "RoleGroups" }).first().waitFor();
  await admin.picture("audit-log");
  assert.equal(
    await page.getByLabel("Object", { exact: true }).inputValue(),
    "Administrator helen",
  );
  await tokens(admin);

  await admin.visit("/servers/role-groups?open=Help+Desk");
  await page.getByRole("heading", { name: /^\d+ cmdlets$/ }).waitFor();
  await admin.check("role groups");

  const other = await signIn({ name: "otto" });
  await admin.visit("/servers/sessions");
  await page.getByRole("button", { name: /^End: otto/ }).click();
  await admin.check("sign-ins");
  await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
  await page.getByRole("row", { name: /otto/ }).waitFor({ state: "detached" });
  await other.page.goto(other.page.url());
  await other.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
});

async function tokens(admin: AdminPage): Promise<void> {
  const { page } = admin;
  await admin.visit("/servers/tokens");
  await page.getByText("No API token yet").waitFor();
  await page.getByRole("button", { name: "New API token" }).click();
  await page.getByLabel("Name of the program").fill("monitor");
  await page.getByRole("checkbox", { name: "View-Only Organization Management" }).click();
  await page.getByLabel(/^Only these cmdlets/).fill("Get-Queue");
  await admin.check("new token");
  await page.getByRole("alertdialog").getByRole("button", { name: "Create" }).click();
  await page.getByText("This is shown this once").waitFor();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("row", { name: /monitor/ }).click();
  await admin.check("token");
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("No API token yet").waitFor();
}

test("the help desk sees no page that it may not use", async (t) => {
  const { signIn } = await openAdminCenter(t);
  const admin = await signIn({ name: "desk", roleGroups: ["Help Desk"], width: 320, height: 740 });
  const { page } = admin;
  await admin.visit("/servers/overview");
  await page.getByText("HubTransport: In service").waitFor();
  assert.equal(await page.getByRole("button", { name: "Drain the server" }).count(), 0);
  assert.equal(await admin.overflows(), false);
  await admin.check("telephone");
  await admin.picture("server-telephone");
  await page.goto(`${page.url().split("/servers")[0]}/servers/administrators`);
  await page.getByText("Your role groups do not allow this page").waitFor();
});
