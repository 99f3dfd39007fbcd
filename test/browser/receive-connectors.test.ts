import assert from "node:assert/strict";
import { test } from "node:test";
import { openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { freePort } from "../harness/free-port.ts";

test("a receive connector is made, found, changed and removed", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/mail-flow/receive-connectors");
  await page.getByRole("row", { name: /Default Frontend/ }).waitFor();
  await admin.check("list");
  await page.getByRole("button", { name: "New receive connector" }).click();
  await admin.check("purposes");
  await page.getByRole("button", { name: /Something else/ }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Printers");
  await page.getByLabel("Addresses and ports to listen on").fill("127.0.0.1:nonsense");
  await page.getByRole("button", { name: "Create" }).click();
  await page
    .getByText(/nonsense/)
    .last()
    .waitFor();
  await admin.check("form with a fault");
  await page.getByLabel("Addresses and ports to listen on").fill(`127.0.0.1:${await freePort()}`);
  await page.getByLabel("Clients that it serves").fill("10.0.0.0/8");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Printers" }).waitFor();
  await admin.check("detail");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Comment").fill("second floor");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("second floor").waitFor();
  const [made] = await runCmdlet(server, "Get-ReceiveConnector", { Identity: "Printers" });
  assert.equal(made?.["Comment"], "second floor");
  await page.getByRole("button", { name: "Remove" }).click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByText(/Remove.*Printers/)
    .first()
    .waitFor();
  await admin.check("dialog");
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("row", { name: /Printers/ }).waitFor({ state: "detached" });
});

test("a page fits a telephone", async (t) => {
  const { signIn } = await openAdminCenter(t);
  const admin = await signIn({ width: 320, height: 740 });
  await admin.visit("/mail-flow/receive-connectors");
  await admin.page.getByRole("row", { name: /Default Frontend/ }).click();
  await admin.page.getByRole("heading", { name: "Default Frontend" }).waitFor();
  assert.equal(await admin.overflows(), false);
  await admin.check("telephone");
});
