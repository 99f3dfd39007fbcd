import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { later } from "../harness/scope.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { transact } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const CONTENT =
  "From: Ann <ann@fabrikam.test>\r\nTo: bob@contoso.test\r\nSubject: Hi\r\n\r\nHello\r\n";

/** A server whose clients may be anybody (XCLIENT), with these settings besides. */
async function openBench(t: TestContext, more: Configuration, zone: Zone = {}) {
  const dns = await startDnsServer(zone);
  later(t, () => dns.close());
  const smtpPort = await freePort();
  const internet = { dnsPort: dns.port, port: await freePort() };
  const receiveConnector = { xclientSources: ["127.0.0.1"], remoteIPRanges: ["0.0.0.0/0", "::/0"] };
  const configuration = contoso({ smtpPort, internet, receiveConnector, more });
  const server = await startServer(t, { configuration });
  return {
    server,
    /** A session of a client with that address. */
    async client(address: string, helo = "client.example"): Promise<SmtpClient> {
      const client = await SmtpClient.open(smtpPort);
      await client.command("EHLO speaker.example", 250);
      await client.command(`XCLIENT ADDR=${address}`, 220);
      await client.command(`EHLO ${helo}`, 250);
      return client;
    },
  };
}

const FROM = "<ann@fabrikam.test>";
const TO = ["<bob@contoso.test>"];
const MESSAGE = { from: FROM, to: TO, content: CONTENT };

test("clients on a list in DNS are refused at RCPT, but for who wants their mail", async (t) => {
  const settings = {
    ipBlockListProviders: [
      {
        name: "Bad servers",
        lookupDomain: "bl.test",
        ipAddressesMatch: ["127.0.0.2"],
        rejectionResponse: "%0 is listed by %1",
      },
    ],
    ipBlockListProvidersConfig: { bypassedRecipients: ["alice@contoso.test"] },
  };
  const { client, server } = await openBench(t, settings, {
    "66.2.0.192.bl.test": { A: ["127.0.0.2"] },
    "67.2.0.192.bl.test": { A: ["127.0.0.3"] },
    "68.2.0.192.bl.test": { fault: "SERVFAIL" },
  });
  const listed = await client("192.0.2.66");
  await listed.command(`MAIL FROM:${FROM}`, 250);
  await listed.command("RCPT TO:<alice@contoso.test>", 250);
  const { lines } = await listed.command("RCPT TO:<bob@contoso.test>", 550);
  assert.match(lines.join(), /5\.7\.1 192\.0\.2\.66 is listed by Bad servers/);
  await listed.ended();
  for (const address of ["192.0.2.67", "192.0.2.68"]) {
    const welcome = await client(address);
    await transact(welcome, MESSAGE);
    await welcome.quit();
  }
  const [decision] = await eventually({ what: "the agent log" }, async () => {
    const found = await runCmdlet(server, "Get-AgentLog");
    return found.length > 0 ? found : undefined;
  });
  assert.equal(decision?.["Agent"], "Connection Filtering Agent");
  assert.equal(decision["Reason"], "BlockListProvider");
  assert.equal(decision["ReasonData"], "Bad servers 127.0.0.2");
  assert.equal(decision["Recipient"], "bob@contoso.test");
});

test("the IP Block list holds at once, and the IP Allow list before everything", async (t) => {
  const settings = {
    ipBlockListEntries: [{ name: "192.0.2.0/24" }],
    ipAllowListEntries: [{ name: "192.0.2.7" }],
    senderFilterConfig: { blockedDomains: ["fabrikam.test"] },
  };
  const { client, server } = await openBench(t, settings);
  const blocked = await client("192.0.2.8");
  await blocked.command("MAIL FROM:<x@litware.test>", 250);
  const { lines } = await blocked.command("RCPT TO:<bob@contoso.test>", 550);
  assert.match(lines.join(), /External client with IP address 192\.0\.2\.8 does not have/);
  const allowed = await client("192.0.2.7");
  await transact(allowed, MESSAGE);
  await allowed.quit();
  const [message = ""] = await waitForMail(server.dataFolder, {
    address: "bob@contoso.test",
    count: 1,
  });
  assert.match(message, /^From: Ann/m);
});

test("blocked senders are refused at MAIL, and by the authors in the header", async (t) => {
  const settings = {
    senderFilterConfig: { blockedSenders: ["ann@fabrikam.test"] },
    mailboxes: [
      { name: "bob", primarySmtpAddress: "bob@contoso.test", blockedSenders: ["litware.test"] },
      { name: "alice", primarySmtpAddress: "alice@contoso.test" },
    ],
  };
  const { client, server } = await openBench(t, settings);
  const first = await client("192.0.2.1");
  const { lines } = await first.command(`MAIL FROM:${FROM}`, 554);
  assert.match(lines.join(), /5\.1\.0 Sender Denied/);
  const second = await client("192.0.2.1");
  await second.command("MAIL FROM:<other@fabrikam.test>", 250);
  await second.command("RCPT TO:<bob@contoso.test>", 250);
  await second.command("DATA", 354);
  second.sendRaw(`${CONTENT}.\r\n`);
  await second.expect(554);
  const third = await client("192.0.2.1");
  await third.command("MAIL FROM:<x@litware.test>", 250);
  await third.command("RCPT TO:<bob@contoso.test>", 550);
  await third.command("RCPT TO:<alice@contoso.test>", 250);
  await third.command("RSET", 250);
  const content = CONTENT.replace("ann@fabrikam.test", "x@litware.test");
  await transact(third, {
    from: "<list@adatum.test>",
    to: ["<alice@contoso.test>", "<bob@contoso.test>"],
    content,
  });
  await third.quit();
  const read = { address: "alice@contoso.test", count: 1 };
  assert.equal((await waitForMail(server.dataFolder, read)).length, 1);
});

test("a source that harvests addresses and sends in our name is blocked for a time", async (t) => {
  const { client, server } = await openBench(t, {
    senderReputationConfig: { srlBlockThreshold: 4 },
  });
  const harvester = await client("192.0.2.99");
  await harvester.command(`MAIL FROM:${FROM}`, 250);
  for (let count = 0; count < 25; count += 1) {
    await harvester.command(`RCPT TO:<nobody${count}@contoso.test>`, 550);
  }
  const { lines } = await harvester.command("RCPT TO:<bob@contoso.test>", 250);
  assert.match(lines.join(), /2\.1\.5/);
  const again = await client("192.0.2.99");
  await again.command(`MAIL FROM:${FROM}`, 250);
  await again.command("RCPT TO:<bob@contoso.test>", 550);
  const [entry] = await runCmdlet(server, "Get-IPBlockListEntry", { IPAddress: "192.0.2.99" });
  assert.equal(entry?.["IsMachineGenerated"], true);
  assert.match(textOf(entry["Comment"]), /UnknownRecipientShare 1\.00/);
  const [known] = await runCmdlet(server, "Get-SenderReputation", { IPAddress: "192.0.2.99" });
  assert.equal(known?.["SenderReputationLevel"], 4);
  await server.terminate();
  await server.start();
  const returned = await client("192.0.2.99");
  await returned.command(`MAIL FROM:${FROM}`, 250);
  await returned.command("RCPT TO:<bob@contoso.test>", 550);
  await runCmdlet(server, "Remove-IPBlockListEntry", { Identity: "192.0.2.99" });
  const forgiven = await client("192.0.2.99");
  await forgiven.command(`MAIL FROM:${FROM}`, 250);
  await forgiven.command("RCPT TO:<bob@contoso.test>", 250);
  await forgiven.quit();
  const other = await client("192.0.2.98");
  await transact(other, MESSAGE);
  await other.quit();
  assert.equal(
    (await waitForMail(server.dataFolder, { address: "bob@contoso.test", count: 1 })).length,
    1,
  );
});

test("attachments that are not wanted are refused, or taken out", async (t) => {
  const { client, server } = await openBench(t, {
    attachmentFilterEntries: [{ name: "FileName:*.exe" }],
  });
  const content =
    "From: Ann <ann@fabrikam.test>\r\nMIME-Version: 1.0\r\n" +
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n' +
    'Content-Disposition: attachment; filename="run.exe"\r\n\r\nMZ\r\n--b--\r\n';
  const refused = await client("192.0.2.1");
  await refused.command(`MAIL FROM:${FROM}`, 250);
  await refused.command(`RCPT TO:${TO[0]}`, 250);
  await refused.command("DATA", 354);
  refused.sendRaw(`${content}.\r\n`);
  assert.match((await refused.expect(550)).lines.join(), /unacceptable attachments/);
  await runCmdlet(server, "Set-AttachmentFilterListConfig", {
    Action: "Strip",
    AdminMessage: "Gone.",
  });
  const stripped = await client("192.0.2.1");
  await transact(stripped, { ...MESSAGE, content });
  await stripped.quit();
  const read = { address: "bob@contoso.test", count: 1 };
  const [message = ""] = await waitForMail(server.dataFolder, read);
  assert.match(message, /filename="run\.exe\.txt"/);
  assert.ok(message.includes(Buffer.from("Gone.").toString("base64")));
  assert.doesNotMatch(message, /^MZ/m);
});

test("a source not seen before gets in when it comes again", async (t) => {
  const { client, server } = await openBench(t, {
    greylistingConfig: { enabled: true, retryInterval: "00:00:01" },
  });
  const first = await client("192.0.2.1");
  await first.command(`MAIL FROM:${FROM}`, 250);
  const { lines } = await first.command(`RCPT TO:${TO[0]}`, 451);
  assert.match(lines.join(), /4\.7\.1 Not seen before, please try again in 1 seconds/);
  await eventually({ what: "a second try that is not too early" }, async () => {
    first.send(`RCPT TO:${TO[0]}`);
    return (await first.reply()).code === 250 || undefined;
  });
  const second = await client("192.0.2.77");
  await transact(second, MESSAGE);
  await second.quit();
  const read = { address: "bob@contoso.test", count: 1 };
  assert.equal((await waitForMail(server.dataFolder, read)).length, 1);
});

test("a source whose mail the content filter refuses is blocked for a time", async (t) => {
  const { client, server } = await openBench(t, {
    contentFilterConfig: { enabled: true },
    contentFilterPhrases: [{ name: "act now", influence: "BadWord" }],
  });
  const spammer = await client("192.0.2.50");
  for (let count = 0; count < 20; count += 1) {
    await spammer.command(`MAIL FROM:${FROM}`, 250);
    await spammer.command(`RCPT TO:${TO[0]}`, 250);
    await spammer.command("DATA", 354);
    spammer.sendRaw(`${CONTENT.replace("Hello", "Act now!")}.\r\n`);
    await spammer.expect(550);
  }
  const again = await client("192.0.2.50");
  await again.command(`MAIL FROM:${FROM}`, 250);
  await again.command(`RCPT TO:${TO[0]}`, 550);
  const [entry] = await runCmdlet(server, "Get-IPBlockListEntry", { IPAddress: "192.0.2.50" });
  assert.match(textOf(entry?.["Comment"]), /SpamShare 1\.00/);
});
