import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startDovecot } from "./dovecot.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { curlMail, python, run, swaks } from "./peers.ts";
import { startPostfixPeer } from "./postfix-peer.ts";
import { CleanupScope, later } from "./scope.ts";
import { startSink } from "./sink.ts";
import { ConnectionEnded, SmtpClient } from "./smtp-client.ts";
import { parseLog, splitCsv, storyOf } from "./tracking.ts";

const MAIL = { from: "a@one.test", to: ["b@two.test"], content: "Subject: x\r\n\r\n.dot\r\nend" };

test("freePort never gives a port twice", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  assert.equal(new Set(ports).size, ports.length);
});

test("eventually fails with the name of what never came", async () => {
  const wait = { what: "a miracle", withinMs: 1 };
  await assert.rejects(
    eventually(wait, () => undefined),
    /never happened: a miracle/,
  );
});

test("the sink takes what the client sends, dots and all", async (t) => {
  const sink = await startSink(t, { port: await freePort() });
  const client = await SmtpClient.open(sink.port);
  await client.command("EHLO client.test", 250);
  assert.equal((await client.sendMessage(MAIL)).code, 250);
  await client.quit();
  assert.equal(sink.messages.length, 1);
  assert.equal(sink.messages[0]?.content, `${MAIL.content}\r\n`);
  assert.deepEqual(sink.messages[0]?.to, MAIL.to);
});

test("the sink keeps a digest where that is asked for", async (t) => {
  const sink = await startSink(t, { port: await freePort(), digest: "content" });
  const client = await SmtpClient.open(sink.port);
  await client.sendMessage(MAIL);
  const digest = createHash("sha256").update(`${MAIL.content}\r\n`).digest("hex");
  assert.equal(sink.messages[0]?.content, digest);
  client.destroy();
});

test("the sink misbehaves as told: refuses, delays, drops", async (t) => {
  const sink = await startSink(t, {
    port: await freePort(),
    script: ({ verb, line }) => {
      if (line.includes("nobody")) return { reply: "550 5.1.1 Nobody" };
      if (line.includes("late")) return { delayMs: 20 };
      return verb === "content" ? { reply: "", drop: true } : undefined;
    },
  });
  const client = await SmtpClient.open(sink.port);
  await client.command("MAIL FROM:<late@one.test>", 250);
  await client.command("RCPT TO:<nobody@two.test>", 550);
  client.sendRaw("RCPT TO:<late@two.test>\r\nRCPT TO:<b@two.test>\r\n");
  await client.expect(250);
  await client.expect(250);
  await client.command("DATA", 354);
  client.sendRaw("x\r\n.\r\n");
  await assert.rejects(client.reply(), ConnectionEnded);
  assert.equal(sink.messages.length, 0);
  await sink.close();
  await assert.rejects(SmtpClient.open(sink.port));
  await sink.open();
  await (await SmtpClient.open(sink.port)).quit();
});

test("swaks and curl reach the sink", async (t) => {
  const sink = await startSink(t, { port: await freePort() });
  const sent = await swaks(sink.port, "--to", "b@two.test", "--from", "a@one.test");
  assert.equal(sent.code, 0, sent.stdout);
  const mail = { from: "a@one.test", to: "b@two.test", content: MAIL.content };
  const curled = await curlMail(sink.port, mail);
  assert.equal(curled.code, 0, curled.stderr);
  assert.equal(sink.messages.length, 2);
});

test("Postfix relays to the sink", async (t) => {
  const sink = await startSink(t, { port: await freePort() });
  const postfix = await startPostfixPeer(t, { relayPort: sink.port });
  const client = await SmtpClient.open(postfix.port);
  await client.command("EHLO client.test", 250);
  assert.equal((await client.sendMessage(MAIL)).code, 250);
  await client.quit();
  await eventually({ what: "the message" }, () => sink.messages.length === 1 || undefined);
});

test("Dovecot takes mail over LMTP and shows it over IMAP", async (t) => {
  const dovecot = await startDovecot(t);
  const client = await SmtpClient.open(dovecot.lmtpPort);
  await client.command("LHLO client.test", 250);
  assert.equal((await client.sendMessage({ ...MAIL, to: ["alice@contoso.test"] })).code, 250);
  client.destroy();
  const read = await python(
    `import imaplib, sys
box = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
box.login("alice@contoso.test", "secret")
box.select("INBOX")
print(box.fetch("1", "(RFC822)")[1][0][1].decode())
box.logout()`,
    String(dovecot.imapPort),
  );
  assert.match(read.stdout, /Subject: x/, read.stderr);
});

test("cleanups run the latest first, all of them, and the fault is told", async () => {
  const scope = new CleanupScope();
  const done: string[] = [];
  later(scope, () => void done.push("folder"));
  later(scope, () => {
    throw new Error("would not end");
  });
  later(scope, () => void done.push("server"));
  await assert.rejects(scope.close(), /would not end/);
  assert.deepEqual(done, ["server", "folder"]);
});

test("run tells the exit code and what was said", async () => {
  const result = await run("sh", ["-c", "cat; echo no >&2; exit 3"], "text");
  assert.deepEqual(result, { code: 3, stdout: "text", stderr: "no\n" });
});

test("tracking: quoted values, comments and a cut last line", () => {
  assert.deepEqual(splitCsv('a,,"b,""c""",d'), ["a", "", 'b,"c"', "d"]);
  assert.deepEqual(splitCsv(","), ["", ""]);
  const text = `#Software: x\r\n#Fields: event-id,source,message-id\r\nSEND,SMTP,<1@x>\r\nDELI`;
  const rows = parseLog(text);
  assert.deepEqual(storyOf(rows, "<1@x>"), ["SEND(SMTP)"]);
  assert.throws(() => parseLog("#Fields: a,b\r\n1\r\n"), /a line of 1 fields/);
});
