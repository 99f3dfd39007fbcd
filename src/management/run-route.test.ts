import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, test } from "node:test";
import { type FakeClock, fakeClock } from "../base/clock.fake.ts";
import type { Clock } from "../base/clock.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import { type Cmdlet, defineCmdlet } from "../cmdlet/cmdlet.ts";
import { createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import { IF_MATCH, ifMatchOf } from "../cmdlet/entity-tag.ts";
import { createExecute } from "../cmdlet/execute.ts";
import type { Execute, ExecutionRequest } from "../cmdlet/execution.ts";
import { optionalParameter } from "../cmdlet/parameter.ts";
import { line } from "../org/settings/setting-types.ts";
import { closedAccess } from "./access-control.fake.ts";
import { UNREAD_TIMEOUT_MS } from "./http-routes.ts";
import { type ManagementServer, openManagementServer } from "./http-server.ts";

let directory = "";
let opened: ManagementServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "postrider-run-"));
});

afterEach(async () => {
  await Promise.all(opened.map((server) => server.close()));
  opened = [];
  rmSync(directory, { recursive: true });
});

const FACTS = {
  summary: "Says things.",
  roles: [],
  effect: "reads",
  confirmation: "none",
  examples: [],
} as const;
const OUTPUT = {
  name: "Word",
  properties: { Text: { kind: "text", doc: "" } },
  table: [],
} as const;
const WORDS = optionalParameter(line({ max: 10_000_000 }), "");

const getWord = defineCmdlet({
  ...FACTS,
  name: "Get-Word",
  parameters: { Text: WORDS },
  output: OUTPUT,
  async *run(invocation, { text }) {
    invocation.warn("careful");
    yield { Text: text ?? invocation.caller.name };
  },
});

const applyWord = defineCmdlet({
  ...FACTS,
  name: "Apply-Word",
  inputBytesMax: 3_000_000,
  parameters: { Text: WORDS },
  output: OUTPUT,
  async *run(_invocation, { text = "" }) {
    yield { Text: String(text.length) };
  },
});

function tableOf(...cmdlets: Cmdlet<object>[]) {
  return createCmdletTable<object>([getWord, applyWord, ...cmdlets]);
}

function executeOf(table: ReturnType<typeof tableOf>): Execute {
  const parts = { clock: fakeClock(), diagnostics: silentDiagnostics, audit: async () => {} };
  return createExecute({ table, services: {}, ...parts });
}

async function open(
  execute = executeOf(tableOf()),
  table = tableOf(),
  clock: Clock = fakeClock(),
): Promise<void> {
  const server = await openManagementServer({
    socketPath: join(directory, "s"),
    health: async () => [],
    readiness: async () => [],
    metrics: async () => [createMetrics().snapshot()],
    table,
    execute,
    access: closedAccess(),
    diagnostics: silentDiagnostics,
    clock,
  });
  opened.push(server);
}

function start(
  body: string,
  type = "application/json",
  { path = "/api/v1/run", more = {} }: { path?: string; more?: OutgoingHttpHeaders } = {},
) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = { path, method: "POST", socketPath: join(directory, "s") };
  const length = Buffer.byteLength(body);
  const headers = { "content-type": type, "content-length": length, ...more };
  const request = requestHttp({ ...options, headers, agent: false }, resolve);
  request.on("error", reject).end(body);
  return { request, response: promise };
}

async function run(body: unknown, more: OutgoingHttpHeaders = {}) {
  const response = await start(JSON.stringify(body), undefined, { more }).response;
  response.setEncoding("utf8");
  const text = (await response.toArray()).join("");
  const lines = text.split("\n").filter((one) => one !== "");
  return { status: response.statusCode, records: lines.map((one) => JSON.parse(one)) };
}

test("a cmdlet runs as root over the socket, its records are lines", async () => {
  await open();
  assert.deepEqual(await run({ cmdlet: "get-word" }), {
    status: 200,
    records: [
      { kind: "warning", text: "careful" },
      { kind: "object", value: { Text: "root" } },
      { kind: "done" },
    ],
  });
  const named = await run({ cmdlet: "Get-Word", parameters: { text: "a" }, whatIf: true });
  assert.equal(named.records[0].kind, "plan");
});

test("a condition in the header is one: what cannot keep it is not run", async () => {
  const setWord = defineCmdlet({
    ...FACTS,
    name: "Set-Word",
    effect: "changes",
    parameters: { Text: WORDS, IfMatch: IF_MATCH },
    output: OUTPUT,
    async *run(_invocation, input) {
      yield { Text: (ifMatchOf(input) ?? []).join() };
    },
  });
  const makeWord = defineCmdlet({
    ...FACTS,
    name: "New-Word",
    effect: "changes",
    parameters: { Text: WORDS },
    output: OUTPUT,
    async *run() {
      yield { Text: "made" };
    },
  });
  await open(executeOf(tableOf(setWord, makeWord)), tableOf(setWord, makeWord));
  const header = { "if-match": '"abc"' };
  const set = await run({ cmdlet: "Set-Word" }, header);
  assert.deepEqual(set.records[0], { kind: "object", value: { Text: "abc" } });
  assert.equal((await run({ cmdlet: "New-Word" }, header)).status, 412);
  const twice = { cmdlet: "Set-Word", parameters: { ifmatch: "x" } };
  assert.equal((await run(twice, header)).status, 400);
  assert.equal((await run({ cmdlet: "Set-Word" }, { "if-match": "abc" })).status, 400);
  assert.equal((await run({ cmdlet: "Get-Word" }, header)).status, 200, "reading changes nothing");
});

test("what a cmdlet cannot do is its last record", async () => {
  await open();
  const { status, records } = await run({ cmdlet: "Get-Wurd" });
  assert.equal(status, 200);
  assert.equal(records[0].code, "unknown-cmdlet");
});

for (const [why, body, status] of [
  ["no object", "[]", 400],
  ["no JSON", "{", 400],
  ["no name", "{}", 400],
  ["an unknown property", '{"cmdlet":"Get-Word","what":1}', 400],
  ["parameters that are a list", '{"cmdlet":"Get-Word","parameters":[]}', 400],
  ["whatIf that is no boolean", '{"cmdlet":"Get-Word","whatIf":"yes"}', 400],
  ["more levels than anything needs", `{"cmdlet":${"[".repeat(50)}${"]".repeat(50)}}`, 400],
  ["a million levels", `{"cmdlet":${"[".repeat(500_000)}${"]".repeat(500_000)}}`, 400],
  ["more than 1 MiB", `{"cmdlet":"Get-Word","parameters":{"Text":"${"x".repeat(1 << 20)}"}}`, 413],
  ["more than any cmdlet takes", " ".repeat(3_000_001), 413],
] as const) {
  test(`a body with ${why} is ${status}`, async () => {
    await open();
    const response = await start(body).response;
    assert.equal(response.statusCode, status);
    response.resume();
  });
}

test("another media type is 415: no page of another site can send it", async () => {
  await open();
  const response = await start('{"cmdlet":"Get-Word"}', "text/plain").response;
  assert.equal(response.statusCode, 415);
  response.resume();
});

test("a cmdlet that takes more gets more", async () => {
  await open();
  const { records } = await run({
    cmdlet: "Apply-Word",
    parameters: { Text: "x".repeat(2_000_000) },
  });
  assert.deepEqual(records[0], { kind: "object", value: { Text: "2000000" } });
});

/** An executor whose runs last until they are cancelled. */
function endless() {
  const requests: ExecutionRequest[] = [];
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const execute: Execute = async function* (request) {
    requests.push(request);
    yield { kind: "warning", text: "begun" };
    begun.resolve();
    await new Promise<void>((resolve) => {
      if (request.signal.aborted) resolve();
      else request.signal.addEventListener("abort", () => resolve());
    });
    ended.resolve();
    yield { kind: "failed", code: "cancelled", message: "it was cancelled" };
  };
  return { execute, requests, begun: begun.promise, ended: ended.promise };
}

test("a record goes out at once; a client that goes cancels its run", async () => {
  const { execute, begun, ended } = endless();
  await open(execute);
  const { request, response } = start('{"cmdlet":"x"}');
  const [first] = await (await response).setEncoding("utf8").take(1).toArray();
  assert.equal(first, '{"kind":"warning","text":"begun"}\n');
  await begun;
  request.destroy();
  await ended;
});

/** What the server answers when a wait for a place has been in vain. */
async function refusedInTime(
  clock: FakeClock,
  asking: Promise<IncomingMessage>,
): Promise<IncomingMessage> {
  let answer: IncomingMessage | undefined;
  void asking.then((has) => {
    answer = has;
  });
  while (answer === undefined) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(SECOND);
  }
  return answer;
}

test("runs are bounded, and a run that is cancelled gives its place back", async () => {
  const clock = fakeClock();
  const { execute, requests } = endless();
  await open(execute, tableOf(), clock);
  const running = [];
  for (let count = 0; count < 64; count += 1) {
    const { request, response } = start('{"cmdlet":"x"}');
    running.push({ request, answer: await response });
  }
  const refused = await refusedInTime(clock, start('{"cmdlet":"x"}').response);
  assert.equal(refused.statusCode, 503);
  assert.match(await text(refused), /too many cmdlets are running already/);
  for (const { request } of running) request.destroy();
  for (;;) {
    const { request, response } = start('{"cmdlet":"x"}');
    const answer = await response;
    request.destroy();
    if (answer.statusCode === 200) break;
  }
  assert.equal(requests.length, 65);
});

test("a client that leaves its answer unread is cut off, and what it ran ends", async () => {
  const clock = fakeClock();
  const ended = Promise.withResolvers<void>();
  await open(
    async function* () {
      try {
        for (;;) yield { kind: "warning", text: "x".repeat(100_000) };
      } finally {
        ended.resolve();
      }
    },
    tableOf(),
    clock,
  );
  const { request, response } = start('{"cmdlet":"x"}');
  request.on("error", () => undefined);
  (await response).on("error", () => undefined).pause();
  let isOver = false;
  void ended.promise.then(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(UNREAD_TIMEOUT_MS / 10);
  }
});

test("a client that reads is not cut off, however long a run is silent", async () => {
  const clock = fakeClock();
  const more = Promise.withResolvers<void>();
  await open(
    async function* () {
      yield { kind: "warning", text: "begun" };
      await more.promise;
      yield { kind: "done" };
    },
    tableOf(),
    clock,
  );
  const { response } = start('{"cmdlet":"x"}');
  const pieces: string[] = [];
  for await (const piece of (await response).setEncoding("utf8")) {
    pieces.push(String(piece));
    clock.advance(10 * UNREAD_TIMEOUT_MS);
    more.resolve();
  }
  assert.match(pieces.join(""), /begun.*done/s);
});

test("who comes when all places are taken has the first that becomes free", async () => {
  const { execute, requests } = endless();
  await open(execute);
  const running = [];
  for (let count = 0; count < 64; count += 1) {
    const { request, response } = start('{"cmdlet":"x"}');
    running.push(request);
    await response;
  }
  const waiting = [start('{"cmdlet":"x"}'), start('{"cmdlet":"x"}')];
  running[0]?.destroy();
  running[1]?.destroy();
  for (const { request, response } of waiting) {
    assert.equal((await response).statusCode, 200);
    request.destroy();
  }
  for (const request of running) request.destroy();
  assert.equal(requests.length, 66);
});

test("an answer that nobody takes keeps its place among the runs", async () => {
  const clock = fakeClock();
  const long = "x".repeat(1_000_000);
  await open(
    async function* () {
      yield { kind: "object", value: { Text: long } };
      yield { kind: "done" };
    },
    tableOf(),
    clock,
  );
  const ask = () => start("{}", undefined, { path: "/api/v1/word/apply" });
  const waiting = [];
  for (let count = 0; count < 64; count += 1) {
    const { request, response } = ask();
    const answer = await response;
    assert.equal(answer.statusCode, 200);
    waiting.push({ request, answer });
  }
  const refused = await refusedInTime(clock, ask().response);
  assert.equal(refused.statusCode, 503);
  refused.resume();
  for (const { answer } of waiting) answer.resume();
  for (;;) {
    const { request, response } = ask();
    const { statusCode } = await response;
    request.destroy();
    if (statusCode === 200) break;
  }
});

test("closing the server cancels what runs", async () => {
  const { execute, begun, ended } = endless();
  await open(execute);
  const { response } = start('{"cmdlet":"x"}');
  (await response).resume();
  await begun;
  await opened.pop()?.close();
  await ended;
});
