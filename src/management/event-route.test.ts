import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../base/clock.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import { defineCmdlet } from "../cmdlet/cmdlet.ts";
import { createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import { createExecute } from "../cmdlet/execute.ts";
import { closedAccess } from "./access-control.fake.ts";
import { STREAM_LIMITS } from "./event-route.ts";
import { openManagementServer } from "./http-server.ts";

const OVERVIEW = defineCmdlet({
  name: "Get-TransportOverview",
  summary: "",
  roles: ["Help Desk"],
  effect: "reads",
  confirmation: "none",
  examples: [],
  parameters: {},
  output: { name: "O", properties: { Depth: { kind: "number", doc: "" } }, table: [] },
  async *run() {
    yield { Depth: 7 };
  },
});

async function open(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "postrider-events-"));
  const socketPath = join(directory, "s");
  const table = createCmdletTable<object>([OVERVIEW]);
  const parts = { table, clock: systemClock, diagnostics: silentDiagnostics };
  const execute = createExecute({ ...parts, services: {}, audit: async () => {} });
  const of = (role: "Help Desk" | "Recipient Management", name = "x") =>
    ({ name, roleGroups: [role], via: "token", address: "" }) as const;
  const server = await openManagementServer({
    ...parts,
    execute,
    socketPath,
    health: async () => [],
    readiness: async () => [],
    metrics: async () => [createMetrics().snapshot()],
    access: closedAccess({
      "Bearer desk": of("Help Desk"),
      "Bearer other": of("Help Desk", "y"),
      "Bearer wrong": of("Recipient Management"),
    }),
  });
  t.after(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const ask = (path: string, token = "desk", accept = "text/event-stream") =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { accept, authorization: `Bearer ${token}` };
      const sent = request({ socketPath, path: `/api/v1/events${path}`, headers, agent: false });
      sent.on("error", reject);
      sent.on("response", (response) => resolve(response.setEncoding("utf8")));
      sent.end();
    });
  return { server, ask };
}

/** The stream so far, once it has something that matches. */
async function readUntil(response: IncomingMessage, pattern: RegExp): Promise<string> {
  let text = "";
  for await (const piece of response.iterator({ destroyOnReturn: false })) {
    text += String(piece);
    if (pattern.test(text)) return text;
  }
  throw new Error(`the stream ended: ${text}`);
}

test("a stream of events, as browsers read it, that ends when the server does", async (t) => {
  const { server, ask } = await open(t);
  const response = await ask("?topics=overview");
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers["content-type"], "text/event-stream");
  assert.equal(response.headers["cache-control"], "no-store");
  const text = await readUntil(response, /Depth/);
  assert.equal(text, 'retry: 3000\n\nevent: overview\ndata: {"Depth":7}\n\n');
  await Promise.all([server.close(), readUntil(response, /event: end/)]);
});

for (const [why, path, token, accept, status] of [
  ["an unknown topic", "?topics=overview,cats", "desk", undefined, 400],
  ["no topic", "", "desk", undefined, 400],
  ["nobody known", "?topics=overview", "nobody", undefined, 401],
  ["somebody who may not run the cmdlet", "?topics=overview", "wrong", undefined, 403],
  ["a client that does not say that it wants a stream", "?topics=overview", "desk", "*/*", 406],
] as const) {
  test(`${why}: ${status}`, async (t) => {
    const response = await (await open(t)).ask(path, token, accept);
    assert.equal(response.statusCode, status);
    response.resume();
  });
}

test("a caller has so many streams; one that is closed makes room", async (t) => {
  const { ask } = await open(t);
  const most = STREAM_LIMITS.perCaller;
  const streams = await Promise.all(Array.from({ length: most }, () => ask("?topics=overview")));
  for (const { statusCode } of streams) assert.equal(statusCode, 200);
  const more = await ask("?topics=overview");
  assert.equal(more.statusCode, 503);
  more.resume();
  const other = await ask("?topics=overview", "other");
  assert.equal(other.statusCode, 200, "others have their own");
  streams[0]?.destroy();
  // The server hears of it in its own time.
  for (;;) {
    const again = await ask("?topics=overview");
    again.destroy();
    if (again.statusCode === 200) break;
  }
});
