import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { later } from "../harness/scope.ts";
import type { TestServer } from "../harness/server.ts";
import { type Sink, startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const HOSTILE = "450 4.3.2 <img src=x onerror=alert(1)> busy \u202etxt.exe";

const MARKUP = "<img src=x onerror=window.pwned=1>";
/** One domain has all it should, `bare.test` nothing, `odd.test` what does harm. */
const ZONE: Zone = {
  "contoso.test": { MX: [[10, "mail.contoso.test"]], TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
  "mail.contoso.test": { A: ["192.0.2.1"] },
  "_dmarc.contoso.test": { TXT: ["v=DMARC1; p=reject"] },
  "1.2.0.192.in-addr.arpa": { PTR: ["mail.contoso.test"] },
  "odd.test": {
    MX: [[10, `${MARKUP}.odd.test`]],
    TXT: [`v=spf1 ${MARKUP} \u0007\u202emoc.elpmaxe\nv=spf1 ip4:192.0.2.1 -all`],
  },
  "_dmarc.odd.test": { TXT: [`v=DMARC1; p=${MARKUP}`] },
  "_smtp._tls.odd.test": { TXT: [`v=TLSRPTv1; rua=mailto:${MARKUP}@odd.test`] },
};

interface Stage {
  readonly admin: AdminPage;
  readonly sink: Sink;
  readonly server: TestServer;
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

async function askDns({ admin, server }: Stage): Promise<void> {
  const { page } = admin;
  for (const DomainName of ["bare.test", "odd.test"]) {
    await runCmdlet(server, "New-AcceptedDomain", { Name: DomainName, DomainName });
  }
  await page.getByRole("button", { name: "Another question" }).click();
  await page.getByRole("button", { name: /Is our DNS right/ }).click();
  await page.getByRole("button", { name: "Run the test" }).click();
  const told = (record: string) =>
    page.locator("main").getByRole("listitem").filter({ hasText: record }).textContent();
  // The last of them.
  await told(": PTR");
  for (const [record, words] of [
    ["contoso.test: MX", /leads to this server.*10 mail\.contoso\.test/s],
    ["contoso.test: SPF", /covers 192\.0\.2\.1.*v=spf1 ip4:192\.0\.2\.1 -all$/s],
    ["contoso.test: DMARC", /p=reject/s],
    ["contoso.test: TLS-RPT", /no record.*_smtp\._tls\.contoso\.test\. IN TXT "v=TLSRPTv1/s],
    ["bare.test: MX", /the domain does not exist.*bare\.test\. IN MX 10 mail\.contoso\.test\./s],
    ["bare.test: SPF", /no record.*bare\.test\. IN TXT "v=spf1 mx ip4:192\.0\.2\.1 -all"/s],
    ["odd.test: MX", /no record.*odd\.test\. IN MX 10 mail\.contoso\.test\./s],
    // A record is octets: what would turn a line around in UTF-8 is none of them. And it is one
    // line: what is in a record is not taken for another record.
    ["odd.test: SPF", /<img src=x onerror=window.pwned=1> ␇â\[U\+0080\]®moc\.elpmaxe␊v=spf1 ip4/s],
    ["odd.test: DMARC", /no policy p= that is valid.*p=<img src=x onerror=window.pwned=1>/s],
    ["odd.test: TLS-RPT", /<img src=x onerror=window.pwned=1>@odd\.test/s],
  ] as const) {
    assert.match((await told(record)) ?? "", words);
  }
  assert.equal(await page.evaluate("window.pwned"), undefined);
  await admin.check("dns");
  await admin.picture("troubleshooter-dns");
}

test("the troubleshooter says why a domain defers, and tests ways and doors", async (t) => {
  const relayPort = await freePort();
  const sink = await startSink(t, { port: await freePort() });
  sink.setScript(({ verb }) => (verb === "RCPT" ? { reply: HOSTILE } : undefined));
  const adminPort = await freePort();
  const dns = await startDnsServer(ZONE);
  later(t, () => dns.close());
  const settings = {
    fqdn: "mail.contoso.test",
    admin: { listen: `127.0.0.1:${adminPort}` },
    dnsServers: [`127.0.0.1:${dns.port}`],
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
  const stage: Stage = { admin, sink, server };
  await t.test("why a domain defers", () => askWhy(stage));

  await t.test("the way to a domain, step by step; and cancelled", () => tryWay(stage));

  await t.test("what would become of a message", () => askRoute(stage));

  await t.test("what DNS has: right, missing, and written by somebody bad", () => askDns(stage));

  await t.test("doors, relay, probe", () => tryDoors(stage));
});
