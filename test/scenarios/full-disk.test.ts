import assert from "node:assert/strict";
import { readdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startServer, type TestServer, temporaryFolder } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const DISK_BYTES = 96 * MiB;
const LEFT_BYTES = 12 * MiB;
const MESSAGES_MAX = 2_000;
const FILLER = `${"x".repeat(76)}\r\n`.repeat(Math.ceil((64 * KiB) / 78));

/**
 * A server whose data folder is a small file system of its own. It lives in the server's mount
 * namespace, so that nothing is left on the machine, and goes with the process.
 */
async function startOnSmallDisk(t: TestContext, ports: { relay: number; smartHost: number }) {
  const folder = await temporaryFolder(t);
  const isRoot = process.getuid?.() === 0;
  const mount = `mkdir -p "$0" && mount -t tmpfs -o size=${DISK_BYTES} tmpfs "$0" && exec "$@"`;
  const server = await startServer(t, {
    configuration: contoso({
      smtpPort: await freePort(),
      relayPort: ports.relay,
      smartHostPort: ports.smartHost,
      transportService: { queueGlitchRetryInterval: "00:00:01" },
    }),
    dataFolder: join(folder, "data"),
    wrapper: [
      ...["unshare", "--mount", ...(isRoot ? [] : ["--map-root-user"])],
      ...["sh", "-c", mount, join(folder, "data")],
    ],
  });
  const disk = `/proc/${server.pid}/root${server.dataFolder}`;
  return { server, disk };
}

async function fill(disk: string): Promise<string> {
  const { bavail, bsize } = await statfs(disk);
  const path = join(disk, "filler");
  await writeFile(path, Buffer.alloc(bavail * bsize - LEFT_BYTES, 1));
  return path;
}

/** Sends until the server has no room; the ids that it took, and what it said then. */
async function sendUntilRefused(relayPort: number) {
  const acknowledged: string[] = [];
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO client.example", 250);
  for (let number = 0; number < MESSAGES_MAX; number++) {
    const content = `Subject: full-${number}\r\n\r\n${FILLER}`;
    const to = ["someone@fabrikam.test"];
    const reply = await client.sendMessage({ from: "you@example.com", to, content });
    if (reply.code !== 250) {
      client.destroy();
      return { acknowledged, refusal: `${reply.code} ${reply.lines.join(" ")}` };
    }
    acknowledged.push(`full-${number}`);
  }
  throw new Error("the disk never filled up");
}

async function accepts(relayPort: number, subject: string): Promise<boolean> {
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO client.example", 250);
  const content = `Subject: ${subject}\r\n\r\n${FILLER}`;
  const to = ["someone@fabrikam.test"];
  const reply = await client.sendMessage({ from: "you@example.com", to, content });
  client.destroy();
  return reply.code === 250;
}

function isAlive(server: TestServer): boolean {
  return process.kill(server.pid, 0);
}

test("a full disk: 452 4.3.1, recovery without a restart, nothing lost", async (t) => {
  const sink = await startSink(t, { port: await freePort() });
  await sink.close();
  const relay = await freePort();
  const { server, disk } = await startOnSmallDisk(t, { relay, smartHost: sink.port });
  assert.ok(await accepts(relay, "before"));
  const filler = await fill(disk);
  const { acknowledged, refusal } = await sendUntilRefused(relay);
  t.diagnostic(`${acknowledged.length} messages fitted, then: ${refusal}`);
  assert.match(refusal, /^452 4\.3\.1 /);
  assert.ok(isAlive(server));

  await rm(filler);
  await eventually({ what: "room again", withinMs: 60_000 }, async () =>
    (await accepts(relay, "after")) ? true : undefined,
  );
  await sink.open();
  const wanted = ["before", ...acknowledged, "after"];
  await eventually({ what: "every acknowledged message", withinMs: 60_000 }, () => {
    const arrived = new Set(
      sink.messages.map(({ content }) => /^Subject: (\S+)/m.exec(content)?.[1]),
    );
    return wanted.every((subject) => arrived.has(subject)) || undefined;
  });
});

test("a disk that a backup fills: told, nothing of it remains, mail goes on", async (t) => {
  const sink = await startSink(t, { port: await freePort() });
  await sink.close();
  const relay = await freePort();
  const { server, disk } = await startOnSmallDisk(t, { relay, smartHost: sink.port });
  const kept: string[] = [];
  for (let number = 0; number < 120; number += 1) {
    kept.push(`kept-${number}`);
    assert.ok(await accepts(relay, `kept-${number}`));
  }
  await writeFile(join(disk, "filler"), await roomBut(disk, 6 * MiB));
  const socket = { dataFolder: `${disk}` };
  const path = join(server.dataFolder, "backups", "full");
  const { failure } = await tryCmdlet(socket, "Backup-Postrider", { Path: path });
  t.diagnostic(failure?.message ?? "");
  assert.match(failure?.message ?? "", /full|ENOSPC|no space/i);
  assert.deepEqual(await readdir(join(disk, "backups", "full")).catch(() => []), []);
  assert.ok(isAlive(server));
  await eventually({ what: "mail is taken" }, async () =>
    (await accepts(relay, "after")) ? true : undefined,
  );
  await sink.open();
  await eventually({ what: "all that was taken", withinMs: 60_000 }, () => {
    const arrived = sink.messages.map(({ content }) => /^Subject: (\S+)/m.exec(content)?.[1]);
    return [...kept, "after"].every((subject) => arrived.includes(subject)) || undefined;
  });
});

async function roomBut(disk: string, leftBytes: number): Promise<Buffer> {
  const { bavail, bsize } = await statfs(disk);
  return Buffer.alloc(bavail * bsize - leftBytes, 1);
}
