import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { type Hop, startHop } from "../harness/hop.ts";
import { CleanupScope } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const ALICE = "alice@contoso.test";
const PLAIN = Buffer.from(`\0${ALICE}\0correct horse`).toString("base64");
const VICTIM = "victim@elsewhere.test";
/** What a smuggler hides behind an end of content that is none. */
const SECOND =
  "MAIL FROM:<admin@contoso.test>\r\nRCPT TO:<alice@contoso.test>\r\nDATA\r\n" +
  "Subject: smuggled\r\n\r\nforged\r\n";

/** The three doors of the issue, as 25, 587 and 465 behave. */
const DOORS = [
  "clear and anonymous (25)",
  "STARTTLS and AUTH (587)",
  "implicit TLS (465)",
] as const;

const scope = new CleanupScope();
const ports = new Map<string, number>();
let hop: Hop;
let repairPort = 0;

before(async () => {
  const [clear, submission, implicit] = [await freePort(), await freePort(), await freePort()];
  repairPort = await freePort();
  hop = await startHop(scope, { port: await freePort() });
  ports.set(DOORS[0], clear).set(DOORS[1], submission).set(DOORS[2], implicit);
  const open = {
    remoteIPRanges: ["127.0.0.0/8"],
    maxProtocolErrors: "unlimited",
    maxInboundConnectionPerSource: "unlimited",
    maxInboundConnectionPercentagePerSource: 100,
    tarpitInterval: "00:00:00",
  };
  const users = {
    authMechanism: ["Tls", "BasicAuth", "BasicAuthRequireTLS"],
    permissionGroups: ["ExchangeUsers"],
    ...open,
  };
  const { receiveConnectors, ...rest } = contoso({ smtpPort: clear, smartHostPort: hop.port });
  assert.ok(Array.isArray(receiveConnectors));
  await startServer(scope, {
    configuration: {
      ...rest,
      receiveConnectors: [
        ...receiveConnectors,
        { name: "Client Frontend", bindings: [`127.0.0.1:${submission}`], ...users },
        {
          name: "Client Implicit TLS",
          bindings: [`127.0.0.1:${implicit}`],
          implicitTlsEnabled: true,
          ...users,
        },
        {
          name: "Old devices",
          bindings: [`127.0.0.1:${repairPort}`],
          bareLinefeedRejectionEnabled: false,
          permissionGroups: ["AnonymousUsers"],
          extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] },
          ...open,
        },
      ],
    },
  });
});

after(() => scope.close());

async function openDoor(door: string): Promise<{ client: SmtpClient; recipient: string }> {
  const port = ports.get(door) ?? 0;
  if (door.startsWith("clear")) {
    const client = await SmtpClient.open(port);
    await client.command("EHLO client.test", 250);
    return { client, recipient: ALICE };
  }
  const client = door.startsWith("implicit") ? await openTls(port) : await upgrade(port);
  await client.command("EHLO client.test", 250);
  await client.command(`AUTH PLAIN ${PLAIN}`, 235);
  return { client, recipient: VICTIM };
}

async function openTls(port: number): Promise<SmtpClient> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const client = new SmtpClient(socket);
  await client.expect(220);
  return client;
}

async function upgrade(port: number, injected = ""): Promise<SmtpClient> {
  const clear = await SmtpClient.open(port);
  await clear.command("EHLO client.test", 250);
  clear.sendRaw(`STARTTLS\r\n${injected}`);
  await clear.expect(220);
  clear.socket.removeAllListeners();
  const socket = connectTls({ socket: clear.socket, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  return new SmtpClient(socket);
}

/** Everything that some server or other has taken for the end of a message, but CRLF.CRLF. */
const FALSE_ENDS = [
  "\n.\n",
  "\n.\r\n",
  "\r\n.\n",
  "\r.\r",
  "\r.\r\n",
  "\r\n.\r",
  "\n.\r",
  "\r.\n",
  "\r\n.\0\r\n",
  "\r\n\0.\r\n",
] as const;

for (const door of DOORS) {
  for (const end of FALSE_ENDS) {
    const shown = JSON.stringify(end);
    test(`${door}: ${shown} ends no message, by DATA`, async () => {
      const { client, recipient } = await openDoor(door);
      const before = hop.messages.length;
      await client.command(`MAIL FROM:<${ALICE}>`, 250);
      await client.command(`RCPT TO:<${recipient}>`, 250);
      await client.command("DATA", 354);
      client.sendRaw(`From: ${ALICE}\r\nSubject: first\r\n\r\none${end}${SECOND}\r\n.\r\n`);
      const reply = await client.reply();
      assert.ok(reply.code >= 500, `${reply.code} ${reply.lines.join(" ")}`);
      // One message, one reply: what follows it is the answer to the next command.
      await client.command("NOOP", 250);
      assert.equal(hop.messages.length, before);
      await client.quit();
    });
  }

  test(`${door}: a false end in a chunk ends no message, by BDAT`, async () => {
    const { client, recipient } = await openDoor(door);
    const before = hop.messages.length;
    for (const end of FALSE_ENDS) {
      const content = `From: ${ALICE}\r\nSubject: first\r\n\r\none${end}${SECOND}`;
      client.sendRaw(`MAIL FROM:<${ALICE}>\r\nRCPT TO:<${recipient}>\r\n`);
      client.sendRaw(`BDAT ${content.length} LAST\r\n${content}`);
      await client.expect(250);
      await client.expect(250);
      const reply = await client.reply();
      assert.ok(reply.code >= 500, `${JSON.stringify(end)}: ${reply.code}`);
    }
    await client.command("NOOP", 250);
    assert.equal(hop.messages.length, before);
    await client.quit();
  });
}

test("commands behind STARTTLS are never heard", async () => {
  const injected = `MAIL FROM:<${ALICE}>\r\nRCPT TO:<${ALICE}>\r\nDATA\r\nx\r\n.\r\n`;
  const client = await upgrade(ports.get(DOORS[1]) ?? 0, injected);
  // The first thing heard over TLS is the first thing answered, and there is no transaction.
  await client.command("NOOP", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 503);
  await client.quit();
});

test("what is repaired is one message, and goes out with CRLF only", async () => {
  const client = await SmtpClient.open(repairPort);
  await client.command("EHLO client.test", 250);
  const before = hop.messages.length;
  await client.command(`MAIL FROM:<${ALICE}>`, 250);
  await client.command(`RCPT TO:<${VICTIM}>`, 250);
  await client.command("DATA", 354);
  client.sendRaw(`From: ${ALICE}\nSubject: first\n\none\n.\n${SECOND}\r\n.\r\n`);
  await client.expect(250);
  await client.command("NOOP", 250);
  const [message, ...others] = await eventually({ what: "the message at the hop" }, () => {
    const taken = hop.messages.slice(before);
    return taken.length > 0 ? taken : undefined;
  });
  assert.deepEqual(others, []);
  const text = message?.content.toString("latin1") ?? "";
  assert.doesNotMatch(text, /(?:^|[^\r])\n|\r(?!\n)/);
  assert.match(text, /^one\r\n\.\r\nMAIL FROM:<admin@contoso\.test>\r\n/m);
  await client.quit();
});
