import assert from "node:assert/strict";
import { test } from "node:test";
import { openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";

test("the server is drained and put back; its health and settings are seen", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/servers/overview");
  await page.getByText("HubTransport: In service").waitFor();
  await page.getByText("Submission queue: Low").waitFor();
  await page.getByText(/^Version \d/).waitFor();
  await admin.check("overview");
  await admin.picture("server");
  await page.getByRole("button", { name: "Drain the server" }).click();
  await page.getByRole("dialog").getByText("Set HubTransport, which is Active").waitFor();
  await admin.check("drain dialog");
  await page.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
  await page.getByText("HubTransport: Draining").waitFor();
  await page.getByText("The queues are empty").waitFor();
  await admin.check("drained");
  await admin.picture("server-drained");
  const Component = "HubTransport";
  const [hub] = await runCmdlet(server, "Get-ServerComponentState", { Component });
  assert.equal(hub?.["State"], "Draining");
  await page.getByRole("button", { name: "Back into service" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Back into service" }).click();
  await page.getByText("HubTransport: In service").waitFor();

  await admin.visit("/servers/health");
  await page.getByRole("heading", { name: "Store" }).waitFor();
  await admin.check("health");
  await admin.picture("health");

  await admin.visit("/servers/settings?noun=ThrottlingPolicy");
  await page.getByRole("heading", { name: "None yet: throttling policy" }).waitFor();
  await page.getByLabel("Settings").selectOption("TransportConfig");
  await page.getByRole("heading", { name: "Transport configuration" }).waitFor();
  await page.getByRole("button", { name: "Notices of non-delivery and delay" }).click();
  await page.getByLabel("External postmaster address").waitFor();
  await admin.check("settings");
  await admin.picture("settings");
});

const FILE = `
mailContacts:
  - { name: zoe, primarySmtpAddress: zoe@contoso.test, externalEmailAddress: zoe@example.test }
`;

test("a configuration is written, compared and put in; a backup is made", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn({ colorScheme: "dark" });
  const { page } = admin;
  await admin.visit("/servers/configuration");
  await admin.check("configuration");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  assert.equal((await download).suggestedFilename(), "postrider.yaml");
  await page.getByLabel("Text of the file").fill(FILE);
  await page.getByRole("button", { name: "Show difference" }).click();
  await page.getByText("1 object would change").waitFor();
  await page.getByRole("cell", { name: "zoe", exact: true }).waitFor();
  await admin.check("difference");
  await admin.picture("configuration-dark");
  await page.getByRole("button", { name: "Put it in" }).click();
  await page.getByRole("dialog").getByText("Added mailContacts zoe").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Put it in" }).click();
  await page.getByText("There is no difference").waitFor();
  const [zoe] = await runCmdlet(server, "Get-MailContact", { Identity: "zoe" });
  assert.equal(zoe?.["ExternalEmailAddress"], "zoe@example.test");
  await page.getByLabel("Text of the file").fill("mailContacts: [{ nme: x }]");
  await page.getByRole("button", { name: "Show difference" }).click();
  await page.getByText(/nme/).last().waitFor();
  await page.getByRole("button", { name: "Make a backup" }).click();
  await page.getByText("Organization recipients").waitFor();
  await admin.check("backup made");
});
