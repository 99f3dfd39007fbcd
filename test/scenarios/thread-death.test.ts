import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { numberOf, seededRandom, startLoad } from "../harness/load.ts";
import { type Configuration, prepareServer, temporaryFolder } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking, storyOf } from "../harness/tracking.ts";

const THREADS = 2;
const KILLS = 8;

/** A server of two transport threads that relays to a sink, and takes orders to misbehave. */
async function openBench(t: TestContext, transportService: Configuration = {}) {
  const received = new Map<string, number>();
  const sink = await startSink(t, {
    port: await freePort(),
    onMessage: ({ content }) => {
      const id = numberOf(content);
      received.set(id, (received.get(id) ?? 0) + 1);
    },
  });
  const relayPort = await freePort();
  const orders = await temporaryFolder(t);
  const base = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: sink.port,
    transportService: { retryJitter: 0, messageRetryInterval: "00:00:01", ...transportService },
  });
  const configuration = {
    ...base,
    server: { ...(base["server"] as Configuration), transportThreads: THREADS },
  };
  const server = await prepareServer(t, {
    configuration,
    environment: {
      POSTRIDER_TEST_FAULTS: join(import.meta.dirname, "thread-faults.ts"),
      FAULT_ORDERS: orders,
    },
  });
  await server.start();
  const order = (name: string) => writeFile(join(orders, name), "");
  return { server, sink, relayPort, received, order, orders };
}

async function send(relayPort: number, id: string, subject = id): Promise<number> {
  const client = await SmtpClient.open(relayPort);
  try {
    await client.command("EHLO client.example", 250);
    const header = `Message-ID: <${id}@load.test>\r\nX-Number: ${id}\r\nSubject: ${subject}`;
    const content = `${header}\r\n\r\nx`;
    const to = ["someone@fabrikam.test"];
    return (await client.sendMessage({ from: "load@load.test", to, content })).code;
  } finally {
    client.destroy();
  }
}

/** Rows of the queue database of a server that has stopped. */
function poisonRows(dataFolder: string): readonly { readonly bytes: string }[] {
  const database = new DatabaseSync(join(dataFolder, "queue.db"), { readOnly: true });
  try {
    return database
      .prepare(
        `SELECT c.bytes AS bytes FROM recipient r JOIN message m ON m.id = r.message_id
         JOIN content c ON c.piece = m.content_id * 16384 WHERE r.queue_id = -2`,
      )
      .all()
      .map((row) => ({ bytes: Buffer.from(row["bytes"] as Uint8Array).toString() }));
  } finally {
    database.close();
  }
}

test("a message that breaks the categorizer is set aside with its bytes", async (t) => {
  const { server, relayPort, received } = await openBench(t);
  assert.equal(await send(relayPort, "bad", "throws"), 250);
  for (let count = 0; count < 20; count++) await send(relayPort, `good-${count}`);
  await eventually({ what: "the good ones" }, () => received.size === 20 || undefined);
  const story = await eventually({ what: "POISONMESSAGE" }, () => {
    const events = storyOf(readTracking(server.dataFolder), "<bad@load.test>");
    return events.some((event) => event.startsWith("POISONMESSAGE")) ? events : undefined;
  });
  assert.deepEqual(story, ["RECEIVE(SMTP)", "POISONMESSAGE(POISONMESSAGE)"]);
  const ending = await server.terminate();
  assert.deepEqual(ending, { code: 0, signal: null });
  const [poison, ...more] = poisonRows(server.dataFolder);
  assert.match(poison?.bytes ?? "", /^Message-ID: <bad@load\.test>/);
  assert.deepEqual(more, []);
  assert.match(server.output, /message-broke-us/);
});

test("a message that blocks its thread for ever is found out; all others arrive", {
  timeout: 120_000,
}, async (t) => {
  const { server, relayPort, received } = await openBench(t);
  // Sessions on both threads, the kernel deals them out; those on the other thread must not notice.
  const idle = await Promise.all(Array.from({ length: 12 }, () => SmtpClient.open(relayPort)));
  await send(relayPort, "before");
  void send(relayPort, "bad", "blocks").catch(() => undefined);
  await eventually(
    { what: "the first replacement", withinMs: 30_000 },
    () => server.output.includes("thread-replaced") || undefined,
  );
  const alive: SmtpClient[] = [];
  for (const client of idle) {
    const answer = await Promise.race([
      client.command("EHLO client.example", 250).catch(() => undefined),
      sleep(2_000),
    ]);
    if (answer !== undefined && answer !== null) alive.push(client);
  }
  assert.ok(alive.length > 0, "sessions of the other thread go on");
  for (let count = 0; count < 20; count++) {
    await eventually(
      { what: `good-${count} is taken` },
      async () => (await send(relayPort, `good-${count}`).catch(() => 0)) === 250 || undefined,
    );
  }
  await eventually(
    { what: "POISONMESSAGE", withinMs: 60_000 },
    () =>
      storyOf(readTracking(server.dataFolder), "<bad@load.test>").some((event) =>
        event.startsWith("POISONMESSAGE"),
      ) || undefined,
  );
  await eventually({ what: "the good ones" }, () => received.size === 21 || undefined);
  await eventually(
    { what: "both threads at work" },
    () => (server.output.match(/"event":"thread-died"/g) ?? []).length === 2 || undefined,
  );
  for (const client of alive) await client.quit();
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
  const poison = poisonRows(server.dataFolder);
  assert.equal(poison.length, 1, "no innocent message with it");
});

test("transport threads that die under load lose nothing that got its 250", {
  timeout: 200_000,
}, async (t) => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  t.diagnostic(`seed ${seed} (SEED=${seed} repeats the moments of the deaths)`);
  const random = seededRandom(seed);
  const { server, relayPort, received, order } = await openBench(t, {
    queueGlitchRetryInterval: "00:00:01",
  });
  const load = startLoad({
    port: relayPort,
    sessions: 20,
    messages: 1_000_000,
    recipient: "someone@fabrikam.test",
    prefix: "k",
  });
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(600 + random() * 1_500);
    await order(`${random() < 0.5 ? "exit" : "throw"}-${kill % THREADS}`);
  }
  await sleep(3_000);
  load.stop();
  await load.done;
  const missing = () => [...load.acknowledged].filter((id) => !received.has(id));
  await eventually(
    { what: "nothing missing", withinMs: 60_000 },
    () => missing().length === 0 || undefined,
  ).catch(() => undefined);
  const late = missing();
  const told = late.length > 0 ? readTracking(server.dataFolder) : [];
  const stories = new Map(late.map((id) => [id, storyOf(told, `<${id}@load.test>`)]));
  for (const [id, story] of stories) t.diagnostic(`${id}: ${story.join(" ")}`);
  assert.deepEqual(late.slice(0, 10), [], `${late.length} are lost`);
  const deaths = (server.output.match(/"event":"thread-died"/g) ?? []).length;
  assert.ok(deaths >= 5, `${deaths} deaths`);
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
  const rows = readTracking(server.dataFolder);
  const marked = new Set(
    rows
      .filter((row) => row["event-id"] === "SEND")
      .filter((row) => row["custom-data"]?.includes("PossibleDuplicate") === true)
      .map((row) => row["message-subject"]),
  );
  const repeated = [...received].filter(([, count]) => count > 1).map(([id]) => id);
  t.diagnostic(
    `${received.size} delivered, ${deaths} deaths, ${repeated.length} delivered twice, ` +
      `${marked.size} marked as possible duplicates`,
  );
  assert.deepEqual(
    repeated.filter((id) => !marked.has(id)),
    [],
    "delivered twice without the mark",
  );
});

test("a queue that its owner forgets is an alarm, and its thread is replaced", {
  timeout: 120_000,
}, async (t) => {
  const { server, sink, relayPort, received, order, orders } = await openBench(t, {
    queueGlitchRetryInterval: "00:00:01",
  });
  await sink.close();
  await order("forget");
  assert.equal(await send(relayPort, "forgotten"), 250);
  await eventually(
    { what: "the deferral" },
    () =>
      storyOf(readTracking(server.dataFolder), "<forgotten@load.test>").some((event) =>
        event.startsWith("DEFER"),
      ) || undefined,
  );
  await sink.open();
  await eventually(
    { what: "the alarm", withinMs: 30_000 },
    () => server.output.includes("queue-stalled") || undefined,
  );
  await rm(join(orders, "forget"));
  await eventually(
    { what: "the delivery", withinMs: 30_000 },
    () => received.has("forgotten") || undefined,
  );
  assert.match(server.output, /due mail without an attempt.*thread-replaced/);
});

test("when the store dies the process ends and says why; a restart loses nothing", async (t) => {
  const { server, relayPort, received, order, sink } = await openBench(t, {
    queueGlitchRetryInterval: "00:00:01",
  });
  await sink.close();
  for (let count = 0; count < 10; count++) {
    assert.equal(await send(relayPort, `kept-${count}`), 250);
  }
  const ended = server.ending();
  await order("store");
  assert.deepEqual(await ended, { code: 1, signal: null });
  assert.match(server.output, /the store thread died.*told to die.*server-failed/);
  await sink.open();
  await server.start();
  await eventually({ what: "everything" }, () => received.size === 10 || undefined);
});
