import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { type ReadNotice, readNotices } from "../harness/notices.ts";
import { type Configuration, startServer, type TestServer } from "../harness/server.ts";
import { type ClientReply, SmtpClient } from "../harness/smtp-client.ts";
import { transact } from "../harness/transaction.ts";

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";
const PASSWORDS = { [ALICE]: "correct horse", [BOB]: "battery staple" } as const;

const mailbox = (name: string, more: Configuration = {}) => ({
  name,
  primarySmtpAddress: `${name}@contoso.test`,
  ...more,
});
const group = (name: string, members: readonly string[], more: Configuration = {}) => ({
  ...mailbox(name, more),
  members: members.map((member) => `${member}@contoso.test`),
});

const MORE = {
  mailboxes: [
    mailbox("alice", { password: PASSWORDS[ALICE], emailAddresses: ["a.smith@contoso.test"] }),
    mailbox("bob", { password: PASSWORDS[BOB], recipientLimits: 2 }),
    mailbox("board", { requireSenderAuthenticationEnabled: true }),
    mailbox("chief", { acceptMessagesOnlyFromSendersOrMembers: ["managers@contoso.test"] }),
    mailbox("quiet", { rejectMessagesFromSendersOrMembers: [BOB] }),
    mailbox("small", { maxReceiveSize: "64KB" }),
  ],
  distributionGroups: [
    group("managers", ["team-leads", "managers"]),
    group("team-leads", ["alice", "managers"]),
    group("everybody", ["board", "quiet"], {
      acceptMessagesOnlyFromSendersOrMembers: ["managers@contoso.test", BOB],
    }),
  ],
};

interface Bench {
  readonly server: TestServer;
  readonly port: number;
}

async function openBench(t: TestContext, transportConfig: Configuration = {}): Promise<Bench> {
  const port = await freePort();
  const configuration = contoso({
    smtpPort: port,
    receiveConnector: {
      permissionGroups: ["AnonymousUsers", "ExchangeUsers"],
      authMechanism: ["Tls", "BasicAuth"],
    },
    transportConfig,
    more: MORE,
  });
  return { server: await startServer(t, { configuration }), port };
}

async function hello(port: number): Promise<SmtpClient> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  return client;
}

async function logOn(port: number, user: keyof typeof PASSWORDS): Promise<SmtpClient> {
  const client = await hello(port);
  const response = Buffer.from(`\0${user}\0${PASSWORDS[user]}`).toString("base64");
  await client.command(`AUTH PLAIN ${response}`, 235);
  return client;
}

/** A message whose subject says what it is about. */
function write(client: SmtpClient, from: string, to: readonly string[], bytes = 100) {
  const head = `From: <${from}>\r\nSubject: to ${to.join(" ")}\r\n\r\n`;
  const content = head + `${"x".repeat(78)}\r\n`.repeat(Math.ceil((bytes - head.length) / 80));
  const recipients = to.map((name) => `<${name}@contoso.test>`);
  return transact(client, { from: `<${from}>`, to: recipients, content });
}

async function notices(server: TestServer, count: number): Promise<readonly ReadNotice[]> {
  return readNotices(await waitForMail(server.dataFolder, { address: ALICE, count }));
}

/** What a notice says of each recipient, and a line of its words for people. */
const facts = ({ recipients }: ReadNotice) =>
  recipients.map((fields) => [
    fields["Final-Recipient"],
    fields["Status"],
    fields["Diagnostic-Code"]?.replace(/\s+/g, " "),
  ]);

const textOf = ({ code, lines }: ClientReply) => `${code} ${lines.join(" ")}`;

test("strangers: told in the session where it can be known, and not believed", async (t) => {
  const { server, port } = await openBench(t);
  const client = await hello(port);
  await client.command("MAIL FROM:<you@example.com>", 250);
  assert.match(
    textOf(await client.command("RCPT TO:<board@contoso.test>", 550)),
    /^550 5\.7\.134 RESOLVER\.RST\.SenderNotAuthenticatedForMailbox; authentication required; /,
  );
  await client.command("RSET", 250);
  await client.command(`MAIL FROM:<${BOB}>`, 250);
  assert.equal(
    textOf(await client.command("RCPT TO:<quiet@contoso.test>", 550)),
    "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized",
  );
  await client.command("RSET", 250);
  // In alice's name, without her password: no member's word is believed of a stranger.
  await write(client, ALICE, ["chief"]);
  const [notice] = await notices(server, 1);
  assert.ok(notice !== undefined);
  assert.equal(notice.recipients[0]?.["Status"], "5.7.124");
  assert.deepEqual(await readMaildir(server.dataFolder, "chief@contoso.test"), []);
});

test("accept and reject lists, groups that go round, and what senders are told", async (t) => {
  const { server, port } = await openBench(t);
  const [alice, bob] = [await logOn(port, ALICE), await logOn(port, BOB)];
  await write(alice, ALICE, ["chief", "board", "quiet"]);
  await write(alice, "a.smith@contoso.test", ["everybody"]);
  await write(bob, BOB, ["chief"]);
  await write(bob, BOB, ["everybody"]);
  for (const [name, count] of [
    ["chief", 1],
    ["board", 3],
    ["quiet", 2],
  ] as const) {
    const mail = await waitForMail(server.dataFolder, { address: `${name}@contoso.test`, count });
    assert.equal(mail.length, count, name);
  }
  const told = await readNotices(await waitForMail(server.dataFolder, { address: BOB, count: 2 }));
  const [first, second] = told.toSorted((one, other) =>
    (one.headers["Subject"] ?? "").localeCompare(other.headers["Subject"] ?? ""),
  );
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(facts(first), [
    [
      "rfc822;chief@contoso.test",
      "5.7.124",
      "smtp;550 5.7.124 RESOLVER.RST.NotAuthorized; not authorized; " +
        "the sender is not in the allowed-senders list",
    ],
  ]);
  assert.match(first.text, /takes mail only from certain senders, and you are not among them/);
  // The group let him in; one of its members does not want his mail.
  assert.deepEqual(facts(second), [
    [
      "rfc822;quiet@contoso.test",
      "5.7.1",
      "smtp;550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized",
    ],
  ]);
});

test("sizes: 10 MB for all, less for one recipient, told as early as can be", async (t) => {
  const { server, port } = await openBench(t);
  const client = await hello(port);
  const tooBig = "552 5.3.4 Message size exceeds fixed maximum message size";
  const announced = await client.command(`MAIL FROM:<${ALICE}> SIZE=10485761`, 552);
  assert.equal(textOf(announced), tooBig);
  await client.command(`MAIL FROM:<${ALICE}> SIZE=70000`, 250);
  assert.match(
    textOf(await client.command("RCPT TO:<small@contoso.test>", 552)),
    /^552 5\.2\.3 RESOLVER\.RST\.RecipSizeLimit; /,
  );
  await client.command("RCPT TO:<bob@contoso.test>", 250);
  await client.command("RSET", 250);
  await client.command(`MAIL FROM:<${ALICE}>`, 250);
  await client.command("RCPT TO:<bob@contoso.test>", 250);
  await client.command("DATA", 354);
  client.sendRaw("Subject: large\r\n\r\n");
  client.sendRaw(`${"x".repeat(78)}\r\n`.repeat(131_073));
  client.sendRaw(".\r\n");
  assert.equal(textOf(await client.expect(552)), tooBig);
  // Without an announcement the recipient's own limit is found out too late for the session.
  await write(client, ALICE, ["bob", "small"], 70_000);
  await waitForMail(server.dataFolder, { address: BOB, count: 1 });
  const [notice] = await notices(server, 1);
  assert.ok(notice !== undefined);
  assert.deepEqual(facts(notice), [
    [
      "rfc822;small@contoso.test",
      "5.2.3",
      "smtp;550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
    ],
  ]);
  assert.match(notice.text, /larger than the recipient may receive/);
});

test("recipients of one message: the organization's limit, and the sender's own", async (t) => {
  const { server, port } = await openBench(t, { maxRecipientEnvelopeLimit: 3 });
  const [alice, bob] = [await logOn(port, ALICE), await logOn(port, BOB)];
  // A group is one, however many its members are.
  await write(alice, ALICE, ["everybody", "chief", "bob"]);
  await write(alice, ALICE, ["everybody", "chief", "bob", "small"]);
  await write(bob, BOB, ["alice", "small", "quiet"]);
  const [notice] = await notices(server, 1);
  assert.ok(notice !== undefined);
  assert.equal(notice.recipients.length, 4);
  for (const [, status, diagnostic] of facts(notice)) {
    assert.equal(status, "5.5.3");
    assert.equal(diagnostic, "smtp;550 5.5.3 RESOLVER.ADR.RecipLimit; too many recipients");
  }
  assert.match(notice.text, /too many recipients/);
  // His own notice, and the first message.
  await waitForMail(server.dataFolder, { address: BOB, count: 2 });
  await waitForMail(server.dataFolder, { address: "board@contoso.test", count: 1 });
  assert.deepEqual(await readMaildir(server.dataFolder, "small@contoso.test"), []);
});
