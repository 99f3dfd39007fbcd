import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const IDLE_SESSIONS = 500;
const SLOW_SENDERS = 50;
const SESSIONS_AT_ONCE = 200;
/** Messages whose median is compared. */
const MESSAGES = 40;
const PAUSE_MS = 25;
/** A machine that has other things to do may spoil a round; a crowd that hurts spoils them all. */
const ROUNDS_MAX = 5;
const SLOWER_MAX = 2;

function dial(port: number, localAddress: string): SmtpClient {
  return new SmtpClient(connect({ port, host: "127.0.0.1", localAddress }));
}

/** One message in a session that has had its greeting. */
async function sendIn(client: SmtpClient): Promise<void> {
  await client.command("EHLO client.example", 250);
  const reply = await client.sendMessage({
    from: "someone@fabrikam.test",
    to: ["bob@contoso.test"],
    content: `Subject: in between\r\n\r\n${"Hello\r\n".repeat(200)}`,
  });
  assert.equal(reply.code, 250, reply.lines.join());
}

/** Milliseconds from the connection to the 221 of one client with one message. */
async function sendOne(port: number): Promise<number> {
  const startMs = performance.now();
  const client = await SmtpClient.open(port);
  await sendIn(client);
  await client.quit();
  return performance.now() - startMs;
}

async function medianLatencyMs(port: number): Promise<number> {
  const latencies: number[] = [];
  for (let count = 0; count < MESSAGES; count += 1) {
    latencies.push(await sendOne(port));
    await sleep(PAUSE_MS);
  }
  return latencies.sort((a, b) => a - b)[MESSAGES / 2] ?? 0;
}

/** In the middle of its content, one byte a second from now on. */
async function startSlowSender(port: number, localAddress: string): Promise<SmtpClient> {
  const client = dial(port, localAddress);
  await client.expect(220);
  await client.command("HELO slow.example", 250);
  await client.command("MAIL FROM:<slow@fabrikam.test>", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 250);
  await client.command("DATA", 354);
  const timer = setInterval(() => client.sendRaw("x"), 1_000);
  client.socket.once("close", () => clearInterval(timer));
  return client;
}

interface Crowd {
  readonly idle: readonly SmtpClient[];
  readonly slow: readonly SmtpClient[];
  readonly together: readonly SmtpClient[];
  leave(): Promise<void>;
}

async function gather(port: number): Promise<Crowd> {
  const idle = Array.from({ length: IDLE_SESSIONS }, (_, index) => {
    return dial(port, `127.0.1.${1 + (index % 10)}`);
  });
  for (const client of idle) await client.expect(220);
  const slow = await Promise.all(
    Array.from({ length: SLOW_SENDERS }, (_, index) => {
      return startSlowSender(port, `127.0.2.${1 + (index % 5)}`);
    }),
  );
  const together = Array.from({ length: SESSIONS_AT_ONCE }, () => dial(port, "127.0.3.1"));
  for (const client of together) await client.expect(220);
  const all = [...idle, ...slow, ...together];
  const leave = async (): Promise<void> => {
    const ended = all.map((client) => client.ended());
    for (const client of all) client.destroy();
    await Promise.all(ended);
  };
  return { idle, slow, together, leave };
}

async function openDoor(t: TestContext, maxInboundConnectionPerSource: number) {
  const smtpPort = await freePort();
  const receiveConnector = { maxInboundConnection: 5_000, maxInboundConnectionPerSource };
  const server = await startServer(t, { configuration: contoso({ smtpPort, receiveConnector }) });
  return { server, smtpPort };
}

test("among 750 idle, slow and hasty clients others wait no twice as long", async (t) => {
  const { server, smtpPort } = await openDoor(t, 250);
  await medianLatencyMs(smtpPort);
  const rounds: string[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS_MAX && best > SLOWER_MAX; round += 1) {
    const before = await medianLatencyMs(smtpPort);
    const crowd = await gather(smtpPort);
    const sent = crowd.together.map((client) => sendIn(client));
    const during = await medianLatencyMs(smtpPort);
    await Promise.all(sent);
    // The crowd is served, too: it waits, it has not been thrown out.
    await crowd.idle[0]?.command("NOOP", 250);
    await crowd.together.at(-1)?.command("EHLO crowd.example", 250);
    crowd.slow[0]?.sendRaw("\r\n.\r\n");
    await crowd.slow[0]?.expect(250);
    await crowd.leave();
    best = Math.min(best, during / before);
    rounds.push(`${before.toFixed(1)} ms alone, ${during.toFixed(1)} ms in the crowd`);
  }
  t.diagnostic(rounds.join("; "));
  assert.ok(best <= SLOWER_MAX, rounds.join("; "));
  await waitForMail(server.dataFolder, { address: "alice@contoso.test", count: 1 });
});

test("of 200 sessions at once from one address its share gets in, the rest is told", async (t) => {
  const { smtpPort } = await openDoor(t, 20);
  const clients = Array.from({ length: SESSIONS_AT_ONCE }, () => dial(smtpPort, "127.0.3.1"));
  const replies = await Promise.all(clients.map((client) => client.reply()));
  assert.equal(replies.filter(({ code }) => code === 220).length, 20);
  const refused = replies.filter(({ code }) => code !== 220);
  for (const { code, lines } of refused) assert.match(`${code} ${lines[0]}`, /^421 4\.3\.2 /);
  await sendOne(smtpPort);
  for (const client of clients) client.destroy();
});
