// Ten tasks of a new administrator, from the home page on, without the manual: each by what the
// screen says, with its clicks counted. docs/admin-center.md has the table that this prints.
import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminCenter, type AdminPage, openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { CleanupScope, later } from "../harness/scope.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { type TaskCost, TaskRecord } from "../harness/task-record.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const scope = new CleanupScope();
const costs: TaskCost[] = [];
const zone: Parameters<typeof startDnsServer>[0] = {};
let center: AdminCenter;
let admin: AdminPage;
let relayPort = 0;

before(async () => {
  const dns = await startDnsServer(zone);
  later(scope, () => dns.close());
  relayPort = await freePort();
  center = await openAdminCenter(scope, {
    relayPort,
    // Nobody listens there: what goes out waits.
    internet: { dnsPort: dns.port, port: await freePort() },
  });
  admin = await center.signIn();
});

after(async () => {
  await scope.close();
  for (const { name, clicks, fields, seconds } of costs) {
    process.stdout.write(`| ${name} | ${clicks} | ${fields} | ${seconds.toFixed(1)} |\n`);
  }
});

/** A task begins at the home page. */
function task(name: string, act: (record: TaskRecord, t: TestContext) => Promise<void>): void {
  test(name, async (t) => {
    await admin.visit("/");
    const record = new TaskRecord(admin, name);
    await act(record, t);
    costs.push(await record.done());
    assert.deepEqual(admin.complaints, []);
  });
}

async function send(port: number, of: { to: string; subject: string; from?: string }) {
  const { to, subject, from = "eve@fabrikam.test" } = of;
  const client = await SmtpClient.open(port);
  await client.command("EHLO [127.0.0.1]", 250);
  const content = `From: ${from}\r\nSubject: ${subject}\r\n\r\nHello`;
  const { code } = await client.sendMessage({ from, to: [to], content });
  assert.equal(code, 250);
  client.socket.end();
}

const dialog = () => admin.page.getByRole("dialog");

task("Find a message", async (record) => {
  const { page } = admin;
  await send(center.smtpPort, { to: "alice@contoso.test", subject: "Invoice 4711" });
  await record.go("Message trace");
  await record.fill(page.getByRole("searchbox"), "Invoice 4711");
  await record.press("Search");
  await record.click(page.getByRole("row", { name: /Invoice 4711/ }));
  await page
    .getByText(/alice@contoso\.test/)
    .first()
    .waitFor();
  await page
    .getByText(/Delivered/)
    .first()
    .waitFor();
});

task("Release a stuck queue", async (record) => {
  const { page } = admin;
  zone["stuck.test"] = { A: ["127.0.0.1"] };
  await send(relayPort, { to: "x@stuck.test", subject: "waits" });
  const queue = await eventually({ what: "a queue" }, async () => {
    const all = await runCmdlet(center.server, "Get-Queue", {});
    return all.find(({ NextHopDomain }) => NextHopDomain === "stuck.test");
  });
  await runCmdlet(center.server, "Suspend-Queue", { Identity: textOf(queue["Identity"]) });
  await record.go("Queues");
  await record.click(page.getByRole("row", { name: /stuck\.test/ }));
  await record.press("Resume");
  await record.press("Resume", dialog());
  await dialog().waitFor({ state: "detached" });
  const [now] = await runCmdlet(center.server, "Get-Queue", {
    Identity: textOf(queue["Identity"]),
  });
  assert.notEqual(now?.["Status"], "Suspended");
});

task("See why a domain defers", async (record) => {
  const { page } = admin;
  zone["down.test"] = { A: ["127.0.0.1"] };
  await send(relayPort, { to: "x@down.test", subject: "waits too" });
  await eventually({ what: "the retry" }, async () => {
    const all = await runCmdlet(center.server, "Get-Queue", { Filter: "Status -eq 'Retry'" });
    return all.find(({ NextHopDomain }) => NextHopDomain === "down.test");
  });
  await record.go("Queues");
  await record.click(page.getByRole("row", { name: /down\.test/ }));
  await page
    .getByText(/Connection refused/)
    .last()
    .waitFor();
  await page.getByText(/attempts? ha(?:s|ve) failed in a row/).waitFor();
  await page.getByRole("link", { name: "Test the way to this domain" }).waitFor();
});

task("Block a sender", async (record) => {
  const { page } = admin;
  await record.go("Protection", "Allow and block lists");
  const blocked = page.getByRole("region", { name: "Blocked senders" });
  await record.fill(blocked.getByLabel("Address or domain"), "spam@evil.test");
  await record.press("Block", blocked);
  await blocked.getByText("spam@evil.test").waitFor();
  const [config] = await runCmdlet(center.server, "Get-SenderFilterConfig", {});
  assert.match(JSON.stringify(config?.["BlockedSenders"]), /spam@evil\.test/);
});

task("Restore a quarantined message", async (record) => {
  const { page } = admin;
  await runCmdlet(center.server, "New-TransportRule", {
    Name: "Keep orders",
    SubjectContainsWords: ["Order"],
    Quarantine: true,
  });
  await send(center.smtpPort, { to: "bob@contoso.test", subject: "Order 12" });
  await eventually({ what: "the quarantine" }, async () => {
    const kept = await runCmdlet(center.server, "Get-QuarantineMessage", {});
    return kept.length > 0 || undefined;
  });
  await record.go("Protection");
  await record.click(page.getByRole("row", { name: /Order 12/ }));
  await record.press("Release");
  await record.press("Release", dialog());
  await page
    .getByText(/1 message released/)
    .first()
    .waitFor();
});

task("Rotate DKIM", async (record) => {
  const { page } = admin;
  await runCmdlet(center.server, "New-DkimSigningConfig", { DomainName: "contoso.test" });
  await publishKeys();
  await runCmdlet(center.server, "Set-DkimSigningConfig", {
    Identity: "contoso.test",
    Enabled: true,
  });
  await record.go("Protection", "DKIM keys");
  await record.click(page.getByRole("row", { name: /contoso\.test/ }));
  await record.press("Make new keys");
  await record.press("Make new keys", dialog());
  await page.getByText("New keys have been made").first().waitFor();
  // The administrator of the zone does what the page shows.
  await publishKeys();
  await record.press(/^Check DNS/);
  await page.getByText("DNS has all of these records.").waitFor();
  await record.press("Switch now");
  await record.press("Switch now", dialog());
  await page.getByText("contoso.test signs with its new keys").first().waitFor();
});

task("Add a relay for a printer", async (record) => {
  const { page } = admin;
  await record.go("Mail flow", "Relay for devices");
  await record.press("Set up a device");
  await record.fill(page.getByLabel("Name of the device"), "Printer, 3rd floor");
  await record.click(page.getByText("As a mailbox of its own, made now"));
  await record.fill(page.getByLabel("Name of the mailbox"), "printer");
  await record.fill(page.getByLabel("Address of the mailbox"), "printer@contoso.test");
  await record.press("Set it up");
  await page.getByRole("heading", { name: "Enter this at the device" }).waitFor();
});

task("Add a partner connector with enforced TLS", async (record) => {
  const { page } = admin;
  await record.go("Mail flow", "Send connectors");
  await record.press("New partner connector with enforced TLS");
  await record.fill(page.getByLabel("The partner's domains"), "fabrikam.test");
  await record.press("Create");
  await page.getByText("The partner connector is in force").waitFor();
  const made = await runCmdlet(center.server, "Get-SendConnector", {});
  const partner = made.find(({ Name }) => Name === "Partner fabrikam.test");
  assert.equal(partner?.["RequireTLS"], true);
});

task("Find who changed a rule", async (record) => {
  const { page } = admin;
  await runCmdlet(center.server, "Set-TransportRule", {
    Identity: "Keep orders",
    Comments: "for the accountants",
  });
  await record.go("Mail flow", "Rules");
  await record.click(page.getByRole("button", { name: /^Keep orders/ }).first());
  await record.press("Changes");
  await page
    .getByRole("row", { name: /Set-TransportRule/ })
    .first()
    .waitFor();
  await page.getByRole("row", { name: /root/ }).first().waitFor();
});

task("Drain a server", async (record) => {
  const { page } = admin;
  await record.go("Servers");
  await record.press("Drain the server");
  await record.press("Drain", dialog());
  await page.getByText("HubTransport: Draining").waitFor();
});

/** Puts the records of the keys where the server looks. */
async function publishKeys(): Promise<void> {
  const [config] = await runCmdlet(center.server, "Get-DkimSigningConfig", {});
  for (const line of [config?.["DnsRecords"]].flat()) {
    const [name = "", strings = ""] = textOf(line).split(". IN TXT ");
    const parts = [...strings.matchAll(/"([^"]*)"/g)].map(([, one = ""]) => one);
    zone[name] = { TXT: [parts.join("")] };
  }
}
