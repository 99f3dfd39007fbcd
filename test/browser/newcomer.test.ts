// What somebody stumbled over who had never seen the admin center: each of it goes well now.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { freePort } from "../harness/free-port.ts";
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
