import assert from "node:assert/strict";
import { appendFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { submit } from "../harness/transaction.ts";

test("a backup is made, verified, compared, and restored, all from its page", async (t) => {
  const [relayPort, smartHostPort] = [await freePort(), await freePort()];
  const { server, signIn } = await openAdminCenter(t, { relayPort, smartHostPort });
  await runCmdlet(server, "New-AcceptedDomain", { Name: "then.test" });
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/servers/configuration");
  await page.getByText("There is no backup yet").waitFor();
  await page.getByRole("button", { name: "Make a backup" }).click();
  const backups = page.getByRole("region", { name: "Backups" });
  await backups.getByText(/0 messages for 0 recipients, .*Keys and certificates/).waitFor();
  await mkdir(join(server.dataFolder, "backups", "begun"));
  await backups.getByRole("button", { name: "Verify" }).click();
  await backups.getByText("Read from end to end: it is as it was made.").waitFor();

  await runCmdlet(server, "Remove-AcceptedDomain", { Identity: "then.test" });
  await runCmdlet(server, "New-AcceptedDomain", { Name: "since.test" });
  await backups.getByRole("button", { name: "Compare configuration" }).click();
  await page.getByText("1 object would change").waitFor();
  await page.getByRole("cell", { name: "then.test", exact: true }).waitFor();
  await page.getByText("Not in the file, and stays: 1 object of this server").click();
  await page.getByRole("listitem").filter({ hasText: "acceptedDomains since.test" }).waitFor();
  await admin.check("compared with a backup");
  await admin.picture("backup-compared");
  await page.getByRole("button", { name: "Put it in" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put it in" }).click();
  await page.getByText("There is no difference").waitFor();
  await runCmdlet(server, "Get-AcceptedDomain", { Identity: "then.test" });

  // What waits in the queue would be lost to its sender: that is asked for.
  await runCmdlet(server, "New-AcceptedDomain", { Name: "later.test" });
  await submit(relayPort, { from: "<a@contoso.test>", to: ["<x@fabrikam.test>"], content: "x" });
  await eventually({ what: "the queue" }, async () => {
    return (await runCmdlet(server, "Get-Message", {})).length === 1 || undefined;
  });
  await admin.visit("/servers/configuration");
  await backups.getByText(/begun is no backup/).waitFor();
  await backups.getByRole("button", { name: "Restore" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/1 recipients wait in the queues/).waitFor();
  assert.ok(await dialog.getByRole("button", { name: "Restore and restart" }).isDisabled());
  await dialog.getByLabel(/^Put aside mail/).check();
  await dialog.getByText(/Restart the server with the backup of/).waitFor();
  await dialog.getByText(/^By hand/).click();
  await dialog.getByText(`${server.dataFolder}/restore/ready`).waitFor();
  await admin.check("restore");
  await admin.picture("restore");
  await dialog.getByRole("button", { name: "Restore and restart" }).click();
  await page.getByText("The server restarts with the backup").first().waitFor();
  await eventually({ what: "the backup in force", withinMs: 30_000 }, async () => {
    const asked = await tryCmdlet(server, "Get-AcceptedDomain").catch(() => undefined);
    const names = asked?.objects.map(({ Name }) => Name) ?? ["later.test"];
    return (!names.includes("later.test") && names.includes("then.test")) || undefined;
  });
  const kept = (await readdir(server.dataFolder)).filter((name) => /^before-restore-/.test(name));
  assert.equal(kept.length, 1);

  const [monday] = await runCmdlet(server, "Get-PostriderBackup");
  await appendFile(join(textOf(monday?.["Path"]), "queue.db"), "x");
  // Nobody is signed in to a server that has begun anew.
  const back = await signIn({ width: 320, height: 740 });
  await back.visit("/servers/configuration");
  const listed = back.page.getByRole("region", { name: "Backups" });
  await listed.getByRole("button", { name: "Verify" }).click();
  await listed.getByText(/queue\.db is not the file that was backed up/).waitFor();
  assert.equal(await back.overflows(), false);
  await back.picture("backup-phone");
});
