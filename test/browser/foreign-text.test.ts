// What others write, wherever a page shows it: markup stays text, and what turns or hides the
// letters around it is seen as what it is.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { composeDmarcReportMail, packDmarcReport } from "../../src/mail/dmarc-report-mail.ts";
import { formatDmarcReport } from "../../src/mailauth/dmarc-report.ts";
import type { AdminPage } from "../harness/admin-center.ts";
import { listAdminPages } from "../harness/admin-pages.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { BIDI, openHostileOrganization } from "../harness/hostile-organization.ts";
import { run } from "../harness/peers.ts";
import { type TestServer, temporaryFolder } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";

/** Short enough for every name. */
const NAME = `<img src=x onerror=window.pwned=1>${BIDI}`;

/** Objects whose names and words are as bad as the server takes them. */
async function nameThings(server: TestServer): Promise<void> {
  const things: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["New-Mailbox", { Name: NAME, DisplayName: NAME, PrimarySmtpAddress: "m@contoso.test" }],
    ["New-AppPassword", { Mailbox: "m@contoso.test", Name: NAME }],
    ["New-DistributionGroup", { Name: NAME, PrimarySmtpAddress: "g@contoso.test" }],
    [
      "New-MailContact",
      {
        Name: NAME,
        PrimarySmtpAddress: "c@contoso.test",
        ExternalEmailAddress: "c@fabrikam.test",
      },
    ],
    ["New-AcceptedDomain", { Name: NAME, DomainName: "odd.test" }],
    ["New-RemoteDomain", { Name: NAME, DomainName: "odd.example" }],
    ["New-ReceiveConnector", { Name: NAME, Bindings: [`127.0.0.1:${await freePort()}`] }],
    ["New-SendConnector", { Name: NAME, AddressSpaces: ["SMTP:odd.example;1"], Comment: NAME }],
    ["New-ThrottlingPolicy", { Name: NAME, MessagesPerHour: 5 }],
    ["New-TransportRule", { Name: NAME, SubjectContainsWords: [NAME], PrependSubject: NAME }],
    ["Add-ContentFilterPhrase", { Phrase: NAME, Influence: "BadWord" }],
    ["Add-IPBlockListEntry", { IPAddress: "192.0.2.7", Comment: NAME }],
    ["Add-IPBlockListProvider", { Name: NAME, LookupDomain: "list.example" }],
  ];
  for (const [cmdlet, given] of things) {
    try {
      await runCmdlet(server, cmdlet, given);
    } catch (error) {
      throw new Error(`${cmdlet}: ${String(error)}`);
    }
  }
  // An entry of the audit log about what was refused.
  await runCmdlet(server, "Set-Mailbox", { Identity: `nobody ${NAME}` }).catch(() => undefined);
}

async function importCertificate(server: TestServer, folder: string): Promise<void> {
  const files = { key: join(folder, "odd.key"), certificate: join(folder, "odd.crt") };
  const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-utf8"];
  const whose = ["-subj", `/CN=${NAME.replaceAll("=", "\\=")}`];
  const names = ["-addext", "subjectAltName=DNS:odd.test"];
  const where = ["-keyout", files.key, "-out", files.certificate];
  await run("openssl", ["req", ...made, ...whose, ...names, ...where]);
  await runCmdlet(server, "Import-ExchangeCertificate", {
    Name: "odd",
    FileData: (await readFile(files.certificate)).toString("base64"),
    KeyData: (await readFile(files.key)).toString("base64"),
  });
}

/** Of somebody else, about our domain. */
function dmarcReport(): string {
  const endMs = Date.now() - 3_600_000;
  const about = { domain: "contoso.test", reportId: "1", startMs: endMs - 86_400_000, endMs };
  const xml = formatDmarcReport({
    ...{ ...about, organizationName: NAME, email: "dmarc@fabrikam.test", errors: [NAME] },
    policy: {
      ...{ policy: "none", subdomainPolicy: undefined, nonexistentPolicy: undefined },
      ...{ adkim: "r", aspf: "r", isTesting: false, fo: "0" },
    },
    rows: [
      {
        ...{ sourceIp: "198.51.100.7", count: 3, dkim: "fail", spf: "fail", reasons: [] },
        ...{ headerFrom: NAME, envelopeFrom: NAME, disposition: "none" },
        ...{ dkimResults: [], spfResult: undefined },
      },
    ],
  });
  const [from, to] = ["dmarc@fabrikam.test", "alice@contoso.test"];
  const mail = { from, to, submitter: "mx.fabrikam.test", messageId: "<1@b.test>", nowMs: endMs };
  return composeDmarcReportMail({ ...about, ...mail, packed: packDmarcReport(xml) }).toString();
}

/** A session that ends in an error, so that it is recorded; its sender is in the top lists. */
async function talkBadly(port: number): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  await client.command(`HELP ${NAME}`, 214);
  const sender = `"<img src=x onerror=window.pwned=1>"@evil.test`;
  await client.command(`MAIL FROM:<${sender}>`, 250);
  await client.command(`RCPT TO:<"${NAME.slice(0, 20)}"@contoso.test>`, 550);
  client.destroy();
}

const SEES = `(() => {
  const hidden = /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/;
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const place = node.parentElement;
    if (!hidden.test(node.data) || place.closest("textarea, script, style, option")) continue;
    found.push(place.tagName + "." + place.className.slice(0, 40) + ": " + place.textContent);
  }
  for (const one of document.querySelectorAll("[aria-label], [title]")) {
    for (const name of ["aria-label", "title"]) {
      const text = one.getAttribute(name) ?? "";
      if (hidden.test(text)) found.push(one.tagName + " " + name + ": " + text);
    }
  }
  return found;
})()`;

/** Nothing on the page has run, and nothing hides. */
async function look(admin: AdminPage, where: string, faults: string[]): Promise<void> {
  await admin.settle();
  if ((await admin.page.evaluate("window.pwned")) !== undefined) faults.push(`${where}: ran`);
  const hidden = await admin.page.evaluate<readonly string[]>(SEES);
  if (hidden.length > 0) faults.push(`${where}: ${hidden.slice(0, 4).join("\n  ")}`);
}

/** Pages with something that is opened by its name. */
const OPENED: readonly (readonly [path: string, name: string])[] = [
  ["/mail-flow/receive-connectors", NAME],
  ["/mail-flow/send-connectors", NAME],
  ["/mail-flow/accepted-domains", NAME],
  ["/mail-flow/remote-domains", NAME],
  ["/mail-flow/throttling-policies", NAME],
  ["/mail-flow/certificates", "odd"],
  ["/mail-flow/rules", NAME],
  ["/recipients/mailboxes", NAME],
  ["/recipients/groups", NAME],
  ["/recipients/contacts", NAME],
];

test("what others have written is text, and is seen, on every page", async (t) => {
  const center = await openHostileOrganization(t);
  const { server, smtpPort } = center;
  await nameThings(server);
  await importCertificate(server, await temporaryFolder(t));
  const content = dmarcReport();
  const report = { from: "<dmarc@fabrikam.test>", to: ["<alice@contoso.test>"], content };
  await submit(smtpPort, report);
  await talkBadly(smtpPort);
  await eventually({ what: "the report", withinMs: 20_000 }, async () => {
    return (await runCmdlet(server, "Get-DmarcReport")).length > 0 || undefined;
  });
  const admin = await center.signIn();
  const faults: string[] = [];
  for (const path of listAdminPages()) {
    await admin.visit(path);
    await look(admin, path, faults);
  }
  for (const [path, name] of OPENED) {
    await admin.visit(`${path}?open=${encodeURIComponent(name)}`);
    await look(admin, `${path} opened`, faults);
  }
  await openRows(admin, faults);
  assert.deepEqual(faults, []);
});

/** Pages whose rows are opened by a click. */
async function openRows(admin: AdminPage, faults: string[]): Promise<void> {
  const { page } = admin;
  const pages = ["/servers/audit-log", "/servers/recordings", "/protection/dmarc", "/queues"];
  for (const path of [...pages, "/protection/quarantine", "/queues/messages", "/servers/logs"]) {
    await admin.visit(path);
    await admin.settle();
    const row = page.getByRole("row").nth(1);
    if ((await row.count()) === 0) continue;
    await row.click();
    await look(admin, `${path}, first row`, faults);
  }
}
