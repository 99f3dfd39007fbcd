import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { line, listOf, name } from "../org/settings/setting-types.ts";
import { type Cmdlet, defineCmdlet, type Invocation, type Plan } from "./cmdlet.ts";
import { CmdletFault } from "./cmdlet-fault.ts";
import { createCmdletTable } from "./cmdlet-table.ts";
import { createExecute } from "./execute.ts";
import type { AuditEntry, ExecutionRecord, ExecutionRequest } from "./execution.ts";
import type { OutputObject, OutputType } from "./output-type.ts";
import { optionalParameter, requiredParameter } from "./parameter.ts";
import type { Caller } from "./role-group.ts";

const THING: OutputType = {
  name: "Thing",
  properties: {
    Name: { kind: "text", doc: "Its name." },
    Subject: { kind: "text", doc: "Its subject.", hiddenFrom: ["Help Desk"] },
  },
  table: ["Name"],
};
const SECRET = { ...line({ max: 100 }), isSecret: true };
const ROOT: Caller = {
  name: "root",
  roleGroups: ["Organization Management"],
  via: "socket",
  address: "",
};
const HELP_DESK: Caller = { ...ROOT, name: "hans", roleGroups: ["Help Desk"] };

type Run = (invocation: Invocation<object>) => AsyncIterable<OutputObject>;

/** A server with one cmdlet that changes something, and what its runs leave. */
function bench(
  run: Run,
  options: {
    plan?: () => Promise<Plan>;
    auditFails?: boolean;
    facts?: Partial<Pick<Cmdlet<object>, "effect" | "isRecorded">>;
  } = {},
) {
  const audit: AuditEntry[] = [];
  const problems: string[] = [];
  const clock = fakeClock();
  const setThing: Cmdlet<object> = {
    ...defineCmdlet({
      name: "Set-Thing",
      summary: "Changes a thing.",
      roles: ["Help Desk", "Records Management"],
      effect: "changes",
      confirmation: "asks",
      examples: [],
      parameters: {
        Identity: requiredParameter(name(), "Which."),
        Password: optionalParameter(SECRET, "Secret."),
        Words: optionalParameter(listOf(line({ max: 9 }), { max: 2 }), "Words.", {
          excludes: ["Password"],
          roles: ["Recipient Management"],
        }),
      },
      output: THING,
      run: (invocation: Invocation<object>) => run(invocation) as AsyncIterable<never>,
    }),
    ...options.facts,
    plan: options.plan,
  };
  const diagnostics: Diagnostics = {
    info: () => undefined,
    warn: (event) => void problems.push(event),
    error: (event) => void problems.push(event),
  };
  const execute = createExecute<object>({
    table: createCmdletTable([setThing]),
    services: {},
    clock,
    diagnostics,
    audit: async (entry) => {
      if (options.auditFails === true) throw new Error("disk full");
      audit.push(entry);
    },
  });
  const start = (request: Partial<ExecutionRequest> = {}) =>
    execute({
      cmdlet: "set-thing",
      parameters: { identity: "a" },
      whatIf: false,
      caller: ROOT,
      signal: new AbortController().signal,
      ...request,
    });
  return { audit, problems, clock, start };
}

async function collect(records: AsyncIterable<ExecutionRecord>): Promise<ExecutionRecord[]> {
  const all: ExecutionRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}

async function* none(): AsyncGenerator<OutputObject> {}

test("execute: objects, then done, and an audit entry with its changes and no secret", async () => {
  const { audit, start } = bench(async function* ({ changed }) {
    changed({ object: "Thing a", before: { Name: "a" }, after: { Name: "b" } });
    yield { Name: "b", Subject: "s" };
  });
  const records = await collect(start({ parameters: { IDENTITY: "a", password: "hunter2" } }));
  assert.deepEqual(records, [
    { kind: "object", value: { Name: "b", Subject: "s" } },
    { kind: "done" },
  ]);
  assert.equal(audit.length, 1);
  assert.equal(audit[0]?.succeeded, true);
  assert.deepEqual(audit[0]?.parameters, { IDENTITY: "a", password: "***" });
  assert.deepEqual(
    audit[0]?.changes.map(({ object }) => object),
    ["Thing a"],
  );
});

for (const [facts, count] of [
  [{ effect: "reads" }, 0],
  [{ effect: "reads", isRecorded: true }, 1],
] as const) {
  test(`execute: ${JSON.stringify(facts)} leaves ${count} audit entries`, async () => {
    const { audit, start } = bench(none, { facts });
    await collect(start());
    assert.equal(audit.length, count);
  });
}

test("execute: what is tried without the right to it is told to diagnostics", async () => {
  const { problems, start } = bench(none);
  await collect(start({ caller: { ...ROOT, roleGroups: ["Hygiene Management"] } }));
  await collect(start({ caller: HELP_DESK, parameters: { identity: "a", words: "x" } }));
  await collect(start({ caller: HELP_DESK }));
  assert.deepEqual(problems, ["cmdlet-forbidden", "cmdlet-forbidden"]);
});

test("execute: what is hidden from all of a caller's groups is empty", async () => {
  const { start } = bench(async function* () {
    yield { Name: "b", Subject: "s" };
  });
  const [mine] = await collect(start({ caller: HELP_DESK }));
  assert.deepEqual(mine, { kind: "object", value: { Name: "b", Subject: null } });
  const both: Caller = { ...HELP_DESK, roleGroups: ["Help Desk", "Records Management"] };
  const [theirs] = await collect(start({ caller: both }));
  assert.deepEqual(theirs, { kind: "object", value: { Name: "b", Subject: "s" } });
  // A group that may not run it at all shows nothing of it either.
  const other: Caller = { ...HELP_DESK, roleGroups: ["Help Desk", "Hygiene Management"] };
  assert.deepEqual((await collect(start({ caller: other })))[0], mine);
});

for (const [why, request, code, message] of [
  ["an unknown cmdlet", { cmdlet: "Set-Thin" }, "unknown-cmdlet", /did you mean "Set-Thing"/],
  [
    "a role that does not have it",
    { caller: { ...ROOT, roleGroups: ["Hygiene Management"] } },
    "forbidden",
    /root may not run Set-Thing: it needs the role Organization Management or Help Desk/,
  ],
  ["a caller in no group", { caller: { ...ROOT, roleGroups: [] } }, "forbidden", /needs the role/],
  [
    "a token whose scope lacks it",
    { caller: { ...ROOT, cmdlets: ["get-thing"] } },
    "forbidden",
    /may not run/,
  ],
  [
    "a parameter of another role",
    { caller: HELP_DESK, parameters: { Identity: "a", Words: ["x"] } },
    "forbidden",
    /-Words of Set-Thing needs the role Recipient Management/,
  ],
  ["a missing parameter", { parameters: {} }, "bad-parameter", /-Identity is missing/],
  [
    "an unknown parameter",
    { parameters: { Identity: "a", Pasword: "hunter2" } },
    "bad-parameter",
    /no parameter -Pasword; did you mean "Password"/,
  ],
  [
    "the same parameter twice",
    { parameters: { Identity: "a", identity: "b" } },
    "bad-parameter",
    /given twice/,
  ],
  [
    "parameters that exclude each other",
    { parameters: { Identity: "a", Words: "x", Password: "y" } },
    "bad-parameter",
    /-Words and -Password exclude each other/,
  ],
  [
    "a bad secret, which is not repeated",
    { parameters: { Identity: "a", Password: "hunter2\n" } },
    "bad-parameter",
    /^-Password: the value must be one line/,
  ],
  ["nothing for a required one", { parameters: { Identity: null } }, "bad-parameter", /\$null/],
] as const) {
  test(`execute: ${why} is ${code}, and nothing runs`, async () => {
    const { audit, start } = bench(() => assert.fail("ran"));
    const [record, ...more] = await collect(start(request));
    assert.ok(record?.kind === "failed");
    assert.equal(record.code, code);
    assert.match(record.message, message);
    assert.deepEqual(more, []);
    assert.deepEqual(audit, []);
  });
}

test("execute: a fault of the handler is the last record, and is in the audit", async () => {
  const { audit, start } = bench(async function* () {
    yield { Name: "b", Subject: null };
    throw new CmdletFault("conflict", "there is one", { parameter: "Identity", at: 3 });
  });
  assert.deepEqual((await collect(start())).at(-1), {
    kind: "failed",
    code: "conflict",
    message: "there is one",
    parameter: "Identity",
    at: 3,
  });
  assert.deepEqual([audit[0]?.succeeded, audit[0]?.error], [false, "there is one"]);
});

test("execute: our own failure is told, and goes to the diagnostics", async () => {
  const { audit, problems, start } = bench(() => {
    throw new TypeError("x is not a function");
  });
  const [record] = await collect(start());
  assert.ok(record?.kind === "failed");
  assert.equal(record.code, "fault");
  assert.deepEqual(problems, ["cmdlet-failed"]);
  assert.equal(audit[0]?.succeeded, false);
});

test("execute: a change that could not be recorded does not look as if it had been", async () => {
  const { problems, start } = bench(none, { auditFails: true });
  const [record] = await collect(start());
  assert.ok(record?.kind === "failed");
  assert.match(record.message, /ran, but the audit log could not be written: disk full/);
  assert.deepEqual(problems, ["audit-failed"]);
});

test("execute: progress and warnings come while the handler is busy", async () => {
  const [first, busy] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { clock, start } = bench(async function* ({ progress, warn }) {
    progress({ activity: "Counting", done: 1, unit: "things" });
    await first.promise;
    progress({ activity: "Counting", done: 2, unit: "things" });
    warn("careful");
    await busy.promise;
    yield { Name: "late", Subject: null };
  });
  const records = start()[Symbol.asyncIterator]();
  const kinds: (string | undefined)[] = [];
  const take = async () => {
    const { value } = await records.next();
    kinds.push(value?.kind === "progress" ? `progress ${value.progress.done}` : value?.kind);
  };
  await take();
  clock.advance(1000);
  first.resolve();
  await take();
  await take();
  assert.deepEqual(kinds, ["progress 1", "warning", "progress 2"]);
  busy.resolve();
  await take();
  await take();
  assert.deepEqual(kinds.slice(3), ["object", "done"]);
});

test("execute: of a million reports few are sent, and none is kept", async () => {
  const { start } = bench(async function* ({ progress, warn }) {
    for (let done = 0; done < 20_000; done += 1) {
      progress({ activity: "Counting", done, unit: "things" });
      warn(`warning ${done}`);
      if (done % 100 === 0) await Promise.resolve();
    }
    yield* none();
  });
  const records = await collect(start());
  const warnings = records.filter(({ kind }) => kind === "warning");
  assert.equal(warnings.length, 1001);
  assert.ok(records.filter(({ kind }) => kind === "progress").length < 1000);
  assert.equal(records.at(-1)?.kind, "done");
});

test("execute: a handler that stops when it is told to was cancelled", async () => {
  const controller = new AbortController();
  const { audit, start } = bench(async function* ({ signal }) {
    yield { Name: "first", Subject: null };
    if (!signal.aborted) yield { Name: "second", Subject: null };
  });
  const records: ExecutionRecord[] = [];
  for await (const record of start({ signal: controller.signal })) {
    records.push(record);
    controller.abort();
  }
  assert.deepEqual(
    records.map((record) => (record.kind === "failed" ? record.code : record.kind)),
    ["object", "cancelled"],
  );
  assert.equal(audit[0]?.succeeded, false);
});

test("execute: a caller who goes away ends the handler, then leaves an entry", async () => {
  const steps: string[] = [];
  const { audit, start } = bench(async function* ({ signal }) {
    try {
      yield { Name: "first", Subject: null };
      yield { Name: "second", Subject: null };
    } finally {
      steps.push(signal.aborted ? "told" : "not told", `${audit.length} entries`);
    }
  });
  for await (const record of start()) {
    assert.equal(record.kind, "object");
    break;
  }
  assert.deepEqual(steps, ["told", "0 entries"]);
  assert.deepEqual([audit[0]?.succeeded, audit[0]?.error], [false, "the caller has gone"]);
});

test("execute: what if shows the plan, runs nothing and leaves no entry", async () => {
  const plan = { actions: ["Change thing a"], count: 1 };
  const planned = bench(() => assert.fail("ran"), { plan: async () => plan });
  const records = await collect(planned.start({ whatIf: true }));
  assert.deepEqual(records, [{ kind: "plan", plan }, { kind: "done" }]);
  assert.deepEqual(planned.audit, []);
  const plain = bench(() => assert.fail("ran"));
  assert.deepEqual((await collect(plain.start({ whatIf: true })))[0], {
    kind: "plan",
    plan: { actions: ['Set-Thing "a"'], count: 1 },
  });
});
