import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, startHop } from "../harness/hop.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { type Configuration, startServer, type TestServer } from "../harness/server.ts";
import { type ClientReply, SmtpClient } from "../harness/smtp-client.ts";
import { transact } from "../harness/transaction.ts";

interface Bench {
  readonly server: TestServer;
  readonly smtpPort: number;
  readonly relayPort: number;
  readonly hop: Hop;
}

/** A server with these limits, and a next hop that knows no extension at all. */
async function openBench(t: TestContext, receiveConnector: Configuration = {}): Promise<Bench> {
  const hop = await startHop(t, { port: await freePort(), extensions: [] });
  const [smtpPort, relayPort] = [await freePort(), await freePort()];
  const configuration = contoso({
    smtpPort,
    relayPort,
    smartHostPort: hop.port,
    receiveConnector,
  });
  return { server: await startServer(t, { configuration }), smtpPort, relayPort, hop };
}

/** A client from another loopback address; the greeting is still to come. */
function dial(port: number, localAddress = "127.0.0.1"): SmtpClient {
  return new SmtpClient(connect({ port, host: "127.0.0.1", localAddress }));
}

async function hello(port: number): Promise<SmtpClient> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  return client;
}

function statusOf(reply: ClientReply): string {
  return `${reply.code} ${/^\S+/.exec(reply.lines[0] ?? "")?.[0]}`;
}

async function assertTurnedAway(client: SmtpClient): Promise<void> {
  assert.equal(statusOf(await client.reply()), "421 4.3.2");
  await client.ended();
}

/** The place of a session that ended is free within moments. */
async function assertFree(port: number, localAddress?: string): Promise<void> {
  await eventually({ what: "a place for one more session" }, async () => {
    const client = dial(port, localAddress);
    const { code } = await client.reply();
    client.destroy();
    return code === 220 || undefined;
  });
}

test("connections of one source: one too many is turned away, others are not", async (t) => {
  const { smtpPort } = await openBench(t, { maxInboundConnectionPerSource: 3 });
  const held = await Promise.all([1, 2, 3].map(() => SmtpClient.open(smtpPort)));
  await assertTurnedAway(dial(smtpPort));
  const other = dial(smtpPort, "127.0.0.2");
  await other.expect(220);
  // Those who are in go on undisturbed.
  await held[0]?.command("EHLO client.example", 250);
  await held[1]?.quit();
  await assertFree(smtpPort);
});

test("connections in all: one too many is turned away, whoever it is", async (t) => {
  const { smtpPort } = await openBench(t, { maxInboundConnection: 3 });
  const sources = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
  const held = sources.map((source) => dial(smtpPort, source));
  for (const client of held) await client.expect(220);
  await assertTurnedAway(dial(smtpPort, "127.0.0.4"));
  held[2]?.destroy();
  await assertFree(smtpPort, "127.0.0.4");
});

test("silence ends a session, and so does the slowest talk", async (t) => {
  const { smtpPort } = await openBench(t, {
    connectionInactivityTimeout: "00:00:01",
    connectionTimeout: "00:00:03",
  });
  const silent = await SmtpClient.open(smtpPort);
  const busy = await hello(smtpPort);
  let isOver = false;
  const chatter = (async () => {
    // Never silent for a second, and never done.
    while (!isOver) {
      busy.send("NOOP");
      const reply = await busy.reply();
      if (reply.code !== 250) return reply;
    }
    return undefined;
  })();
  assert.equal(statusOf(await silent.reply()), "421 4.4.1");
  await silent.ended();
  const last = await chatter;
  isOver = true;
  assert.equal(last === undefined ? "" : statusOf(last), "421 4.4.2");
  await busy.ended();
  // In the midst of data, too: the message is nobody's.
  const stuck = await hello(smtpPort);
  await stuck.command("MAIL FROM:<you@example.com>", 250);
  await stuck.command("RCPT TO:<alice@contoso.test>", 250);
  await stuck.command("DATA", 354);
  stuck.sendRaw("Subject: stuck\r\n\r\n");
  assert.equal((await stuck.reply()).code, 421);
  await stuck.ended();
});

test("recipients: one past the limit is put off, the others get the message", async (t) => {
  const { server, smtpPort } = await openBench(t, { maxRecipientsPerMessage: 2 });
  const client = await hello(smtpPort);
  await client.command("MAIL FROM:<you@example.com>", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 250);
  await client.command("RCPT TO:<bob@contoso.test>", 250);
  assert.equal(statusOf(await client.command("RCPT TO:<a.smith@contoso.test>", 452)), "452 4.5.3");
  await client.command("DATA", 354);
  client.sendRaw("Subject: two\r\n\r\nx\r\n.\r\n");
  await client.expect(250);
  await client.quit();
  await waitForMail(server.dataFolder, { address: "alice@contoso.test", count: 1 });
  await waitForMail(server.dataFolder, { address: "bob@contoso.test", count: 1 });
});

test("message size: refused when announced or found; the limit itself is fine", async (t) => {
  const limit = 64 * 1024;
  const { server, smtpPort } = await openBench(t, { maxMessageSize: "64KB" });
  const client = await hello(smtpPort);
  const announced = await client.command(`MAIL FROM:<you@example.com> SIZE=${limit + 1}`, 552);
  assert.equal(statusOf(announced), "552 5.3.4");
  const contentOf = (bytes: number) => {
    const head = "Subject: size\r\n\r\n";
    const lines = `${"x".repeat(62)}\r\n`.repeat(2000).slice(0, bytes - head.length - 2);
    return `${head}${lines}\r\n`.replace(/\r\r\n$/, "x\r\n");
  };
  const envelope = { from: "<you@example.com>", to: ["<alice@contoso.test>"] };
  const exact = contentOf(limit);
  assert.equal(exact.length, limit);
  await transact(client, { ...envelope, content: exact });
  await client.command("MAIL FROM:<you@example.com>", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 250);
  await client.command("DATA", 354);
  client.sendRaw(`${contentOf(limit + 1)}.\r\n`);
  assert.equal(statusOf(await client.expect(552)), "552 5.3.4");
  // The session goes on, also after a chunk that is too large.
  await client.command("MAIL FROM:<you@example.com>", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 250);
  client.sendRaw(`BDAT ${limit + 1} LAST\r\n${"x".repeat(limit + 1)}`);
  assert.equal(statusOf(await client.expect(552)), "552 5.3.4");
  await client.command("NOOP", 250);
  await client.quit();
  const want = { address: "alice@contoso.test", count: 1 };
  assert.equal((await waitForMail(server.dataFolder, want)).length, 1);
});

test("too many errors end the session", async (t) => {
  const { smtpPort } = await openBench(t, { maxProtocolErrors: 3 });
  const client = await hello(smtpPort);
  for (let count = 0; count < 3; count++) await client.command("NONSENSE", 500);
  client.send("NONSENSE");
  // The reply to the command, or at once the farewell; after that nothing.
  const codes: number[] = [];
  for (;;) {
    const reply = await client.reply().catch(() => undefined);
    if (reply === undefined) break;
    codes.push(reply.code);
  }
  assert.equal(codes.at(-1), 421, codes.join());
  assert.ok(codes.length <= 2);
});

const SMUGGLED =
  "MAIL FROM:<evil@contoso.test>\r\nRCPT TO:<victim@fabrikam.test>\r\nDATA\r\n" +
  "Subject: smuggled\r\n\r\nx";

// What other servers have taken for the end of data (CVE-2023-51764 to 51766).
const FALSE_ENDS = [
  ["LF . LF", "\n.\n"],
  ["LF . CRLF", "\n.\r\n"],
  ["CRLF . LF", "\r\n.\n"],
  ["CR . CR", "\r.\r"],
  ["CR . CRLF", "\r.\r\n"],
  ["CRLF . CR", "\r\n.\r"],
  ["CR LF . CR CR LF", "\r\n.\r\r\n"],
  ["NUL before the dot", "\r\n\0.\r\n"],
  ["NUL after the dot", "\r\n.\0\r\n"],
] as const;

test("what only some servers take for the end of data is refused as a whole", async (t) => {
  const { relayPort, hop } = await openBench(t, { maxProtocolErrors: "unlimited" });
  const client = await hello(relayPort);
  for (const [what, end] of FALSE_ENDS) {
    await client.command("MAIL FROM:<you@example.com>", 250);
    await client.command("RCPT TO:<someone@fabrikam.test>", 250);
    await client.command("DATA", 354);
    client.sendRaw(`Subject: cover\r\n\r\nx${end}${SMUGGLED}\r\n.\r\n`);
    assert.equal(statusOf(await client.reply()), "550 5.6.11", what);
    // One reply for all of it: the smuggled commands were content.
    await client.command("NOOP", 250);
  }
  // Through BDAT, where nothing ends the data but its count.
  for (const [what, end] of FALSE_ENDS) {
    const content = `Subject: cover\r\n\r\nx${end}${SMUGGLED}\r\n`;
    await client.command("MAIL FROM:<you@example.com>", 250);
    await client.command("RCPT TO:<someone@fabrikam.test>", 250);
    client.sendRaw(`BDAT ${content.length} LAST\r\n${content}`);
    assert.equal(statusOf(await client.reply()), "550 5.6.11", what);
    await client.command("NOOP", 250);
  }
  assert.equal(hop.connectionCount, 0);
  await client.quit();
});

test("an honest end of data inside a chunk stays content at a next hop without BDAT", async (t) => {
  const { relayPort, hop } = await openBench(t);
  const client = await hello(relayPort);
  const content = `Subject: cover\r\n\r\nx\r\n.\r\n${SMUGGLED}\r\n.\r\nend\r\n`;
  const envelope = { from: "<you@example.com>", to: ["<someone@fabrikam.test>"] };
  await transact(client, { ...envelope, content, chunkBytes: 25 });
  const from = "<you@example.com> BODY=BINARYMIME";
  const bare = `Subject: bare\r\nMIME-Version: 1.0\r\n\r\nx\n.\n${SMUGGLED}\r\n.\r\nend\r\n`;
  await transact(client, { ...envelope, from, content: bare, chunkBytes: 1000 });
  await client.quit();
  await eventually({ what: "both messages" }, () => hop.messages.length === 2 || undefined);
  const [plain] = hop.messages.filter((message) => message.content.includes("Subject: cover"));
  assert.ok(plain?.content.toString("latin1").endsWith(content.slice(content.indexOf("\r\n\r\n"))));
  for (const message of hop.messages) {
    assert.doesNotMatch(message.content.toString("latin1"), /(?<!\r)\n|\r(?!\n)/);
  }
  assert.ok(
    hop.lines.every((line) => !/evil|victim/.test(line)),
    hop.lines.join(" | "),
  );
  assert.equal(hop.lines.filter((line) => line.startsWith("MAIL")).length, 2);
});

test("a bare LF does not end a command, and what follows it is no command", async (t) => {
  const { relayPort, hop } = await openBench(t);
  const client = await hello(relayPort);
  client.sendRaw("NOOP\nMAIL FROM:<evil@contoso.test>\r\nRCPT TO:<victim@fabrikam.test>\r\n");
  assert.equal(statusOf(await client.reply()), "500 5.5.2");
  await client.ended();
  const addresses = await hello(relayPort);
  for (const forged of [
    "MAIL FROM:<a@b.test>\rRCPT TO:<victim@fabrikam.test>",
    "MAIL FROM:<a\0@b.test>",
    'MAIL FROM:<"a\rb"@b.test>',
  ]) {
    addresses.send(forged);
    assert.ok((await addresses.reply()).code >= 500, forged);
  }
  await addresses.quit();
  assert.equal(hop.connectionCount, 0);
});

test("what comes in clear behind STARTTLS is forgotten, as the session before", async (t) => {
  const { server, smtpPort } = await openBench(t);
  const clear = await hello(smtpPort);
  await clear.command("MAIL FROM:<before@example.com>", 250);
  // Injected by somebody in between, in the packet of STARTTLS itself.
  clear.sendRaw("STARTTLS\r\nRCPT TO:<bob@contoso.test>\r\nNOOP\r\n");
  await clear.expect(220);
  clear.socket.removeAllListeners("data");
  const socket = connectTls({ socket: clear.socket, rejectUnauthorized: false });
  await new Promise((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  const secure = new SmtpClient(socket);
  // The first reply inside TLS answers the first command inside TLS.
  await secure.command("MAIL FROM:<you@example.com>", 503);
  await secure.command("EHLO client.example", 250);
  await secure.command("RCPT TO:<bob@contoso.test>", 503);
  const envelope = { from: "<you@example.com>", to: ["<alice@contoso.test>"] };
  await transact(secure, { ...envelope, content: "Subject: secure\r\n\r\nx\r\n" });
  await secure.quit();
  const want = { address: "alice@contoso.test", count: 1 };
  const [message = ""] = await waitForMail(server.dataFolder, want);
  assert.match(message, /^Return-Path: <you@example\.com>\r?$/m);
  assert.match(message, /with ESMTPS/);
  assert.deepEqual(await readMaildir(server.dataFolder, "bob@contoso.test"), []);
});
