import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { run, swaks } from "../harness/peers.ts";
import { type Configuration, startServer, type TestServer } from "../harness/server.ts";
import { type ClientReply, SmtpClient } from "../harness/smtp-client.ts";

interface Bench {
  readonly server: TestServer;
  readonly port: number;
  readonly adminPort: number;
}

/** A server with two transport threads: what one counts the other must know. */
async function openBench(
  t: TestContext,
  options: {
    readonly receiveConnector?: Configuration;
    readonly transportService?: Configuration;
    readonly more?: Configuration;
  },
): Promise<Bench> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const { more, ...others } = options;
  const server = {
    fqdn: "mail.contoso.test",
    transportThreads: 2,
    admin: { listen: `127.0.0.1:${adminPort}` },
  };
  const configuration = contoso({ smtpPort: port, ...others, more: { server, ...more } });
  return { server: await startServer(t, { configuration }), port, adminPort };
}

/** For users who log on in clear, and for anybody. */
const USERS = {
  permissionGroups: ["AnonymousUsers", "ExchangeUsers"],
  authMechanism: ["Tls", "BasicAuth"],
};

async function dial(port: number, localAddress = "127.0.0.1"): Promise<SmtpClient> {
  const client = new SmtpClient(connect({ port, host: "127.0.0.1", localAddress }));
  await client.expect(220);
  await client.command("EHLO client.example", 250);
  return client;
}

async function logOn(port: number, user: string, password: string): Promise<SmtpClient> {
  const client = await dial(port);
  const response = Buffer.from(`\0${user}\0${password}`).toString("base64");
  await client.command(`AUTH PLAIN ${response}`, 235);
  return client;
}

const ALICE = ["alice@contoso.test", "correct horse"] as const;

/** MAIL, RCPTs and DATA until something is not taken; the last reply. */
async function send(
  client: SmtpClient,
  from: string,
  to: readonly string[] = ["bob@contoso.test"],
): Promise<ClientReply> {
  const lines = [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), "DATA"];
  for (const line of lines) {
    client.send(line);
    const reply = await client.reply();
    if (reply.code >= 400) return reply;
  }
  client.sendRaw(`From: <${from}>\r\nSubject: limits\r\n\r\nx\r\n.\r\n`);
  return client.reply();
}

const textOf = ({ code, lines }: ClientReply) => `${code} ${lines.join(" ")}`;
const RATE = "421 4.4.2 Message submission rate for this client has exceeded the configured limit";
const TAKEN = /^250 2\.6\.0 /;

async function metric(adminPort: number, line: RegExp): Promise<string | undefined> {
  const url = `https://127.0.0.1:${adminPort}/metrics`;
  const { stdout } = await run("curl", ["--silent", "--insecure", url]);
  return line.exec(stdout)?.[1];
}

test("messages per minute from one address, over all threads and sessions", async (t) => {
  const receiveConnector = { messageRateLimit: 6 };
  const { server, port, adminPort } = await openBench(t, { receiveConnector });
  const clients = await Promise.all(Array.from({ length: 4 }, () => dial(port)));
  const replies = await Promise.all(
    clients.map(async (client) => [
      textOf(await send(client, "you@example.com")),
      textOf(await send(client, "other@example.com").catch(() => ({ code: 0, lines: ["gone"] }))),
    ]),
  );
  const said = replies.flat();
  assert.equal(said.filter((reply) => TAKEN.test(reply)).length, 6, said.join("\n"));
  assert.equal(said.filter((reply) => reply === RATE).length, 2, said.join("\n"));
  // The client's own words to its user.
  const throttled = await swaks(port, "--from", "you@example.com", "--to", "bob@contoso.test");
  assert.notEqual(throttled.code, 0);
  assert.match(throttled.stdout, /421 4\.4\.2 Message submission rate for this client/);
  const other = await dial(port, "127.0.0.2");
  assert.match(textOf(await send(other, "you@example.com")), TAKEN);
  await waitForMail(server.dataFolder, { address: "bob@contoso.test", count: 7 });
  const name = /^postrider_throttled_total\{reason="message_rate_address"\} (\d+)$/m;
  await eventually({ what: "the figure" }, async () => {
    return (await metric(adminPort, name)) === "3" || undefined;
  });
  assert.match(server.output, /"sender-throttled"/);
});

test("messages per minute of one user, whatever he sends as and from where", async (t) => {
  const receiveConnector = { ...USERS, messageRateLimit: 2, messageRateSource: "User" };
  const { port } = await openBench(t, { receiveConnector });
  const first = await logOn(port, ...ALICE);
  assert.match(textOf(await send(first, "alice@contoso.test")), TAKEN);
  assert.match(textOf(await send(first, "a.smith@contoso.test")), TAKEN);
  assert.equal(textOf(await send(first, "alice@contoso.test")), RATE);
  await first.ended();
  const again = await logOn(port, ...ALICE);
  assert.equal(textOf(await send(again, "alice@contoso.test")), RATE);
  const bob = await logOn(port, "bob@contoso.test", "battery staple");
  assert.match(textOf(await send(bob, "bob@contoso.test")), TAKEN);
});

test("connections per minute of the whole server", async (t) => {
  const transportService = { maxConnectionRatePerMinute: 5 };
  const { port } = await openBench(t, { transportService });
  for (let count = 1; count <= 5; count += 1) await (await dial(port, `127.0.0.${count}`)).quit();
  const sixth = new SmtpClient(connect({ port, host: "127.0.0.1", localAddress: "127.0.0.9" }));
  assert.match(textOf(await sixth.reply()), /^421 4\.3\.2 /);
  await sixth.ended();
});

test("a user's limits by policy: recipients a day, messages of a device an hour", async (t) => {
  const more = {
    throttlingPolicies: [
      { name: "Everybody", default: true, recipientsPerDay: 3 },
      { name: "Robots" },
    ],
    mailboxes: [
      { name: "alice", primarySmtpAddress: ALICE[0], password: ALICE[1] },
      { name: "bob", primarySmtpAddress: "bob@contoso.test" },
      {
        name: "scanner",
        primarySmtpAddress: "scanner@contoso.test",
        throttlingPolicy: "Robots",
        appPasswords: [{ name: "Hall", password: "paper jam", messagesPerHour: 1 }],
      },
    ],
  };
  const { server, port } = await openBench(t, { receiveConnector: USERS, more });
  const alice = await logOn(port, ...ALICE);
  const two = ["bob@contoso.test", "scanner@contoso.test"];
  assert.match(textOf(await send(alice, ALICE[0], two)), TAKEN);
  await alice.quit();
  const again = await logOn(port, ...ALICE);
  await again.command(`MAIL FROM:<${ALICE[0]}>`, 250);
  await again.command("RCPT TO:<bob@contoso.test>", 250);
  assert.match(
    textOf(await again.command("RCPT TO:<scanner@contoso.test>", 452)),
    /^452 4\.7\.0 Sending limit exceeded: 3 recipients of alice@.* per day; try again in \d+ h/,
  );
  await again.command("DATA", 354);
  again.sendRaw("From: <alice@contoso.test>\r\nSubject: limits\r\n\r\nx\r\n.\r\n");
  assert.match(textOf(await again.expect(250)), TAKEN);
  await waitForMail(server.dataFolder, { address: "bob@contoso.test", count: 2 });
  await waitForMail(server.dataFolder, { address: "scanner@contoso.test", count: 1 });
  const credentials = ["--auth-user", "scanner@contoso.test", "--auth-password", "paper jam"];
  const mail = ["--from", "scanner@contoso.test", "--to", "bob@contoso.test"];
  const scan = () => swaks(port, "--auth", "PLAIN", ...credentials, ...mail);
  assert.equal((await scan()).code, 0);
  const second = await scan();
  assert.notEqual(second.code, 0);
  assert.match(
    second.stdout,
    /452 4\.7\.0 Sending limit exceeded: 1 messages of scanner@.* by the app password Hall per h/,
  );
});

test("behind a load balancer the client's address counts, never the balancer's", async (t) => {
  const receiveConnector = {
    proxyProtocolSources: ["127.0.0.1"],
    remoteIPRanges: ["0.0.0.0-255.255.255.255"],
    messageRateLimit: 1,
    maxInboundConnectionPerSource: 2,
  };
  const { port } = await openBench(t, { receiveConnector });
  const through = (address: string) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write(`PROXY TCP4 ${address} 192.0.2.25 40000 25\r\n`);
    return new SmtpClient(socket);
  };
  const greeted = async (address: string) => {
    const client = through(address);
    await client.expect(220);
    await client.command("EHLO client.example", 250);
    return client;
  };
  const one = await greeted("198.51.100.7");
  assert.match(textOf(await send(one, "you@example.com")), TAKEN);
  assert.equal(textOf(await send(one, "you@example.com")), RATE);
  const other = await greeted("198.51.100.8");
  assert.match(textOf(await send(other, "you@example.com")), TAKEN);
  await greeted("198.51.100.8");
  assert.match(textOf(await through("198.51.100.8").reply()), /^421 4\.3\.2 /);
  assert.match(textOf(await send(await greeted("198.51.100.9"), "you@example.com")), TAKEN);
});
