import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { composeDmarcReportMail, packDmarcReport } from "../../src/mail/dmarc-report-mail.ts";
import { formatDmarcReport } from "../../src/mailauth/dmarc-report.ts";
import { openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { later } from "../harness/scope.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const ALICE = "alice@contoso.test";

test("senders, addresses and recipients are blocked and let in, with undo", async (t) => {
  const { server, signIn } = await openAdminCenter(t);
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/lists");
  const blocked = page.getByRole("region", { name: "Blocked senders" });
  await blocked.getByLabel("Address or domain").fill("eve");
  await blocked.getByRole("button", { name: "Block" }).click();
  await blocked.getByText("Write an address or a domain.").waitFor();
  await blocked.getByLabel("Address or domain").fill("*.fabrikam.test");
  await blocked.getByRole("button", { name: "Block" }).click();
  await blocked.getByText("Domain and its subdomains").waitFor();
  await blocked.getByLabel("Address or domain").fill("eve@evil.test");
  await blocked.getByRole("button", { name: "Block" }).click();
  await blocked.getByText("eve@evil.test").waitFor();
  await admin.check("senders");
  await admin.picture("lists-senders");
  const [senders] = await runCmdlet(server, "Get-SenderFilterConfig");
  assert.deepEqual(senders?.["BlockedDomainsAndSubdomains"], ["fabrikam.test"]);
  await blocked.getByRole("button", { name: "Remove eve@evil.test" }).click();
  await blocked.getByText("eve@evil.test").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).last().click();
  await blocked.getByText("eve@evil.test").waitFor();
  await page.getByRole("tab", { name: "IP addresses" }).click();
  const addresses = page.getByRole("region", { name: "Blocked IP addresses" });
  await addresses.getByLabel("IP address or range").fill("192.0.2.0/24");
  await addresses.getByLabel("Comment (optional)").fill("infected");
  await addresses.getByRole("button", { name: "Block" }).click();
  await addresses.getByText("infected").waitFor();
  await admin.check("addresses");
  const [entry] = await runCmdlet(server, "Get-IPBlockListEntry");
  assert.equal(entry?.["Comment"], "infected");
  await page.getByRole("tab", { name: "Recipients" }).click();
  const recipients = page.getByRole("region", { name: "Blocked recipients" });
  await recipients.getByRole("button", { name: "Turn it on" }).click();
  await recipients.getByRole("button", { name: "Turn it on" }).waitFor({ state: "detached" });
  await recipients.getByLabel("Address").fill("team@contoso.test");
  await recipients.getByRole("button", { name: "Block" }).click();
  await recipients.getByText("team@contoso.test").waitFor();
  await page.getByRole("tab", { name: "Mailboxes" }).click();
  await page.getByLabel("Name or address of a mailbox").fill("bob");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByText(/declares it, under mailboxes, bob, safeSenders and/).waitFor();
  const safe = page.getByRole("region", { name: "Safe senders" });
  assert.equal(await safe.getByLabel("Address or domain").count(), 0);
  await page.getByRole("checkbox", { name: "Change it here all the same" }).click();
  await safe.getByLabel("Address or domain").fill("friend@fabrikam.test");
  await safe.getByRole("button", { name: "Allow" }).click();
  await safe.getByText("friend@fabrikam.test", { exact: true }).waitFor();
  await admin.check("a mailbox that a file declares");
  await admin.picture("lists-declared");
  const [bob] = await runCmdlet(server, "Get-Mailbox", { Identity: "bob" });
  assert.deepEqual(bob?.["SafeSenders"], ["friend@fabrikam.test"]);
  const carol = { Name: "carol", PrimarySmtpAddress: "carol@contoso.test" };
  await runCmdlet(server, "New-Mailbox", carol);
  await page.getByLabel("Name or address of a mailbox").fill("carol");
  await page.getByRole("button", { name: "Find" }).click();
  await safe.getByLabel("Address or domain").fill("news@fabrikam.test");
  await safe.getByRole("button", { name: "Allow" }).click();
  await safe.getByText("news@fabrikam.test").waitFor();
  await admin.check("mailboxes");
  const [mailbox] = await runCmdlet(server, "Get-Mailbox", { Identity: "carol" });
  assert.deepEqual(mailbox?.["SafeSenders"], ["news@fabrikam.test"]);
});

/** Puts the records of a domain's keys where the server looks. */
async function publish(
  server: Parameters<typeof runCmdlet>[0],
  zone: Record<string, Zone[string]>,
): Promise<void> {
  const [config] = await runCmdlet(server, "Get-DkimSigningConfig");
  for (const line of [config?.["DnsRecords"]].flat()) {
    const [name = "", strings = ""] = textOf(line).split(". IN TXT ");
    const text = [...strings.matchAll(/"([^"]*)"/g)].map(([, one = ""]) => one).join("");
    zone[name] = { TXT: [text] };
  }
}

test("a domain is set up for DKIM, and its keys are rotated, as the page says", async (t) => {
  const zone: Record<string, Zone[string]> = {};
  const dns = await startDnsServer(zone);
  later(t, () => dns.close());
  const internet = { dnsPort: dns.port, port: await freePort() };
  const { server, signIn } = await openAdminCenter(t, { internet });
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/dkim");
  await page.getByText("No domain signs its mail").waitFor();
  await page.getByRole("button", { name: "Set up a domain" }).first().click();
  await page.getByLabel("Domain name").fill("contoso.test");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("row", { name: /contoso\.test Not signing/ }).click();
  await page.getByText("1. Publish their records").waitFor();
  await admin.check("new domain");
  await page.getByRole("button", { name: "Check DNS", exact: true }).last().click();
  await page.getByText("no record: nobody can verify what is signed").first().waitFor();
  await publish(server, zone);
  await page.getByRole("button", { name: "Check DNS again" }).click();
  await page.getByText("DNS has all of these records.").waitFor();
  await page.getByRole("button", { name: "Turn signing on" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Turn signing on" }).click();
  await page.getByRole("row", { name: /contoso\.test Signing/ }).waitFor();
  const [before] = await runCmdlet(server, "Get-DkimSigningConfig");
  await page.getByRole("button", { name: "Make new keys" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make new keys" }).click();
  await page.getByText("New keys have been made").first().waitFor();
  await publish(server, zone);
  await page.getByRole("button", { name: "Check DNS again" }).click();
  await page.getByText("DNS has all of these records.").waitFor();
  await admin.check("rotation");
  await admin.picture("dkim-rotation");
  await page.getByRole("button", { name: "Switch now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Switch now" }).click();
  await page.getByText("contoso.test signs with its new keys").first().waitFor();
  await page.getByText(/may go from DNS after/).waitFor();
  const [after] = await runCmdlet(server, "Get-DkimSigningConfig");
  assert.ok(Date.parse(textOf(after?.["RotateOnDate"])) <= Date.now());
  assert.notDeepEqual(after?.["NextRsaKey"], before?.["RsaKey"]);
  await admin.check("rotated");
});

/** As others report on mail in the name of contoso.test. */
function dmarcReportMail(): string {
  const endMs = Date.now() - 3_600_000;
  const about = { domain: "contoso.test", reportId: "1", startMs: endMs - 86_400_000, endMs };
  const row = {
    disposition: "none" as const,
    ...{ reasons: [], headerFrom: "contoso.test", envelopeFrom: "" },
    ...{ dkimResults: [], spfResult: undefined },
  };
  const xml = formatDmarcReport({
    ...{ ...about, organizationName: "Fabrikam", email: "dmarc@fabrikam.test", errors: [] },
    policy: {
      ...{ policy: "none", subdomainPolicy: undefined, nonexistentPolicy: undefined },
      ...{ adkim: "r", aspf: "r", isTesting: false, fo: "0" },
    },
    rows: [
      { ...row, sourceIp: "198.51.100.7", count: 3, dkim: "fail", spf: "fail" },
      { ...row, sourceIp: "198.51.100.8", count: 9, dkim: "pass", spf: "fail" },
    ],
  });
  const [from, to] = ["dmarc@fabrikam.test", ALICE];
  const mail = { from, to, submitter: "mx.fabrikam.test", messageId: "<1@b.test>", nowMs: endMs };
  return composeDmarcReportMail({ ...about, ...mail, packed: packDmarcReport(xml) }).toString();
}

test("who sends as us, agents and filters", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t);
  const content = dmarcReportMail();
  await submit(smtpPort, { from: "<dmarc@fabrikam.test>", to: [`<${ALICE}>`], content });
  await eventually({ what: "the report" }, async () => {
    const sources = await runCmdlet(server, "Get-DmarcReport");
    return sources.length === 2 || undefined;
  });
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/protection/dmarc");
  await page.getByRole("row", { name: /198\.51\.100\.8/ }).waitFor();
  await page.getByText("75% passed DMARC").waitFor();
  await page.getByRole("img", { name: "0 passed, 3 failed" }).waitFor();
  await admin.check("DMARC");
  await admin.picture("dmarc");
  await page.getByRole("switch", { name: "Only sources that fail" }).click();
  await page.getByRole("row", { name: /198\.51\.100\.8/ }).waitFor({ state: "detached" });
  await page.getByRole("row", { name: /198\.51\.100\.7/ }).click();
  await page.getByText(/^This is no server of yours, and its mail fails/).waitFor();
  await admin.check("a source");
  await admin.visit("/protection/agents");
  await page.getByRole("row", { name: /Content Filter Agent/ }).click();
  await page.getByRole("button", { name: "Turn off" }).waitFor();
  await admin.check("agents");
  await admin.picture("agents");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Fail mode").selectOption("Defer");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Turn off" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Turn off" }).click();
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByText("Content Filter Agent is on").first().waitFor();
  const [agent] = await runCmdlet(server, "Get-TransportAgent", {
    Identity: "Content Filter Agent",
  });
  assert.deepEqual([agent?.["FailMode"], agent?.["Enabled"]], ["Defer", true]);
  await admin.visit("/protection/filters");
  await page.getByRole("button", { name: "Greylisting Off" }).click();
  await page.getByRole("switch", { name: "Enabled", exact: true }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await eventually({ what: "greylisting is on" }, async () => {
    const [config] = await runCmdlet(server, "Get-GreylistingConfig");
    return config?.["Enabled"] === true || undefined;
  });
  await page.getByRole("button", { name: "Greylisting On" }).waitFor();
  await admin.check("filters");
  await admin.picture("filters");
  await page.getByRole("link", { name: "Unwanted attachments" }).click();
  const current = page.getByRole("navigation").locator("[aria-current=page]");
  assert.deepEqual(await current.allTextContents(), ["Filters"]);
  await page.getByRole("button", { name: "Add a name or type" }).first().click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("*.exe");
  await page.getByLabel(/^Type/).selectOption("FileName");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("row", { name: /\*\.exe/ }).waitFor();
  await admin.check("files");
});

test("mail that waits for approval is approved and denied", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t, {
    more: {
      transportRules: [
        { name: "Ask", subjectContainsWords: ["ask"], moderateMessageByUser: [ALICE] },
      ],
    },
  });
  for (const subject of ["ask one", "ask two", "ask three", "ask four"]) {
    await submit(smtpPort, {
      from: "<ann@fabrikam.test>",
      to: ["<bob@contoso.test>"],
      content: [
        "From: ann@fabrikam.test",
        `Subject: ${subject}`,
        "MIME-Version: 1.0",
        "Content-Type: text/html",
        "",
        `<p>Hello ${subject}</p><script>parent.pwned=1</script><img src=https://evil.test/x>`,
        "",
      ].join("\r\n"),
    });
  }
  await eventually({ what: "four wait" }, async () => {
    const waiting = await runCmdlet(server, "Get-ModeratedMessage");
    return waiting.length === 4 || undefined;
  });
  const admin = await signIn({ width: 320, height: 740 });
  const { page } = admin;
  await admin.visit("/protection/approval");
  await page.getByRole("row", { name: /ask one/ }).click();
  await page.getByText("Hello ask one", { exact: true }).waitFor();
  await page.getByText(ALICE).first().waitFor();
  await admin.check("waiting");
  assert.equal(await admin.overflows(), false);
  await admin.picture("approval-telephone");
  await page.getByRole("tab", { name: "As it looks" }).click();
  await page.frameLocator("iframe").getByText("Hello ask one").waitFor();
  assert.equal(await page.evaluate("window.pwned"), undefined);
  await page.getByRole("tab", { name: "Header" }).click();
  await page.getByText("From: ann@fabrikam.test").waitFor();
  // The browser tells that the content policy has refused what the message wanted.
  admin.complaints.splice(0);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByLabel("Why (in the message's trace)").fill("Fine by me");
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await page.getByText("The message is on its way").first().waitFor();
  await page.getByText("3 messages").waitFor();
  for (const name of ["Select ask three", "Select ask four"]) {
    await page.getByRole("checkbox", { name }).click();
  }
  await page.getByText("2 messages selected").waitFor();
  await admin.picture("approval-several");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("dialog").getByText("This touches 2 objects:").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await page.getByText("2 messages are on their way").first().waitFor();
  await page.getByRole("row", { name: /ask two/ }).click();
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByLabel("What the sender is told").fill("Please call");
  await page.getByRole("dialog").getByRole("button", { name: "Deny" }).click();
  await page.getByText("Nothing waits for approval").waitFor();
  assert.deepEqual(await runCmdlet(server, "Get-ModeratedMessage"), []);
  const events = await runCmdlet(server, "Get-MessageTrackingLog", { EventId: "MODERATORAPPROVE" });
  assert.match(JSON.stringify(events), /by=admin;comment=Fine by me/);
});
