import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { SAMPLE_QUEUE, SAMPLE_TYPE } from "../cmdlet/filter-sample.fake.ts";
import { pagingParameters } from "../cmdlet/paging.ts";
import { optionalParameter } from "../cmdlet/parameter.ts";
import { line } from "../org/settings/setting-types.ts";
import { processArguments } from "./bind-arguments.ts";
import type { KnownCmdlet } from "./cmdlet-syntax.ts";
import type { ClientRecord, RunCall } from "./run-client.ts";
import { runCommand } from "./run-command.ts";
import { type FakeScreen, fakeScreen } from "./screen.fake.ts";

const GET: KnownCmdlet = {
  name: "Get-Sample",
  summary: "Shows samples.",
  roles: ["Help Desk"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-Sample a", doc: "Shows one." }],
  parameters: {
    Identity: optionalParameter(line({ max: 100 }), "Which.", { position: 0 }),
    Password: optionalParameter({ ...line({ max: 9 }), isSecret: true }, "Secret."),
    ...pagingParameters(SAMPLE_TYPE),
  },
  output: SAMPLE_TYPE,
};
const REMOVE: KnownCmdlet = {
  ...GET,
  name: "Remove-Sample",
  effect: "changes",
  confirmation: "asks",
};
const PLAN = { actions: ["Remove sample a", "Remove sample b\x1b[2J"], count: 14 };

/** A server that answers every call with these records. */
async function play(
  words: readonly string[],
  records: readonly ClientRecord[] | ((call: RunCall) => readonly ClientRecord[]),
  options: { readonly cmdlet?: KnownCmdlet; readonly screen?: FakeScreen } = {},
) {
  const { cmdlet = GET, screen = fakeScreen() } = options;
  const calls: RunCall[] = [];
  const clock = fakeClock();
  const client = {
    async *run(call: RunCall) {
      calls.push(call);
      yield* typeof records === "function" ? records(call) : records;
    },
  };
  const { signal } = new AbortController();
  const parts = { client, screen, clock, signal };
  const exitCode = await runCommand(cmdlet, processArguments(words), parts);
  return { exitCode, calls, output: screen.output(), complaints: screen.complaints() };
}

const DONE: ClientRecord = { kind: "done" };

test("command: the call goes to the server, the output is shown", async () => {
  const records: ClientRecord[] = [{ kind: "object", value: SAMPLE_QUEUE }, DONE];
  const { exitCode, calls, output, complaints } = await play(["a", "-res", "5"], records);
  assert.equal(exitCode, 0);
  const parameters = { Identity: "a", ResultSize: "5" };
  assert.deepEqual(calls, [{ cmdlet: "Get-Sample", parameters, whatIf: false }]);
  assert.match(output, /^Identity {2}Status .*\n-+ .*\nmx1\\7 {5}Retry/);
  assert.equal(complaints, "");
});

for (const [code, exitCode] of [
  ["unknown-cmdlet", 2],
  ["bad-parameter", 2],
  ["forbidden", 3],
  ["not-found", 1],
  ["conflict", 1],
  ["not-allowed-now", 1],
  ["unavailable", 1],
  ["fault", 1],
  ["cancelled", 130],
] as const) {
  test(`command: a run that fails with ${code} ends with ${exitCode}`, async () => {
    const failed: ClientRecord = { kind: "failed", code, message: "so it is\x07" };
    const result = await play([], [failed]);
    assert.equal(result.exitCode, exitCode);
    assert.equal(result.complaints, "Get-Sample: so it is\\u0007\n");
  });
}

test("command: no server is an exit code of its own", async () => {
  const gone: ClientRecord = { kind: "unreachable", message: "no server" };
  const { exitCode, output, complaints } = await play(["-Format", "json"], [gone]);
  assert.deepEqual([exitCode, output, complaints], [4, "", "Get-Sample: no server\n"]);
});

test("command: what came before a failure is shown, as a whole document", async () => {
  const records: ClientRecord[] = [
    { kind: "object", value: SAMPLE_QUEUE },
    { kind: "warning", text: "there is more" },
    { kind: "failed", code: "unavailable", message: "disk" },
  ];
  const { exitCode, output, complaints } = await play(["-Format", "json"], records);
  assert.equal(exitCode, 1);
  assert.deepEqual(JSON.parse(output), [SAMPLE_QUEUE]);
  assert.equal(complaints, "WARNING: there is more\nGet-Sample: disk\n");
});

test("command: a fault in a filter is pointed at", async () => {
  const { complaints } = await play(
    ["-Filter", "Status -eqq 5"],
    [{ kind: "failed", code: "bad-parameter", message: "no -eqq", parameter: "Filter", at: 7 }],
  );
  assert.equal(complaints, "Get-Sample: no -eqq\n  Status -eqq 5\n         ^\n");
});

for (const [words, problem] of [
  [["-Bogus", "x"], /^Get-Sample: Get-Sample has no parameter -Bogus\n"postrider help Get-Sample"/],
  [["-Property", "Bogus"], /-Property: SampleQueue has no property "Bogus"/],
  [["-Password", "-"], /-Password is empty/],
] as const) {
  test(`command: ${words.join(" ")} is a misuse, and nothing is sent`, async () => {
    const { exitCode, calls, complaints } = await play(words, [DONE]);
    assert.deepEqual([exitCode, calls.length], [2, 0]);
    assert.match(complaints, problem);
  });
}

test("command: -? shows help, and nothing is sent", async () => {
  const { exitCode, calls, output } = await play(["-?"], [DONE]);
  assert.deepEqual([exitCode, calls.length], [0, 0]);
  assert.match(output, /SYNTAX\n {2}Get-Sample \[\[-Identity\] <text>\]/);
  assert.match(output, /Organization Management, Help Desk/);
});

test("command: a secret is asked for, and is in the call only", async () => {
  const screen = fakeScreen({ answers: ["hunter2"] });
  const { calls, output, complaints } = await play(["-Password"], [DONE], { screen });
  assert.deepEqual(calls[0]?.parameters, { Password: "hunter2" });
  assert.equal(output, "");
  assert.equal(complaints, "Password: ");
});

test("command: -WhatIf prints the plan and nothing else", async () => {
  const { calls, output } = await play(
    ["-WhatIf", "-Format", "json"],
    [{ kind: "plan", plan: PLAN }, DONE],
  );
  assert.deepEqual(
    calls.map(({ whatIf }) => whatIf),
    [true],
  );
  assert.equal(
    output,
    "What if: Remove sample a\nWhat if: Remove sample b\\u001b[2J\nWhat if: … and 12 more\n",
  );
});

const planned = ({ whatIf }: RunCall): readonly ClientRecord[] =>
  whatIf ? [{ kind: "plan", plan: PLAN }, DONE] : [DONE];

for (const [answers, exitCode, ran] of [
  [["y"], 0, true],
  [["what?", " YES "], 0, true],
  [["n"], 130, false],
  [[""], 130, false],
  [[], 130, false],
] as const) {
  test(`command: asked, and answered with ${JSON.stringify(answers)}`, async () => {
    const screen = fakeScreen({ isInteractive: true, answers });
    const result = await play(["a"], planned, { cmdlet: REMOVE, screen });
    assert.equal(result.exitCode, exitCode);
    assert.deepEqual(
      result.calls.map(({ whatIf }) => whatIf),
      ran ? [true, false] : [true],
    );
    assert.match(
      result.complaints,
      /^Remove sample a\nRemove sample b\\u001b\[2J\n… and 12 more\n/,
    );
    assert.match(result.complaints, /Do all 14\? \[Y\] Yes {2}\[N\] No/);
  });
}

test("command: nobody to ask is a misuse; -Confirm:$false does not ask", async () => {
  const refused = await play(["a"], planned, { cmdlet: REMOVE });
  assert.deepEqual([refused.exitCode, refused.calls.length], [2, 0]);
  assert.match(refused.complaints, /add -Confirm:\$false, or look first with -WhatIf/);
  const ran = await play(["a", "-Confirm:$false"], planned, { cmdlet: REMOVE });
  assert.deepEqual([ran.exitCode, ran.calls.length], [0, 1]);
});

test("command: -Confirm asks always; nothing to do needs no question", async () => {
  const screen = fakeScreen({ isInteractive: true, answers: ["n"] });
  assert.equal((await play(["-Confirm"], planned, { screen })).exitCode, 130);
  const nothing = { actions: [], count: 0 };
  const idle = await play(["a"], [{ kind: "plan", plan: nothing }, DONE], {
    cmdlet: REMOVE,
    screen: fakeScreen({ isInteractive: true }),
  });
  assert.deepEqual([idle.exitCode, idle.calls.length], [0, 2]);
});
