import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { run } from "../harness/peers.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { readTracking } from "../harness/tracking.ts";
import { submit } from "../harness/transaction.ts";

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";
const AUDIT = "audit@contoso.test";

const mailbox = (name: string, more: Configuration = {}) => ({
  name,
  primarySmtpAddress: `${name}@contoso.test`,
  ...more,
});

async function open(
  t: TestContext,
  transportRules: readonly Configuration[],
  policy: Configuration = {},
) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const mailboxes = [
    mailbox("alice"),
    mailbox("bob", { department: "Sales" }),
    mailbox("audit"),
    mailbox("carol"),
  ];
  const distributionGroups = [mailbox("team", { members: [ALICE, BOB] })];
  const url = `https://127.0.0.1:${adminPort}`;
  const quarantinePolicy = { endUserSpamNotificationUrl: url };
  const more = { mailboxes, distributionGroups, transportRules, quarantinePolicy, ...policy };
  const configuration = contoso({ smtpPort: port, adminPort, more });
  const server = await startServer(t, { configuration });
  const send = (to: readonly string[], ...lines: readonly string[]) =>
    submit(port, {
      from: `<${AUDIT}>`,
      to: to.map((one) => `<${one}>`),
      content: lines.map((line) => `${line}\r\n`).join(""),
    });
  return { server, send };
}

test("rules look into headers, bodies and attachments, and act for those they hold", async (t) => {
  const rules = [
    {
      name: "Programs",
      attachmentHasExecutableContent: true,
      rejectMessageReasonText: "No programs",
    },
    { name: "Secrets", subjectOrBodyContainsWords: ["geheim"], redirectMessageTo: [AUDIT] },
    { name: "Copies", sentTo: [BOB], blindCopyTo: ["carol@contoso.test"], setSCL: 2 },
    {
      name: "Marks",
      fromScope: "NotInOrganization",
      prependSubject: "[Außen] ",
      stopRuleProcessing: true,
    },
    { name: "Never", deleteMessage: true },
  ];
  const { server, send } = await open(t, rules);
  const { dataFolder } = server;
  await send(["team@contoso.test"], `From: ${AUDIT}`, "Subject: hello", "", "Good morning.");
  const [atAlice] = await waitForMail(dataFolder, { address: ALICE, count: 1 });
  const [atBob] = await waitForMail(dataFolder, { address: BOB, count: 1 });
  const [atCarol] = await waitForMail(dataFolder, { address: "carol@contoso.test", count: 1 });
  for (const raw of [atAlice, atBob, atCarol]) {
    assert.match(raw ?? "", /^Subject: =\?utf-8\?B\?W0F1w59lbl0gaGVsbG8=\?=\r?$/m);
  }
  assert.doesNotMatch(atAlice ?? "", /^X-MS-Exchange-Organization-SCL:/m);
  assert.match(atBob ?? "", /^X-MS-Exchange-Organization-SCL: 2\r?$/m);
  assert.match(atCarol ?? "", /^X-MS-Exchange-Organization-SCL: 2\r?$/m);

  const secret = Buffer.from("Das ist streng GEHEIM.").toString("base64");
  const encoded = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"];
  await send([ALICE], `From: ${AUDIT}`, "Subject: x", ...encoded, "", secret);
  await waitForMail(dataFolder, { address: AUDIT, count: 1 });

  const program = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(58), Buffer.from([64, 0, 0, 0])]);
  const exe = Buffer.concat([program, Buffer.from("PE\0\0"), Buffer.alloc(64)]).toString("base64");
  await send(
    [ALICE],
    `From: ${AUDIT}`,
    "Subject: holiday pictures",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "",
    "Look!",
    "--b",
    'Content-Type: image/png; name="beach.png"',
    "Content-Transfer-Encoding: base64",
    "",
    exe,
    "--b--",
  );
  const mails = await waitForMail(dataFolder, { address: AUDIT, count: 2 });
  const notices = await readNotices(mails.filter((raw) => raw.includes("multipart/report")));
  assert.equal(notices[0]?.recipients[0]?.["Status"], "5.7.1");
  assert.match(notices[0]?.recipients[0]?.["Diagnostic-Code"] ?? "", /No programs/);
  assert.equal((await readMaildir(dataFolder, ALICE)).length, 1);
  const infos = await eventually({ what: "AGENTINFO" }, () => {
    const found = readTracking(dataFolder).filter((row) => row["event-id"] === "AGENTINFO");
    return found.length > 0 ? found : undefined;
  });
  assert.match(JSON.stringify(infos), /TRA=ETR\|ruleId=Copies\|sev=1\|mode=Enforce/);
});

test("a rule is in force as soon as its cmdlet returns", async (t) => {
  const { server, send } = await open(t, []);
  await runCmdlet(server, "New-TransportRule", {
    Name: "Reject",
    HeaderContainsMessageHeader: "X-Test",
    HeaderContainsWords: ["yes"],
    DeleteMessage: true,
  });
  await send([ALICE], "From: a@b.test", "X-Test: yes", "", "x");
  await send([ALICE], "From: a@b.test", "X-Test: no", "Subject: second", "", "x");
  await runCmdlet(server, "Disable-TransportRule", { Identity: "Reject" });
  await send([ALICE], "From: a@b.test", "X-Test: yes", "Subject: third", "", "x");
  const mails = await waitForMail(server.dataFolder, { address: ALICE, count: 2 });
  assert.deepEqual(mails.map((raw) => /^Subject: (\w+)/m.exec(raw)?.[1]).sort(), [
    "second",
    "third",
  ]);
});

test("approved mail is asked about by all rules, and goes to those it was held from", async (t) => {
  const rules = [
    { name: "Ask", sentTo: [BOB], moderateMessageByUser: [AUDIT] },
    { name: "Mark", prependSubject: "[Seen] " },
    { name: "Text", applyHtmlDisclaimerText: "<p>Contoso &amp; Co</p>" },
  ];
  const { server, send } = await open(t, rules);
  const { dataFolder } = server;
  await send(["team@contoso.test"], "From: ann@example.test", "Subject: offer", "", "Hello.");
  const [atAlice = ""] = await waitForMail(dataFolder, { address: ALICE, count: 1 });
  assert.match(atAlice, /^Subject: \[Seen\] offer\r?$/m);
  assert.match(atAlice, /\r\n\r\nHello\.\r\nContoso & Co/);
  const [request = ""] = await waitForMail(dataFolder, { address: AUDIT, count: 1 });
  assert.match(request, /^Subject: Approval requested: offer\r?$/m);
  assert.deepEqual(await readMaildir(dataFolder, BOB), []);
  await server.kill9();
  await server.start();
  const [waiting] = await runCmdlet(server, "Get-ModeratedMessage");
  assert.deepEqual(waiting?.["RecipientAddress"], [BOB]);
  await runCmdlet(server, "Approve-ModeratedMessage", { Identity: waiting["Identity"] });
  const [atBob = ""] = await waitForMail(dataFolder, { address: BOB, count: 1 });
  assert.match(atBob, /^Subject: \[Seen\] offer\r?$/m);
  assert.match(atBob, /\r\n\r\nHello\.\r\nContoso & Co/);
  assert.deepEqual(await runCmdlet(server, "Get-ModeratedMessage"), []);
  assert.equal((await readMaildir(dataFolder, ALICE)).length, 1);
});

test("a moderator decides by a link, with its form and not by opening it", async (t) => {
  const rules = [{ name: "Ask", sentTo: [BOB], moderateMessageByUser: [AUDIT] }];
  const { server, send } = await open(t, rules);
  const { dataFolder } = server;
  const linkOf = async (count: number) => {
    const mails = await waitForMail(dataFolder, { address: AUDIT, count });
    const encoded = /base64\r\n\r\n([\s\S]*?)\r\n--/.exec(mails.at(-1) ?? "")?.[1] ?? "";
    const text = Buffer.from(encoded, "base64").toString();
    return /^https:\S+\/moderation\/\S+$/m.exec(text)?.[0] ?? "";
  };
  const curl = async (...options: readonly string[]) =>
    (await run("curl", ["--silent", "--insecure", ...options])).stdout;
  await send([BOB], "From: ann@example.test", "Subject: <b>first</b>", "", "Hello.");
  const first = await linkOf(1);
  assert.match(await curl(first), /&#60;b&#62;first|&lt;b&gt;first/);
  assert.match(await curl(`${first}x`), /There is nothing here/);
  assert.equal((await runCmdlet(server, "Get-ModeratedMessage")).length, 1);
  assert.match(await curl(first, "--data", "action=approve"), /It is on its way/);
  await waitForMail(dataFolder, { address: BOB, count: 1 });
  assert.match(await curl(first, "--data", "action=deny"), /There is nothing here/);
  await send([BOB], "From: ann@example.test", "Subject: second", "", "Hello.");
  const mails = await waitForMail(dataFolder, { address: AUDIT, count: 2 });
  assert.equal(mails.length, 2);
  const [waiting] = await runCmdlet(server, "Get-ModeratedMessage");
  assert.equal(waiting?.["Subject"], "second");
  const links = await Promise.all([linkOf(2), linkOf(2)]);
  const second = links.find((one) => one !== first) ?? "";
  const denied = ["action=deny", "--data-urlencode", "comment=Ask legal\nfirst"];
  assert.match(await curl(second, "--data", ...denied), /It goes back to its sender/);
  const notices = await eventually({ what: "a notice" }, async () => {
    const all = await readMaildir(dataFolder, AUDIT);
    const found = all.filter((raw) => raw.includes("multipart/report"));
    return found.length > 0 ? found : undefined;
  });
  const [notice] = await readNotices(notices);
  assert.match(notice?.recipients[0]?.["Diagnostic-Code"] ?? "", /rejected the message: Ask legal/);
});

test("let out of the quarantine, mail meets the agents that it had not come to", async (t) => {
  const report = { generateIncidentReport: AUDIT };
  const rules = [
    { name: "Early", ...report, prependSubject: "[A] " },
    { name: "Keep", sentTo: [BOB], ...report, quarantine: true },
    {
      name: "Late",
      subjectContainsWords: ["[A] offer"],
      setHeaderName: "X-Late",
      setHeaderValue: "1",
    },
  ];
  const carol = "carol@contoso.test";
  const journalRules = [{ name: "Bob", recipient: BOB, journalEmailAddress: carol, enabled: true }];
  const { server, send } = await open(t, rules, { journalRules });
  const { dataFolder } = server;
  await send([BOB], "From: ann@example.test", "Subject: offer", "", "Hello.");
  await waitForMail(dataFolder, { address: AUDIT, count: 2 });
  assert.deepEqual(await readMaildir(dataFolder, carol), []);
  await server.kill9();
  await server.start();
  const [kept] = await runCmdlet(server, "Get-QuarantineMessage");
  await runCmdlet(server, "Release-QuarantineMessage", {
    ...{ Identity: kept?.["Identity"], ReleaseToAll: true },
  });
  const [atBob = ""] = await waitForMail(dataFolder, { address: BOB, count: 1 });
  assert.match(atBob, /^Subject: \[A\] offer\r?$/m);
  assert.match(atBob, /^X-Late: 1\r?$/m);
  await waitForMail(dataFolder, { address: carol, count: 1 });
  assert.equal((await readMaildir(dataFolder, AUDIT)).length, 2);
});
