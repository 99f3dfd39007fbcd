import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { type Configuration, startServer, type TestServer } from "../harness/server.ts";
import { type Sink, startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking, storyOf } from "../harness/tracking.ts";

interface Bench {
  readonly server: TestServer;
  readonly sink: Sink;
  readonly relayPort: number;
}

/** A server that relays to a sink; `transportService` sets the retries. */
async function openBench(t: TestContext, transportService: Configuration): Promise<Bench> {
  const sink = await startSink(t, { port: await freePort() });
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: sink.port,
    transportService: { retryJitter: 0, ...transportService },
  });
  return { server: await startServer(t, { configuration }), sink, relayPort };
}

async function sendFromAlice(relayPort: number, id: string, to: string): Promise<void> {
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO client.example", 250);
  const header = `Message-ID: <${id}@contoso.test>\r\nFrom: alice@contoso.test\r\nSubject: ${id}`;
  const content = `${header}\r\n\r\nx`;
  const reply = await client.sendMessage({ from: "alice@contoso.test", to: [to], content });
  assert.equal(reply.code, 250, reply.lines.join());
  await client.quit();
}

function waitForEvent(server: TestServer, id: string, event: string): Promise<readonly string[]> {
  return eventually({ what: `${event} of ${id}` }, () => {
    const story = storyOf(readTracking(server.dataFolder), `<${id}@contoso.test>`);
    return story.some((entry) => entry.startsWith(`${event}(`)) ? story : undefined;
  });
}

test("a next hop that is down and comes back gets its mail", async (t) => {
  const { server, sink, relayPort } = await openBench(t, { queueGlitchRetryInterval: "00:00:01" });
  await sink.close();
  await sendFromAlice(relayPort, "down", "someone@fabrikam.test");
  await waitForEvent(server, "down", "DEFER");
  await sink.open();
  await eventually({ what: "the delivery" }, () => sink.messages.length > 0 || undefined);
  const story = await waitForEvent(server, "down", "SEND");
  assert.equal(story.filter((entry) => entry.startsWith("SEND(")).length, 1);
  assert.equal(sink.messages.length, 1);
});

test("the back-off of a queue survives a restart", async (t) => {
  const intervalMs = 4_000;
  const { server, sink, relayPort } = await openBench(t, {
    queueGlitchRetryCount: 0,
    transientFailureRetryCount: 0,
    outboundConnectionFailureRetryInterval: "00:00:04",
  });
  await sink.close();
  const sentMs = performance.now();
  await sendFromAlice(relayPort, "back-off", "someone@fabrikam.test");
  await waitForEvent(server, "back-off", "DEFER");
  await server.kill9();
  await sink.open();
  await server.start();
  await eventually({ what: "the delivery" }, () => sink.messages.length > 0 || undefined);
  // A server that had forgotten would have tried at once.
  assert.ok((sink.messages[0]?.atMs ?? 0) - sentMs >= intervalMs);
  assert.equal(sink.connectionCount, 1);
});

test("a recipient that the next hop defers is tried again, alone", async (t) => {
  const { server, sink, relayPort } = await openBench(t, { messageRetryInterval: "00:00:01" });
  let refusals = 0;
  sink.setScript(({ line }) => {
    if (!line.startsWith("RCPT") || !line.includes("greylisted") || refusals > 0) return undefined;
    refusals += 1;
    return { reply: "451 4.7.1 Come back later" };
  });
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO client.example", 250);
  const to = ["greylisted@fabrikam.test", "other@fabrikam.test"];
  const content = "Message-ID: <grey@contoso.test>\r\nSubject: grey\r\n\r\nx";
  await client.sendMessage({ from: "alice@contoso.test", to, content });
  await client.quit();
  await eventually({ what: "both deliveries" }, () => sink.messages.length === 2 || undefined);
  assert.deepEqual(
    sink.messages.map((message) => message.to),
    [[to[1]], [to[0]]],
  );
  assert.deepEqual(await readMaildir(server.dataFolder, "alice@contoso.test"), []);
});

test("a refusal by the next hop comes back as a notice with its words", async (t) => {
  const { server, sink, relayPort } = await openBench(t, {});
  sink.setScript(({ verb }) =>
    verb === "RCPT" ? { reply: "550 5.1.1 No such user, says Fabrikam" } : undefined,
  );
  await sendFromAlice(relayPort, "refused", "nobody@fabrikam.test");
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice = ""] = await waitForMail(server.dataFolder, want);
  assert.match(notice, /^Return-Path: <>\r?$/m);
  assert.match(notice, /^Content-Type: multipart\/report;/m);
  assert.match(notice, /^Action: failed\r?$/m);
  assert.match(notice, /^Status: 5\.1\.1\r?$/m);
  assert.match(notice, /^Final-Recipient: rfc822;\s*nobody@fabrikam\.test\r?$/im);
  assert.match(notice, /No such user, says Fabrikam/);
  await waitForEvent(server, "refused", "FAIL");
});

test("a message that waits is reported as delayed, then as expired", async (t) => {
  const { server, sink, relayPort } = await openBench(t, {
    queueGlitchRetryCount: 0,
    transientFailureRetryCount: 0,
    outboundConnectionFailureRetryInterval: "00:00:01",
    delayNotificationTimeout: "00:00:02",
    messageExpirationTimeout: "00:00:05",
  });
  await sink.close();
  await sendFromAlice(relayPort, "late", "someone@fabrikam.test");
  const want = { address: "alice@contoso.test", count: 2 };
  const notices = await waitForMail(server.dataFolder, want);
  const delayed = notices.filter((notice) => /^Action: delayed\r?$/m.test(notice));
  const failed = notices.filter((notice) => /^Action: failed\r?$/m.test(notice));
  assert.equal(delayed.length, 1);
  assert.equal(failed.length, 1);
  assert.match(failed[0] ?? "", /^Status: [45]\.4\.7\r?$/m);
  await waitForEvent(server, "late", "FAIL");
  assert.equal((await readMaildir(server.dataFolder, "alice@contoso.test")).length, 2);
});

test("a next hop that goes silent after the final dot gets the message again", async (t) => {
  const { server, sink, relayPort } = await openBench(t, {
    queueGlitchRetryInterval: "00:00:01",
    messageRetryInterval: "00:00:01",
  });
  let drops = 0;
  sink.setScript(({ verb }) => {
    if (verb !== "content" || drops > 0) return undefined;
    drops += 1;
    return { reply: "", drop: true };
  });
  await sendFromAlice(relayPort, "silent", "someone@fabrikam.test");
  await eventually({ what: "the delivery" }, () => sink.messages.length === 1 || undefined);
  await waitForEvent(server, "silent", "SEND");
});

test("one bad host does not delay the mail of other domains", async (t) => {
  const good = await startSink(t, { port: await freePort() });
  const mute = await startSink(t, {
    port: await freePort(),
    script: ({ verb }) => (verb === "connect" ? { reply: "" } : undefined),
  });
  const relayPort = await freePort();
  const hop = (name: string, port: number) => ({
    name,
    addressSpaces: [`SMTP:${name}.test;1`],
    smartHosts: ["[127.0.0.1]"],
    port,
  });
  const sendConnectors = [hop("good", good.port), hop("mute", mute.port)];
  const base = contoso({ smtpPort: await freePort(), relayPort, more: { sendConnectors } });
  await startServer(t, { configuration: base });
  for (let index = 0; index < 30; index++) {
    await sendFromAlice(relayPort, `mute-${index}`, "someone@mute.test");
  }
  await sendFromAlice(relayPort, "good", "someone@good.test");
  await eventually({ what: "the delivery" }, () => good.messages.length === 1 || undefined);
});
