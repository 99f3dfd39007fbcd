import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

/** Refuses everything, in words of its own. */
const MODULE = `export default { events: { OnMailCommand() {
  return { kind: "refuse", reply: { code: 550, status: "5.7.1", lines: ["eve"] }, reason: "Eve" };
} } };`;

async function removeOpened({ page }: AdminPage): Promise<void> {
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

test("milters, block list providers and phrases are made, changed and removed", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/filters/milters");
  await page
    .getByRole("button", { name: /^(Add|New) / })
    .first()
    .click();
  await page.getByLabel(/^Name\*?$/).fill("scanner");
  await page.getByLabel(/^Endpoint/).fill("127.0.0.1:9");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "scanner" }).waitFor();
  await admin.check("milter");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Fail mode").selectOption("Accept");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("row", { name: /scanner.*Accept/ }).waitFor();
  const [milter] = await runCmdlet(server, "Get-Milter");
  assert.deepEqual([milter?.["Endpoint"], milter?.["FailMode"]], ["127.0.0.1:9", "Accept"]);
  await removeOpened(admin);
  assert.deepEqual(await runCmdlet(server, "Get-Milter"), []);

  await admin.visit("/protection/filters/block-providers");
  await page
    .getByRole("button", { name: /^(Add|New) / })
    .first()
    .click();
  await page.getByLabel(/^Name\*?$/).fill("list");
  await page.getByLabel(/^Lookup domain/).fill("list.example");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "list", exact: true }).waitFor();
  await admin.check("provider");
  const [provider] = await runCmdlet(server, "Get-IPBlockListProvider");
  assert.equal(provider?.["LookupDomain"], "list.example");
  await removeOpened(admin);
  assert.deepEqual(await runCmdlet(server, "Get-IPBlockListProvider"), []);

  await admin.visit("/protection/filters/phrases");
  await page
    .getByRole("button", { name: /^(Add|New) / })
    .first()
    .click();
  await page.getByLabel(/^Phrase/).fill("cheap watches");
  await page.getByLabel(/^Influence/).selectOption("BadWord");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("row", { name: /cheap watches/ }).waitFor();
  await admin.check("phrase");
  const [phrase] = await runCmdlet(server, "Get-ContentFilterPhrase");
  assert.equal(phrase?.["Influence"], "BadWord");
});

test("an agent is installed, refuses mail in its own words, and goes", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t);
  const folder = join(server.dataFolder, "agents");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "own.js"), MODULE);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/agents");
  await page
    .getByRole("button", { name: /Install/ })
    .first()
    .click();
  await page.getByLabel(/^Name\*?$/).fill("Own");
  await page.getByLabel(/^Module path/).fill("none.js");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").waitFor();
  await admin.check("no such module");
  await page.getByLabel(/^Module path/).fill("own.js");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Own", exact: true }).waitFor();
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByText("Own is on").first().waitFor();
  await admin.check("agent installed");
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  const refused = await client.command("MAIL FROM:<eve@fabrikam.test>", 550);
  assert.match(refused.lines.join(), /eve/);
  client.destroy();
  const [agent] = await runCmdlet(server, "Get-TransportAgent", { Identity: "Own" });
  assert.equal(textOf(agent?.["State"]), "Healthy");
  await page.getByRole("button", { name: /Uninstall|Remove/ }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Uninstall|Remove/ })
    .click();
  await page.getByRole("row", { name: /^Own/ }).waitFor({ state: "detached" });
});
