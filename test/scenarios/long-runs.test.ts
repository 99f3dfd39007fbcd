import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { link, mkdir, writeFile } from "node:fs/promises";
import { type ClientRequest, request } from "node:http";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import {
  formatConnectivityEvent,
  formatConnectivityHeader,
} from "../../src/transport/tracking/connectivity-line.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { later } from "../harness/scope.ts";
import { startServer, type TestServer } from "../harness/server.ts";

const POSTRIDER = join(import.meta.dirname, "../../bin/postrider");
const LINES = 50_000;
/** A search of so many files takes minutes. */
const NAMES = 500;
/** Of one caller over the socket, at one time. */
const RUNS_MAX = 64;

/** A server whose smart host is `port`, and a connectivity log that is one file by many names. */
async function openBench(t: TestContext, { port, names }: { port: number; names: number }) {
  const configuration = contoso({
    smtpPort: await freePort(),
    smartHostPort: port,
    transportService: { connectivityLogMaxDirectorySize: "unlimited" },
  });
  const server = await startServer(t, { configuration });
  const folder = join(server.dataFolder, "logs/Connectivity");
  await mkdir(folder, { recursive: true });
  const nowMs = Date.parse(new Date().toISOString());
  const event = { session: "0123456789ABCDEF", source: "SMTP", destination: "x.test" } as const;
  const described = { ...event, direction: ">", description: "something on the way" } as const;
  const line = formatConnectivityEvent(described, nowMs);
  const first = join(folder, nameOf(nowMs, 1));
  await writeFile(first, formatConnectivityHeader(nowMs) + line.repeat(LINES));
  for (let number = 2; number <= names; number += 1) {
    await link(first, join(folder, nameOf(nowMs, number)));
  }
  return server;
}

/** Of yesterday, which is no file that is written to. */
function nameOf(nowMs: number, number: number): string {
  const date = new Date(nowMs - 86_400_000).toISOString().slice(0, 10).replaceAll("-", "");
  return `CONNECTLOG${date}-${number}.LOG`;
}

/** Begins a run; resolves once its first record has come, with what cancels it. */
async function begin(
  { dataFolder }: TestServer,
  cmdlet: string,
  parameters: object,
): Promise<{ readonly sent: ClientRequest; readonly said: () => string }> {
  const sent = request({
    socketPath: join(dataFolder, "postrider.sock"),
    path: "/api/v1/run",
    method: "POST",
    headers: { "content-type": "application/json" },
    agent: false,
  });
  sent.on("error", () => undefined);
  sent.end(JSON.stringify({ cmdlet, parameters }));
  let said = "";
  const [response] = await once(sent, "response");
  response.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  response.on("error", () => undefined);
  return { sent, said: () => said };
}

/** Matches no line, and has to be tried on each. */
const SLOW = { Pattern: "*on*the*way*on*the*way*" };

type Run = Awaited<ReturnType<typeof begin>>;

/** Begins a search once there is a place for it. */
function search(server: TestServer): Promise<Run> {
  return eventually({ what: "a place" }, async () => {
    const run = await begin(server, "Get-ConnectivityLog", SLOW);
    const said = await eventually({ what: "a record" }, () => run.said() || undefined);
    return said.includes('"progress"') ? run : undefined;
  });
}

test("who goes away ends a search: all places are free again", async (t) => {
  const server = await openBench(t, { port: await freePort(), names: NAMES });
  const all = () => Promise.all(Array.from({ length: RUNS_MAX }, () => search(server)));
  const first = await all();
  const refused = await begin(server, "Get-ConnectivityLog", SLOW);
  await eventually({ what: "a refusal" }, () => /"unavailable"/.test(refused.said()) || undefined);
  for (const { sent, said } of first) {
    assert.doesNotMatch(said(), /"kind":"(?:done|failed)"/);
    sent.destroy();
  }
  for (const { sent } of await all()) sent.destroy();
});

test("who goes away ends a test of the way out: the host is left alone", async (t) => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => undefined)));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  later(t, () => void silent.close());
  const address = silent.address();
  assert.ok(typeof address === "object" && address !== null);
  const server = await openBench(t, { port: address.port, names: 1 });
  const running = begin(server, "Test-OutboundConnectivity", {
    Domain: "x.test",
    Timeout: "00:05:00",
  });
  const socket = await eventually({ what: "a connection" }, () => sockets[0]);
  const ended = once(socket.resume(), "close");
  (await running).sent.destroy();
  await ended;
});

test("output that nobody reads on: it ends without a word, and says so by its code", async (t) => {
  const server = await openBench(t, { port: await freePort(), names: 1 });
  const first = async (...words: readonly string[]) => {
    const line = [POSTRIDER, ...words, "--data-dir", server.dataFolder].join(" ");
    const child = spawn("bash", ["-c", `${line} | head -1; echo "code \${PIPESTATUS[0]}"`]);
    const [stdout, stderr] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
    assert.equal(stderr.toString(), "");
    return stdout.toString();
  };
  const lines = ["-Format", "csv", "-ResultSize", String(LINES)];
  assert.match(await first("Get-ConnectivityLog", ...lines), /^Date\S+\r\ncode 141\n$/);
  assert.match(await first("Get-AcceptedDomain"), /^Identity .*\ncode 0\n$/);
});
