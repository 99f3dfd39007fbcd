import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../../test/harness/contoso.ts";
import { eventually } from "../../test/harness/eventually.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { readMemory } from "../../test/harness/memory.ts";
import { prepareServer } from "../../test/harness/server.ts";
import { SmtpClient } from "../../test/harness/smtp-client.ts";
import { readTracking } from "../../test/harness/tracking.ts";
import { spawnToEnd } from "../child.ts";
import { measureAcceptRate, missingPostfixTools, startSmtpSink } from "../postfix-tools.ts";
import { configurationFor } from "../revision.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const MiB = 1024 * 1024;
const SETTLE_MS = 5_000;
const FILL = join(import.meta.dirname, "../fill-queue.ts");
const UP = "someone@up.test";

/** A million messages that wait: memory, start, and what they cost the mail that does not wait. */
export const deferredMillion: Scenario = {
  name: "deferred-million",
  missing: missingPostfixTools,
  async run(round: Round): Promise<readonly Figure[]> {
    const count = round.quick ? 20_000 : 1_000_000;
    const load = { messages: round.quick ? 2_000 : 20_000, bytes: 4096, to: UP };
    const relayPort = await freePort();
    const server = await prepareServer(round.scope, {
      root: round.root,
      configuration: await configurationFor(round.root, await configurationOf(relayPort, round)),
    });
    await server.start();
    await measureAcceptRate(relayPort, { ...load, messages: load.messages / 4 });
    const empty = await measureAcceptRate(relayPort, load);
    await sendOne(relayPort, "someone@down.test");
    await eventually(
      { what: "a deferred message" },
      () => readTracking(server.dataFolder).some((row) => row["event-id"] === "DEFER") || undefined,
    );
    await server.terminate();
    round.progress(`filling the queue with ${count} messages`);
    await spawnToEnd(process.execPath, [FILL, round.root, server.dataFolder, String(count)]);
    round.progress("starting on the full queue");
    const startedMs = performance.now();
    await server.start();
    const readySeconds = (performance.now() - startedMs) / 1000;
    await sleep(SETTLE_MS);
    const resident = (await readMemory(server.pid, "resident")) / MiB;
    round.progress("accepting beside the full queue");
    await measureAcceptRate(relayPort, { ...load, messages: load.messages / 4 });
    const full = await measureAcceptRate(relayPort, load);
    const after = (await readMemory(server.pid, "resident")) / MiB;
    await server.terminate();
    const waiting = countWaiting(server.dataFolder);
    if (waiting < count) throw new Error(`only ${waiting} messages wait`);
    const name = `${count} deferred messages`;
    return [
      {
        name: `${name}: resident memory`,
        value: resident,
        unit: "MiB",
        better: "lower",
        must: 600,
        aim: 300,
      },
      {
        name: `${name}: resident memory after the load`,
        value: after,
        unit: "MiB",
        better: "lower",
      },
      {
        name: `${name}: start to ready`,
        value: readySeconds,
        unit: "s",
        better: "lower",
        must: 10,
        aim: 3,
      },
      {
        name: `${name}: accept rate, empty queue = 1`,
        value: full / empty,
        unit: "×",
        better: "higher",
        must: 0.7,
        aim: 0.9,
      },
      { name: "accept rate on an empty queue", value: empty, unit: "/s", better: "higher" },
    ];
  },
};

function countWaiting(dataFolder: string): number {
  const database = new DatabaseSync(join(dataFolder, "queue.db"));
  try {
    const row = database
      .prepare("SELECT count(*) AS count FROM recipient WHERE queue_id > 0")
      .get();
    return Number(row?.["count"]);
  } finally {
    database.close();
  }
}

/** Two next hops: one takes everything, at the other nobody listens. */
async function configurationOf(relayPort: number, round: Round) {
  const upPort = await freePort();
  await startSmtpSink(round.scope, upPort);
  const hop = (name: string, port: number) => ({
    name,
    addressSpaces: [`SMTP:${name}.test;1`],
    smartHosts: ["[127.0.0.1]"],
    port,
  });
  return contoso({
    smtpPort: await freePort(),
    relayPort,
    transportService: {
      queueGlitchRetryCount: 0,
      transientFailureRetryCount: 0,
      outboundConnectionFailureRetryInterval: "02:00:00",
    },
    more: { sendConnectors: [hop("up", upPort), hop("down", await freePort())] },
  });
}

async function sendOne(port: number, to: string): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO bench.test", 250);
  const message = { from: "sender@bench.test", to: [to], content: "Subject: deferred\r\n\r\nx" };
  const reply = await client.sendMessage(message);
  if (reply.code !== 250) throw new Error(`refused: ${reply.code} ${reply.lines.join(" ")}`);
  await client.quit();
}
