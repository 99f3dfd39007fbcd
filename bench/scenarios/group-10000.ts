import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { contoso } from "../../test/harness/contoso.ts";
import { eventually } from "../../test/harness/eventually.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { startServer } from "../../test/harness/server.ts";
import { startSink } from "../../test/harness/sink.ts";
import { SmtpClient } from "../../test/harness/smtp-client.ts";
import { readTracking } from "../../test/harness/tracking.ts";
import { configurationFor } from "../revision.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const MEMBERS = 10_000;
const CONTENT_BYTES = 100 * 1024;
const HEADER = "Message-ID: <group@bench.test>\r\nSubject: To all\r\n\r\n";

/** A message to a large group: time until it goes out, and how often its content is stored. */
export const group10000: Scenario = {
  name: "group-10000",
  missing: () => undefined,
  async run(round: Round): Promise<readonly Figure[]> {
    const sink = await startSink(round.scope, { port: await freePort() });
    let firstMs: number | undefined;
    // The first MAIL ends the measurement; no message is taken, so that all stay in the store.
    sink.setScript(({ verb }) => {
      if (verb === "MAIL") firstMs ??= performance.now();
      return verb === "DATA" ? { reply: "451 4.3.0 Not now" } : undefined;
    });
    const smtpPort = await freePort();
    const server = await startServer(round.scope, {
      root: round.root,
      configuration: await configurationFor(
        round.root,
        contoso({
          smtpPort,
          smartHostPort: sink.port,
          more: { distributionGroups: [groupOfAll()] },
        }),
      ),
    });
    const sentMs = await sendToGroup(smtpPort);
    const endMs = await eventually({ what: "the first delivery", withinMs: 60_000 }, () => firstMs);
    await eventually(
      { what: "the EXPAND event" },
      () =>
        readTracking(server.dataFolder).some((row) => row["event-id"] === "EXPAND") || undefined,
    );
    await server.kill9();
    const { copies, recipients } = countStored(server.dataFolder);
    if (recipients !== MEMBERS) throw new Error(`${recipients} recipients are stored`);
    const name = `group of ${MEMBERS}, 100 KiB`;
    return [
      {
        name: `${name}: copies of the content`,
        value: copies,
        unit: "",
        better: "lower",
        must: 1,
        aim: 1,
      },
      {
        name: `${name}: 250 to first delivery`,
        value: (endMs - sentMs) / 1000,
        unit: "s",
        better: "lower",
        must: 2,
        aim: 0.5,
      },
    ];
  },
};

function groupOfAll() {
  return {
    name: "all",
    primarySmtpAddress: "all@contoso.test",
    members: Array.from({ length: MEMBERS }, (_, at) => `member${at}@fabrikam.test`),
  };
}

/** When the 250 came. */
async function sendToGroup(port: number): Promise<number> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO bench.test", 250);
  const line = `${"x".repeat(76)}\r\n`;
  const content = HEADER + line.repeat(Math.ceil(CONTENT_BYTES / line.length));
  const message = { from: "sender@bench.test", to: ["all@contoso.test"], content };
  const reply = await client.sendMessage(message);
  if (reply.code !== 250) throw new Error(`refused: ${reply.code} ${reply.lines.join(" ")}`);
  const atMs = performance.now();
  await client.quit();
  return atMs;
}

function countStored(dataFolder: string): { copies: number; recipients: number } {
  const database = new DatabaseSync(join(dataFolder, "queue.db"));
  try {
    const bytes = database.prepare("SELECT sum(length(bytes)) AS sum FROM content").get()?.["sum"];
    const count = database.prepare("SELECT count(*) AS count FROM recipient").get()?.["count"];
    return { copies: Math.round(Number(bytes) / CONTENT_BYTES), recipients: Number(count) };
  } finally {
    database.close();
  }
}
