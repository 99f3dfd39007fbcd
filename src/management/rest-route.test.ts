import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import { type CmdletFacts, defineCmdlet } from "../cmdlet/cmdlet.ts";
import { CmdletFault, type FaultCode } from "../cmdlet/cmdlet-fault.ts";
import { createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import { createExecute } from "../cmdlet/execute.ts";
import { defaultedParameter, optionalParameter } from "../cmdlet/parameter.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { bool, line, listOf } from "../org/settings/setting-types.ts";
import { closedAccess } from "./access-control.fake.ts";
import { type ManagementServer, openManagementServer } from "./http-server.ts";

const FACTS: Omit<CmdletFacts, "name"> = {
  summary: "Says things.",
  roles: ["Help Desk"],
  effect: "reads",
  confirmation: "none",
  examples: [],
};
const OUTPUT = {
  name: "Word",
  properties: { Text: { kind: "text", doc: "" } },
  table: [],
} as const;

const PARAMETERS = {
  Text: optionalParameter(line({ max: 100 }), ""),
  Words: optionalParameter(listOf(line({ max: 10 }), { max: 3 }), ""),
  Loud: defaultedParameter(bool(), "false", ""),
};

function saying(name: CmdletFacts["name"], roles = FACTS.roles) {
  return defineCmdlet<object, typeof PARAMETERS, typeof OUTPUT>({
    ...FACTS,
    name,
    roles,
    parameters: PARAMETERS,
    output: OUTPUT,
    async *run(invocation, { text = "", words = [], loud }) {
      invocation.warn("careful");
      yield { Text: `${name} ${text} ${words.join("+")} ${loud} ${invocation.caller.name}` };
    },
  });
}

const testFault = defineCmdlet<object, { Code: ReturnType<typeof code> }, typeof OUTPUT>({
  ...FACTS,
  name: "Test-Fault",
  parameters: { Code: code() },
  output: OUTPUT,
  async *run(_invocation, { code: wanted = "" }) {
    yield { Text: "first" };
    const known: readonly FaultCode[] = ["not-found", "conflict", "not-allowed-now", "unavailable"];
    const found = known.find((one) => one === wanted);
    if (found !== undefined) throw new CmdletFault(found, "no", { parameter: "Code", at: 3 });
    if (wanted === "much") for (;;) yield { Text: "x".repeat(1_000_000) };
    throw new Error("broken");
  },
});

function code() {
  return optionalParameter(line({ max: 100 }), "");
}

const TABLE = createCmdletTable<object>([
  saying("Get-GreatWord"),
  saying("Search-GreatWord"),
  saying("Search-Sentence"),
  saying("New-GreatWord"),
  saying("Set-GreatWord"),
  saying("Remove-GreatWord"),
  saying("Suspend-GreatWord", []),
  testFault,
]);

const HELP_DESK: Caller = { name: "helen", roleGroups: ["Help Desk"], via: "session", address: "" };
const SCOPED: Caller = { ...HELP_DESK, name: "token", cmdlets: ["get-greatword"] };

let directory = "";
let server: ManagementServer | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "postrider-rest-"));
  const parts = { clock: fakeClock(), diagnostics: silentDiagnostics };
  server = await openManagementServer({
    socketPath: join(directory, "s"),
    health: async () => [],
    readiness: async () => [],
    metrics: async () => [createMetrics().snapshot()],
    table: TABLE,
    execute: createExecute({ table: TABLE, services: {}, audit: async () => {}, ...parts }),
    access: closedAccess({ "Bearer helen": HELP_DESK, "Bearer scoped": SCOPED }),
    ...parts,
  });
});

afterEach(async () => {
  await server?.close();
  rmSync(directory, { recursive: true });
});

interface Asked {
  readonly body?: unknown;
  readonly authorization?: string;
  readonly accept?: string;
}

async function ask(what: string, { body, authorization, accept }: Asked = {}) {
  const [method, path] = what.split(" ");
  const text = body === undefined ? "" : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    text: string;
    allow: string | undefined;
    connection: string | undefined;
  }>();
  const headers = {
    ...(body !== undefined && {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    }),
    ...(authorization !== undefined && { authorization }),
    ...(accept !== undefined && { accept }),
  };
  const socketPath = join(directory, "s");
  requestHttp({ method, path, headers, socketPath, agent: false }, (response) => {
    let answer = "";
    response.setEncoding("utf8").on("data", (part: string) => (answer += part));
    response.on("end", () => {
      const { statusCode: status, headers: told } = response;
      resolve({ status, text: answer, allow: told.allow, connection: told.connection });
    });
  })
    .on("error", reject)
    .end(text);
  return promise;
}

for (const [what, body, says] of [
  ["GET /api/v1/great-word", undefined, "Get-GreatWord   false root"],
  [
    "GET /api/v1/great-word?Text=a%20b&words=c&words=d&LOUD=true",
    undefined,
    "Get-GreatWord a b c+d true root",
  ],
  ["GET /api/v1/great-word/search?Text=a", undefined, "Search-GreatWord a  false root"],
  ["GET /api/v1/sentence", undefined, "Search-Sentence   false root"],
  ["POST /api/v1/great-word", { Text: "a", Loud: true }, "New-GreatWord a  true root"],
  ["PATCH /api/v1/great-word", { Text: "a", Words: ["b"] }, "Set-GreatWord a b false root"],
  ["DELETE /api/v1/great-word?Text=a", undefined, "Remove-GreatWord a  false root"],
  ["POST /api/v1/great-word/suspend", undefined, "Suspend-GreatWord   false root"],
  ["POST /api/v1/great-word/suspend", { Text: null }, "Suspend-GreatWord   false root"],
] as const) {
  test(`${what} with ${JSON.stringify(body)} runs its cmdlet`, async () => {
    const { status, text } = await ask(what, { body });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), { value: [{ Text: says }], warnings: ["careful"] });
  });
}

test("whatIf says what it would do, on any method", async () => {
  for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
    const { status, text } = await ask(`${method} /api/v1/great-word?whatIf=true`);
    assert.equal(status, 200, text);
    assert.equal(JSON.parse(text).plan.count, 1);
    assert.deepEqual(JSON.parse(text).value, []);
  }
});

for (const [what, asked, status, error] of [
  ["GET /api/v1/great-word?Txt=a", {}, 400, { code: "bad-parameter", parameter: "Txt" }],
  ["GET /api/v1/great-word?whatIf=maybe", {}, 400, { code: "bad-parameter" }],
  ["POST /api/v1/great-word?Text=a", {}, 400, { code: "bad-parameter" }],
  ["POST /api/v1/great-word", { body: [] }, 400, { code: "bad-request" }],
  ["POST /api/v1/great-word", { body: { Words: [["a"]] } }, 400, { code: "bad-parameter" }],
  [
    "POST /api/v1/great-word/suspend",
    { authorization: "Bearer helen" },
    403,
    { code: "forbidden" },
  ],
  ["GET /api/v1/sentence", { authorization: "Bearer scoped" }, 403, { code: "forbidden" }],
  ["GET /api/v1/great-word", { authorization: "Bearer nobody" }, 401, { code: "unauthorized" }],
  ["GET /api/v1/nothing", {}, 404, { code: "not-found" }],
  ["GET /api/v1/nothing", { authorization: "Bearer nobody" }, 401, { code: "unauthorized" }],
  ["PUT /api/v1/great-word", {}, 405, { code: "bad-request" }],
  [
    "POST /api/v1/fault/test",
    { body: { Code: "not-found" } },
    404,
    { code: "not-found", parameter: "Code", at: 3 },
  ],
  ["POST /api/v1/fault/test", { body: { Code: "conflict" } }, 409, { code: "conflict" }],
  [
    "POST /api/v1/fault/test",
    { body: { Code: "not-allowed-now" } },
    409,
    { code: "not-allowed-now" },
  ],
  ["POST /api/v1/fault/test", { body: { Code: "unavailable" } }, 503, { code: "unavailable" }],
  ["POST /api/v1/fault/test", { body: { Code: "much" } }, 400, { code: "bad-parameter" }],
  ["POST /api/v1/fault/test", {}, 500, { code: "fault" }],
] as const) {
  test(`${what} ${JSON.stringify(asked)} is ${status}`, async () => {
    const answer = await ask(what, asked);
    assert.equal(answer.status, status, answer.text);
    const told = JSON.parse(answer.text).error;
    assert.deepEqual({ ...told, ...error }, told);
    assert.ok(told.message.length > 1);
  });
}

test("a method that the path has not names those that it has", async () => {
  const { allow } = await ask("PUT /api/v1/great-word");
  assert.deepEqual(allow?.split(", ").toSorted(), ["DELETE", "GET", "PATCH", "POST"]);
});

test("with Accept: application/x-ndjson records come as lines", async () => {
  const accept = "text/html, application/x-ndjson;q=0.9";
  const { text } = await ask("GET /api/v1/great-word", { accept });
  const kinds = text
    .trim()
    .split("\n")
    .map((one) => JSON.parse(one).kind);
  assert.deepEqual(kinds, ["warning", "object", "done"]);
});

test("a token shown on the socket makes its bearer the caller", async () => {
  const asked = { authorization: "Bearer helen" };
  const { text } = await ask("GET /api/v1/session", asked);
  const { name, roleGroups, cmdlets } = JSON.parse(text);
  assert.deepEqual([name, roleGroups], ["helen", ["Help Desk"]]);
  assert.ok(cmdlets.includes("Get-GreatWord") && !cmdlets.includes("Suspend-GreatWord"));
});

test("a stranger's body is not read: the connection ends", async () => {
  const asked = { authorization: "Bearer nobody", body: { Text: "a" } };
  const { status, connection } = await ask("POST /api/v1/great-word", asked);
  assert.deepEqual([status, connection], [401, "close"]);
});
