import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createTransport } from "nodemailer";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { curlMail, python, swaks } from "../harness/peers.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking, storyOf } from "../harness/tracking.ts";

async function openServer(t: TestContext): Promise<{ server: TestServer; port: number }> {
  const port = await freePort();
  return { server: await startServer(t, { configuration: contoso({ smtpPort: port }) }), port };
}

/** The one message that alice has, with the marks of a delivery on it. */
async function readFirst(server: TestServer, subject: string): Promise<string> {
  const want = { address: "alice@contoso.test", count: 1 };
  const [message = "", ...rest] = await waitForMail(server.dataFolder, want);
  assert.equal(rest.length, 0);
  assert.match(message, new RegExp(`^Subject: ${subject}\\r?$`, "m"));
  assert.match(message, /^Return-Path: <you@example\.com>\r?$/m);
  assert.match(message, /^Delivered-To: alice@contoso\.test\r?$/m);
  assert.match(message, /^Received: from .*\r?\n(?:[ \t].*\r?\n)*?.*by mail\.contoso\.test/m);
  return message;
}

test("a message sent with swaks arrives", async (t) => {
  const { server, port } = await openServer(t);
  const sent = await swaks(
    port,
    ...["--from", "you@example.com", "--to", "alice@contoso.test"],
    ...["--header", "Subject: By swaks", "--body", "one\n.two"],
  );
  assert.equal(sent.code, 0, sent.stdout);
  assert.match(await readFirst(server, "By swaks"), /one\r?\n\.two\r?\n/);
});

test("a message sent with curl arrives", async (t) => {
  const { server, port } = await openServer(t);
  const content = "From: you@example.com\r\nSubject: By curl\r\n\r\nIt works.\r\n";
  const mail = { from: "you@example.com", to: "alice@contoso.test", content };
  const sent = await curlMail(port, mail);
  assert.equal(sent.code, 0, sent.stderr);
  assert.match(await readFirst(server, "By curl"), /It works\./);
});

test("a message sent with nodemailer arrives", async (t) => {
  const { server, port } = await openServer(t);
  // Our certificate is our own, made at the first start: nobody has signed it.
  const tls = { rejectUnauthorized: false };
  const transport = createTransport({ host: "127.0.0.1", port, tls });
  await transport.sendMail({
    from: "you@example.com",
    to: "alice@contoso.test",
    subject: "By nodemailer",
    text: "Grüße",
  });
  transport.close();
  await readFirst(server, "By nodemailer");
});

test("a message sent with Python's smtplib arrives", async (t) => {
  const { server, port } = await openServer(t);
  const sent = await python(
    `import smtplib, sys
text = "Subject: By smtplib\\r\\n\\r\\nHello\\r\\n"
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as client:
    client.sendmail("you@example.com", ["alice@contoso.test"], text)`,
    String(port),
  );
  assert.equal(sent.code, 0, sent.stderr);
  await readFirst(server, "By smtplib");
});

test("a second address of a mailbox reaches it, and the log tells the story", async (t) => {
  const { server, port } = await openServer(t);
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  const content = "Message-ID: <1@client.example>\r\nSubject: Alias\r\n\r\nx";
  const to = ["A.Smith@Contoso.test"];
  const reply = await client.sendMessage({ from: "you@example.com", to, content });
  assert.equal(reply.code, 250);
  assert.match(reply.lines[0] ?? "", /^2\.6\.0 <1@client\.example> \[InternalId=\d+, Hostname=/);
  await client.quit();
  await readFirst(server, "Alias");
  const story = await eventually({ what: "the DELIVER event" }, () => {
    const events = storyOf(readTracking(server.dataFolder), "<1@client.example>");
    return events.some((event) => event.startsWith("DELIVER(")) ? events : undefined;
  });
  assert.equal(story[0], "RECEIVE(SMTP)");
  assert.ok(story.includes("RESOLVE(ROUTING)"), story.join());
  assert.equal(story.at(-1), "DELIVER(STOREDRIVER)");
});

test("an unknown mailbox and another domain are refused in the session", async (t) => {
  const { port } = await openServer(t);
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<you@example.com>", 250);
  const unknown = await client.command("RCPT TO:<nobody@contoso.test>", 550);
  assert.match(unknown.lines[0] ?? "", /^5\.1\.\d+ /);
  const relay = await client.command("RCPT TO:<someone@fabrikam.test>", 550);
  assert.match(relay.lines[0] ?? "", /^5\.7\.\d+ .*relay/);
  await client.command("RCPT TO:<postmaster@contoso.test>", 250);
  await client.quit();
});
