import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { numberOf, startLoad } from "../harness/load.ts";
import { startServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

test("SIGTERM under load: drains, exit 0, no loss, no duplicate", async (t) => {
  const counts = new Map<string, number>();
  const sink = await startSink(t, {
    port: await freePort(),
    onMessage: ({ content }) => {
      const id = numberOf(content);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    },
  });
  const relayPort = await freePort();
  const smtpPort = await freePort();
  const configuration = contoso({ smtpPort, relayPort, smartHostPort: sink.port });
  const server = await startServer(t, { configuration });
  const recipient = "someone@fabrikam.test";
  const options = { port: relayPort, sessions: 20, messages: 1_000_000, recipient, prefix: "s" };
  const load = startLoad(options);
  for (let round = 1; round <= 3; round++) {
    const goal = load.acknowledged.size + 1_000;
    await eventually(
      { what: `${goal} messages` },
      () => load.acknowledged.size >= goal || undefined,
    );
    assert.deepEqual(await server.terminate(), { code: 0, signal: null });
    await server.start();
  }
  load.stop();
  await load.done;
  await eventually(
    { what: "every acknowledged message at the sink", withinMs: 60_000 },
    () => [...load.acknowledged].every((id) => counts.has(id)) || undefined,
  );
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
  // A session is ended between messages or with a 4xx, never in the middle of one.
  assert.deepEqual([...load.uncertain], []);
  const repeated = [...counts].filter(([, count]) => count > 1);
  assert.deepEqual(repeated, []);
});

test("SIGTERM lets a message under way come in, and takes no new session", async (t) => {
  const smtpPort = await freePort();
  const server = await startServer(t, { configuration: contoso({ smtpPort }) });
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<you@example.com>", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 250);
  await client.command("DATA", 354);
  client.sendRaw("Subject: x\r\n\r\n");
  server.signal("SIGTERM");
  await eventually({ what: "closed listeners" }, async () => {
    const late = await SmtpClient.open(smtpPort).catch(() => undefined);
    late?.destroy();
    return late === undefined || undefined;
  });
  client.sendRaw("the rest\r\n.\r\n");
  await client.expect(250);
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
});
