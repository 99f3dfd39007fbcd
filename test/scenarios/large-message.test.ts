import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { sendLargeMessage } from "../harness/large-message.ts";
import { measureGrowth } from "../harness/memory.ts";
import { startServer } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";

const MiB = 1024 * 1024;

test("a message of 150 MB passes whole, in constant memory", async (t) => {
  const sink = await startSink(t, { port: await freePort(), digest: "body" });
  const relayPort = await freePort();
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: sink.port,
    receiveConnector: { maxMessageSize: "200MB" },
    sendConnector: { maxMessageSize: "unlimited" },
    transportConfig: { maxReceiveSize: "unlimited", maxSendSize: "unlimited" },
  });
  const server = await startServer(t, { configuration });
  const to = "someone@fabrikam.test";
  const relay = async (bytes: number) => {
    const seen = sink.messages.length;
    const sent = await sendLargeMessage(relayPort, { bytes, to });
    const wait = { what: "the message at the sink", withinMs: 120_000 };
    await eventually(wait, () => sink.messages.length > seen || undefined);
    assert.equal(sink.messages.at(-1)?.content, sent.bodyDigest);
  };
  await relay(MiB); // what a first message loads is not the message's own
  const growth = await measureGrowth(server.pid, relay(150_000_000));
  t.diagnostic(`resident memory grew by ${Math.round(growth / MiB)} MiB`);
  assert.ok(growth < 64 * MiB, `${Math.round(growth / MiB)} MiB`);
});
