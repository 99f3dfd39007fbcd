// What somebody stumbled over who had never seen the admin center: each of it goes well now.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { freePort } from "../harness/free-port.ts";
import type { TestServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

interface Stage {
  readonly admin: AdminPage;
  readonly relayPort: number;
}

test("a newcomer finds his way", async (t) => {
  const smartHostPort = await freePort();
  const relayPort = await freePort();
  const greylisted = { reply: "451 4.7.1 Greylisted, try again" };
  const script = ({ verb }: { readonly verb: string }) =>
    verb === "RCPT" ? greylisted : undefined;
  await startSink(t, { port: smartHostPort, script });
  const center = await openAdminCenter(t, { smartHostPort, relayPort });
  const stage = { relayPort, admin: await center.signIn() };
  await t.test("a device gets its password, also where nobody can log on yet", () =>
    setUpDevice(stage),
  );
  await t.test("a queue says why the host puts its messages off", () => seeDeferral(stage));
  await t.test("the list of queued messages is saved", () => exportList(stage));
  await t.test("a change is put back, and what was removed is made again", () =>
    takeBack({ ...stage, server: center.server }),
  );
  await t.test("a message is found by sender, recipient and subject at once", () => find(stage));
});

async function setUpDevice({ admin }: Stage): Promise<void> {
  const { page } = admin;
  await admin.visit("/mail-flow/devices/new");
  await page.getByText("No receive connector takes logons").waitFor();
  await page.getByLabel("Name of the device").fill("Printer");
  await page.getByText("As a mailbox of its own, made now").click();
  await page.getByLabel("Name of the mailbox").fill("printer");
  await page.getByLabel("Address of the mailbox").fill("printer@contoso.test");
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByRole("heading", { name: "Enter this at the device" }).waitFor();
  await page.getByText("No receive connector takes logons").waitFor();
  const password = page.locator("dt", { hasText: /^Password$/ }).locator("+ dd");
  assert.match((await password.textContent()) ?? "", /^\S{12,}$/);
  await admin.check("settings without a way in");
}

async function seeDeferral({ admin, relayPort }: Stage): Promise<void> {
  const { page } = admin;
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO client.contoso.test", 250);
  const content = "From: alice@contoso.test\r\nSubject: Offer\r\n\r\nHello";
  const mail = { from: "alice@contoso.test", to: ["ann@fabrikam.test"], content };
  assert.equal((await client.sendMessage(mail)).code, 250);
  await client.quit();
  await admin.visit("/queues");
  await page.getByRole("row", { name: /127\.0\.0\.1/ }).click();
  await page.getByText(/1 of 1 message is put off by the host/).waitFor();
  await page.getByText("451 4.7.1 Greylisted, try again").first().waitFor();
  assert.equal(await page.getByText("Nothing has gone wrong so far.").count(), 0);
  await admin.check("deferred");
}

async function exportList({ admin }: Stage): Promise<void> {
  const { page } = admin;
  await admin.visit("/queues/messages");
  await page.getByRole("row", { name: /Offer/ }).waitFor();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as CSV" }).click();
  const [header = "", line = ""] = (await readFile(await (await downloading).path(), "utf8"))
    .replace("\ufeff", "")
    .split("\r\n");
  assert.match(header, /^Identity,.*FromAddress,Subject,/);
  assert.match(line, /alice@contoso\.test,Offer,Retry,/);
}

async function takeBack(stage: Stage & { readonly server: TestServer }): Promise<void> {
  const { admin, server } = stage;
  const { page } = admin;
  const rule = { Name: "No payroll", SubjectContainsWords: ["payroll"], DeleteMessage: true };
  await runCmdlet(server, "New-TransportRule", rule);
  const change = { Identity: "No payroll", SubjectContainsWords: ["bonus"], Comments: "mine" };
  await runCmdlet(server, "Set-TransportRule", change);
  await admin.visit("/servers/audit-log?object=TransportRule+No+payroll");
  await page.getByRole("row", { name: /Set-TransportRule/ }).click();
  await page.getByRole("button", { name: "Put back as before" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/SubjectContainsWords: \["bonus"\] -> \["payroll"\]/).waitFor();
  await admin.check("put back");
  await dialog.getByRole("button", { name: "Put back as before" }).click();
  await page.getByText("Taken back: TransportRule No payroll").first().waitFor();
  const [again] = await runCmdlet(server, "Get-TransportRule", { Identity: "No payroll" });
  assert.deepEqual(again?.["SubjectContainsWords"], ["payroll"]);
  assert.equal(again?.["Comments"] ?? "", "");
  await runCmdlet(server, "Remove-TransportRule", { Identity: "No payroll" });
  await admin.visit("/servers/audit-log?cmdlet=Remove-TransportRule");
  await page.getByRole("row", { name: /Remove-TransportRule/ }).click();
  await page.getByRole("button", { name: "Make it again" }).click();
  await dialog.getByRole("button", { name: "Make it again" }).click();
  await page.getByText("Taken back: TransportRule No payroll").first().waitFor();
  const { ETag: _old, ...before } = again ?? {};
  const [made] = await runCmdlet(server, "Get-TransportRule", { Identity: "No payroll" });
  const { ETag: _new, ...after } = made ?? {};
  assert.deepEqual(after, { ...before, HitsSince: after["HitsSince"] });
}

async function find({ admin }: Stage): Promise<void> {
  const { page } = admin;
  await admin.visit("/trace");
  const box = page.getByRole("searchbox", { name: "Search" });
  await box.fill("offer @fabrikam.test alice@contoso.test");
  await box.press("Enter");
  await page.getByRole("row", { name: /alice@contoso\.test.*ann@fabrikam\.test.*Offer/ }).waitFor();
  await box.fill("offer bob@contoso.test alice@contoso.test");
  await box.press("Enter");
  await page.getByText("No message is like that").waitFor();
  await page.getByRole("link", { name: "Session recordings" }).click();
  await page.getByRole("heading", { name: "Session recordings" }).waitFor();
  assert.equal(await page.getByLabel("Sender or recipient").inputValue(), "bob@contoso.test");
}
