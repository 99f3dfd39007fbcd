// Backups and views read the databases while mail is written to them.
import assert from "node:assert/strict";
import { copyFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { numberOf, startLoad } from "../harness/load.ts";
import { startServer, temporaryFolder } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";

const RETRY = "00:00:01";
const MiB = 1024 * 1024;
/** The write-ahead log starts anew at 32 MiB unless a reader is in the way just then. */
const LOG_BYTES_MAX = 128 * MiB;

const configurationOf = async (ports: { relayPort: number; smartHostPort: number }) =>
  contoso({
    smtpPort: await freePort(),
    ...ports,
    transportService: {
      queueGlitchRetryInterval: RETRY,
      transientFailureRetryInterval: RETRY,
      outboundConnectionFailureRetryInterval: RETRY,
    },
  });

test("a backup under load has all that was acknowledged before it; the log stays small", {
  timeout: 200_000,
}, async (t) => {
  const [relayPort, sinkPort] = [await freePort(), await freePort()];
  const server = await startServer(t, {
    configuration: await configurationOf({ relayPort, smartHostPort: sinkPort }),
  });
  const load = startLoad({
    port: relayPort,
    sessions: 10,
    messages: 1_000_000,
    recipient: "someone@fabrikam.test",
    prefix: "b",
    contentBytes: 8 * 1024,
  });
  let isOver = false;
  let logBytesMax = 0;
  let views = 0;
  const look = async () => {
    while (!isOver) {
      await tryCmdlet(server, "Get-Message", { ResultSize: "1000" });
      await tryCmdlet(server, "Get-Queue", {});
      views += 1;
    }
  };
  const measure = async () => {
    while (!isOver) {
      const { size } = await stat(join(server.dataFolder, "queue.db-wal"));
      logBytesMax = Math.max(logBytesMax, size);
      await sleep(50);
    }
  };
  const watching = [look(), look(), measure()];
  await sleep(8_000);
  const before = [...load.acknowledged];
  const path = join(await temporaryFolder(t), "backup");
  await runCmdlet(server, "Backup-Postrider", { Path: path });
  load.stop();
  await load.done;
  isOver = true;
  await Promise.all(watching);
  t.diagnostic(
    `${before.length} before the backup, ${load.acknowledged.size} in all, ${views} views, ` +
      `log at most ${Math.round(logBytesMax / MiB)} MiB`,
  );
  assert.ok(before.length > 500, `${before.length} before the backup`);
  assert.ok(views > 3);
  assert.ok(logBytesMax < LOG_BYTES_MAX, `${logBytesMax} bytes`);

  await checkBackup(t, path, before);
});

/** Starts another server on the backup, which has to send all of these. */
async function checkBackup(t: TestContext, path: string, before: readonly string[]): Promise<void> {
  const received = new Set<string>();
  const otherSink = await startSink(t, {
    port: await freePort(),
    onMessage: ({ content }) => void received.add(numberOf(content)),
  });
  const dataFolder = join(await temporaryFolder(t), "data");
  await mkdir(dataFolder);
  for (const name of ["queue.db", "organization.db", "secret.key"]) {
    await copyFile(join(path, name), join(dataFolder, name));
  }
  const other = await startServer(t, {
    configuration: await configurationOf({
      relayPort: await freePort(),
      smartHostPort: otherSink.port,
    }),
    dataFolder,
  });
  const missing = () => before.filter((id) => !received.has(id));
  await eventually(
    { what: "all of the backup", withinMs: 90_000 },
    () => missing().length === 0 || undefined,
  ).catch(() => undefined);
  assert.deepEqual(missing().slice(0, 10), [], `${missing().length} are missing`);
  assert.deepEqual(await other.terminate(), { code: 0, signal: null });
}
