import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { systemClock } from "../base/clock.ts";
import { makeSelfSigned } from "../tls/self-signed.ts";
import { readRecords } from "./record-reader.ts";
import { type ClientRecord, createRunClient, type RunCall } from "./run-client.ts";
import type { ServerPlace } from "./server-place.ts";

const CALL: RunCall = { cmdlet: "Get-Sample", parameters: { Identity: "ä" }, whatIf: false };

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-run-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** A server on the Unix socket of a data directory. */
async function serve(context: TestContext, listener: RequestListener): Promise<ServerPlace> {
  const dataDirectory = await folderOf(context);
  const server = createServer(listener);
  context.after(() => closeServer(server));
  server.listen(join(dataDirectory, "postrider.sock"));
  await once(server, "listening");
  return { kind: "socket", dataDirectory };
}

function closeServer(server: Pick<Server, "close" | "closeAllConnections">): void {
  server.closeAllConnections();
  server.close();
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
}

async function collect(
  place: ServerPlace,
  signal = new AbortController().signal,
): Promise<readonly ClientRecord[]> {
  const records: ClientRecord[] = [];
  for await (const record of createRunClient(place, systemClock).run(CALL, signal)) {
    records.push(record);
  }
  return records;
}

const LINES = [
  { kind: "object", value: { Name: "ä" } },
  { kind: "progress", progress: { activity: "x", done: 1, unit: "y" } },
  { kind: "done" },
].map((record) => `${JSON.stringify(record)}\n`);

test("client: the call arrives, the records come back, cut as they may be", async (context) => {
  const asked: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method} ${request.url} ${await textOf(request)}`);
    const bytes = Buffer.from(LINES.join(""));
    for (const byte of bytes) response.write(Uint8Array.of(byte));
    response.end();
  };
  const place = await serve(context, (request, response) => void answer(request, response));
  assert.deepEqual(
    await collect(place),
    LINES.map((line): unknown => JSON.parse(line)),
  );
  assert.deepEqual(asked, [`POST /api/v1/run ${JSON.stringify(CALL)}`]);
});

for (const [why, status, body, expected] of [
  [
    "an error of the server",
    400,
    '{"error":{"code":"bad-parameter","message":"no","parameter":"Filter","at":3}}',
    { kind: "failed", code: "bad-parameter", message: "no", parameter: "Filter", at: 3 },
  ],
  [
    "too many requests",
    429,
    '{"error":{"code":"too-many-requests","message":"later"}}',
    { kind: "failed", code: "unavailable", message: "later" },
  ],
  [
    "another program",
    404,
    "<html>",
    { kind: "unreachable", message: "what answers there with status 404 is no Postrider server" },
  ],
  [
    "a run that just ends",
    200,
    LINES[0],
    { kind: "unreachable", message: "the server ended the connection before the run was over" },
  ],
  [
    "no records",
    200,
    "hello\n",
    { kind: "unreachable", message: "the server sent something that is no record" },
  ],
  [
    "a record of an unknown kind",
    200,
    '{"kind":"surprise"}\n',
    { kind: "unreachable", message: "the server sent something that is no record" },
  ],
] as const) {
  test(`client: ${why}`, async (context) => {
    const place = await serve(context, (request, response) => {
      request.resume();
      response.writeHead(status).end(body);
    });
    assert.deepEqual((await collect(place)).at(-1), expected);
  });
}

test("client: no server, and how to start one", async (context) => {
  const dataDirectory = await folderOf(context);
  const [record] = await collect({ kind: "socket", dataDirectory });
  assert.ok(record?.kind === "unreachable");
  assert.match(
    record.message,
    /^no server runs on \/.*; start it with "postrider serve --data-dir/,
  );
});

test("client: cancelling closes the connection, which the server sees", async (context) => {
  const closed = Promise.withResolvers<void>();
  const place = await serve(context, (request, response) => {
    request.resume();
    response.once("close", () => closed.resolve());
    response.write(LINES[0]);
  });
  const control = new AbortController();
  const records: ClientRecord[] = [];
  for await (const record of createRunClient(place, systemClock).run(CALL, control.signal)) {
    records.push(record);
    control.abort();
  }
  await closed.promise;
  assert.deepEqual(records.at(-1), {
    kind: "failed",
    code: "cancelled",
    message: "it was cancelled",
  });
  const late = await collect(place, control.signal);
  assert.deepEqual(
    late.map(({ kind }) => kind),
    ["failed"],
  );
});

test("client: HTTPS with a token; an unknown certificate is told", async (context) => {
  const folder = await folderOf(context);
  const pair = await makeSelfSigned(["localhost"], systemClock.nowMs());
  const { certificatePem, privateKeyPem: key } = pair;
  const tokens: (string | undefined)[] = [];
  const server = createTlsServer({ cert: certificatePem, key }, (request, response) => {
    request.resume();
    tokens.push(request.headers.authorization);
    if (request.headers.authorization !== undefined) return void response.end(LINES.join(""));
    response.writeHead(401).end('{"error":{"code":"unauthorized","message":"Who are you?"}}');
  });
  context.after(() => closeServer(server));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const caFile = join(folder, "ca.pem");
  const tokenFile = join(folder, "token");
  await writeFile(caFile, certificatePem);
  await writeFile(tokenFile, "abc\n");
  const place: ServerPlace = {
    kind: "https",
    url: new URL(`https://localhost:${address.port}`),
    token: undefined,
    tokenFile,
    caFile,
  };
  assert.equal((await collect(place)).at(-1)?.kind, "done");
  assert.deepEqual(tokens, ["Bearer abc"]);
  const [unknown] = await collect({ ...place, caFile: undefined });
  assert.ok(unknown?.kind === "unreachable");
  assert.match(
    unknown.message,
    /signed by itself .*SHA-256 fingerprint ([0-9A-F]{2}:){31}.*--ca FILE/,
  );
  const [stranger] = await collect({ ...place, tokenFile: undefined });
  assert.ok(stranger?.kind === "failed" && stranger.code === "forbidden");
  assert.match(stranger.message, /Who are you\? Give a token with --token-file/);
  const [missing] = await collect({ ...place, tokenFile: join(folder, "none") });
  assert.ok(missing?.kind === "unreachable");
  assert.match(missing.message, /no such file.*none/);
  assert.equal(tokens.length, 2);
});

test("records: however the text is cut, they are the same", async () => {
  const text = LINES.join("");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 8 }), async (places) => {
      const cuts = [0, ...places.toSorted((left, right) => left - right), text.length];
      const chunks = cuts.slice(1).map((end, index) => text.slice(cuts[index], end));
      const records: unknown[] = [];
      const source = async function* () {
        yield* chunks;
      };
      for await (const record of readRecords(source())) records.push(record);
      assert.equal(records.length, LINES.length);
    }),
  );
});
