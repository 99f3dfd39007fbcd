import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { type Sink, startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const HOSTILE = "450 4.3.2 <img src=x onerror=alert(1)> busy \u202etxt.exe";

interface Stage {
  readonly admin: AdminPage;
  readonly sink: Sink;
}

async function askWhy(stage: Stage): Promise<void> {
  const { admin } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/troubleshooter");
  await admin.check("questions");
  await admin.picture("troubleshooter");
  await page.getByLabel("Domain").fill("fabrikam.test");
  await page.getByRole("button", { name: "Why does its mail wait?" }).click();
  await page.getByText(/2 recipients at fabrikam\.test wait/).waitFor();
  await page
    .getByText(/450 4\.3\.2 <img src=x/)
    .first()
    .waitFor();
  const way = page.getByRole("region", { name: "The way there, tried now" });
  await way.getByRole("status").getByText(/^Done/).waitFor();
  const story = page.getByRole("region", { name: "The latest of them, explained" });
  await story.getByRole("status").getByText(/^Done/).waitFor();
  await admin.check("defers");
  await admin.picture("troubleshooter-defers");
  assert.equal(await page.locator("img[src=x]").count(), 0);
}

async function tryWay(stage: Stage): Promise<void> {
  const { admin, sink } = stage;
  const { page } = admin;
  await admin.visit("/mail-flow/troubleshooter?test=outbound&domain=fabrikam.test&run=1");
  await page.getByText(/All is well|Nothing failed/).waitFor();
  await page.getByLabel(/Ask whether this recipient/).fill("bob@fabrikam.test");
  await page.getByRole("button", { name: "Run again" }).click();
  await page
    .getByText(/failed, |1 warning|[2-9] warnings/)
    .first()
    .waitFor();
  await page.getByRole("img", { name: "Pass" }).first().waitFor();
  await admin.check("outbound");
  await admin.picture("troubleshooter-outbound");
  assert.match(page.url(), /to=bob%40fabrikam\.test|to=bob@fabrikam\.test/);
  sink.setScript(({ verb }) => (verb === "EHLO" ? { reply: "" } : undefined));
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Cancelled. What came before that is below.").waitFor();
  await admin.check("cancelled");
  sink.setScript(undefined);
}

async function askRoute(stage: Stage): Promise<void> {
  const { admin } = stage;
  const { page } = admin;
  await page.getByRole("button", { name: "Another question" }).click();
  await page.getByRole("button", { name: /What would become of a message/ }).click();
  await page.getByLabel("Sender").fill("alice@contoso.test");
  await page.getByLabel("Recipients").fill("bob@fabrikam.test");
  await page.getByRole("button", { name: "Run the test" }).click();
  await page.getByText(/^Done/).waitFor();
  const toggle = page.getByRole("button", { name: /^Steps of/, expanded: true }).first();
  await toggle.click();
  await admin.check("route");
  await admin.picture("troubleshooter-route");
}

async function tryDoors(stage: Stage): Promise<void> {
  const { admin } = stage;
  const { page } = admin;
  for (const [question, answer] of [
    [/Do our receive connectors answer/, /Default Frontend.*Success/],
    [/Are we an open relay/, /^Done/],
    [/Does mail flow/, /Success|SUCCESS/],
  ] as const) {
    await page.getByRole("button", { name: "Another question" }).click();
    await page.getByRole("button", { name: question }).click();
    await page.getByRole("button", { name: "Run the test" }).click();
    await page.getByText(answer).first().waitFor({ timeout: 40_000 });
    await admin.check(String(question));
    await admin.picture(`troubleshooter-${String(question).replace(/\W+/g, "-")}`);
  }
}

test("the troubleshooter says why a domain defers, and tests ways and doors", async (t) => {
  const relayPort = await freePort();
  const sink = await startSink(t, { port: await freePort() });
  sink.setScript(({ verb }) => (verb === "RCPT" ? { reply: HOSTILE } : undefined));
  const adminPort = await freePort();
  const settings = {
    fqdn: "mail.contoso.test",
    admin: { listen: `127.0.0.1:${adminPort}` },
    // Nobody answers there: tests of DNS fail at once.
    dnsServers: [`127.0.0.1:${await freePort()}`],
  };
  const { server, signIn } = await openAdminCenter(t, {
    relayPort,
    adminPort,
    smartHostPort: sink.port,
    more: { server: settings },
  });
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO app.test", 250);
  const content = "Subject: Order\r\n\r\nPlease.\r\n";
  const to = ["bob@fabrikam.test", "eve@fabrikam.test"];
  await client.sendMessage({ from: "alice@contoso.test", to, content });
  await client.quit();
  await eventually({ what: "a deferral" }, async () => {
    const rows = await runCmdlet(server, "Get-MessageTrace", {
      RecipientAddress: "@fabrikam.test",
    });
    return rows.some((row) => /450/.test(textOf(row["Detail"])));
  });
  const admin = await signIn();
  const stage: Stage = { admin, sink };
  await t.test("why a domain defers", () => askWhy(stage));

  await t.test("the way to a domain, step by step; and cancelled", () => tryWay(stage));

  await t.test("what would become of a message", () => askRoute(stage));

  await t.test("doors, relay, probe", () => tryDoors(stage));
});
