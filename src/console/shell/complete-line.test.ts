import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../../base/clock.fake.ts";
import { SAMPLE_TYPE } from "../../cmdlet/filter-sample.fake.ts";
import type { ClientRecord, RunCall } from "../run-client.ts";
import { type CompletionParts, completeLine } from "./complete-line.ts";
import { SAMPLE_CMDLETS, SAMPLES } from "./shell.fake.ts";
import { LOCAL_CMDLETS } from "./shell.ts";
import { ValueFinder } from "./value-finder.ts";

function prepare(answer: (call: RunCall) => Iterable<ClientRecord> = listSamples) {
  const calls: RunCall[] = [];
  const clock = fakeClock();
  const client = {
    async *run(call: RunCall) {
      calls.push(call);
      yield* answer(call);
    },
  };
  const values = new ValueFinder({ client, clock, cmdlets: SAMPLE_CMDLETS });
  const variables = new Map([
    ["queues", { value: SAMPLES, type: SAMPLE_TYPE }],
    ["row", { value: { Alpha: 1, Beta: 2 } }],
  ]);
  const parts: CompletionParts = {
    cmdlets: SAMPLE_CMDLETS,
    locals: LOCAL_CMDLETS,
    variables,
    values,
  };
  return { parts, calls, clock };
}

function* listSamples(): Generator<ClientRecord> {
  for (const Identity of ["q1", "q2", "Big queue", "evil\x1b[2J"]) {
    yield { kind: "object", value: { Identity } };
  }
  yield { kind: "done" };
}

for (const [text, candidates] of [
  ["get-sa", ["Get-Sample "]],
  ["Get-Sample | rem", ["Remove-Sample ", "Remove-Variable"]],
  ["$x = get-sa", ["Get-Sample "]],
  ["(get-sa", ["Get-Sample "]],
  ["a; get-sa", ["Get-Sample "]],
  ["% { get-sa", ["Get-Sample "]],
  ["Get-Sample -id", ["-Identity "]],
  ["Get-Sample -res", ["-ResultSize "]],
  ["Get-Sample -Prop", ["-Property "]],
  ["Get-Sample -Property mess", ["MessageCount", "MessageLatency"]],
  ["Get-Sample -Property Status,mess", ["MessageCount", "MessageLatency"]],
  ["Get-Sample -Property Status, Si", ["Size"]],
  ["Get-Sample -Format j", ["json"]],
  ["Get-Sample -Colour re", ["Red", "Reddish"]],
  ["Get-Sample q", ["q1", "q2"]],
  ["Get-Sample -Identity q", ["q1", "q2"]],
  ["Get-Sample b", ["'Big queue'"]],
  ["Get-Sample 'b", ["'Big queue'"]],
  ["Get-Sample e", []],
  ["Get-Sample q1 q", []],
  ["Remove-Sample -Password x", []],
  ["Get-Sample -SortOrder -Mess", ["-MessageCount", "-MessageLatency"]],
  ['Get-Sample -Filter "Stat', ["Status"]],
  ['Get-Sample -Filter "Status -e', ["-eq "]],
  ["Get-Sample -Filter \"Status -eq 'Re", ["Ready", "Retry"]],
  ["Get-Sample -Filter {Mess", ["MessageCount", "MessageLatency"]],
  ["Get-Sample | ? Mess", ["MessageCount", "MessageLatency"]],
  ["Get-Sample | Where-Object MessageCount -g", ["-Gt", "-Ge"]],
  ["Get-Sample | ? { $_.Mess", ["MessageCount", "MessageLatency"]],
  ["Get-Sample | ? Size -gt 1 | sort Ident", ["Identity"]],
  ["Get-Sample | select Identity,NextR", ["NextRetryTime"]],
  ["Get-Sample | group Status | select Na", []],
  ["$queues | ft Ident", ["Identity"]],
  ["$queues[0].Ident", []],
  ["$queues.Ident", ["Identity"]],
  ["$row.", ["Alpha", "Beta"]],
  ["echo $que", ["$queues"]],
  ["help get-s", ["Get-Sample"]],
  ["help filt", ["filters"]],
  ["select -fi", ["-First "]],
  ["Bogus -x", []],
] as const) {
  test(`completion: ${text}`, async () => {
    const found = await completeLine(text, prepare().parts);
    const ofWord = found.candidates.filter((one) => !one.startsWith("Remove-V"));
    assert.deepEqual(
      ofWord.map((one) => one.trimEnd()),
      candidates.filter((one) => !one.startsWith("Remove-V")).map((one) => one.trimEnd()),
    );
    assert.ok(text.endsWith(found.replaced));
  });
}

test("completion: the server is asked for few values, and once in a while only", async () => {
  const { parts, calls, clock } = prepare();
  await completeLine("Get-Sample q", parts);
  await completeLine("Get-Sample q1", parts);
  assert.deepEqual(calls, [
    { cmdlet: "Get-Sample", parameters: { ResultSize: "200" }, whatIf: false },
  ]);
  clock.advance(6000);
  await completeLine("Get-Sample q", parts);
  assert.equal(calls.length, 2);
});

test("completion: of very many values those are asked for that begin so", async () => {
  function* many({ parameters }: RunCall): Generator<ClientRecord> {
    const count = parameters["Filter"] === undefined ? 200 : 1;
    for (let index = 0; index < count; index += 1) {
      yield { kind: "object", value: { Identity: `${count === 1 ? "z'z" : "a"}${index}` } };
    }
    yield { kind: "done" };
  }
  const { parts, calls } = prepare(many);
  const { candidates } = await completeLine("Get-Sample z'", parts);
  assert.equal(calls[1]?.parameters["Filter"], "Identity -like 'z''*'");
  assert.deepEqual(candidates, ["'z''z0'"]);
});

test("completion: any text has an end that is completed", async () => {
  const { parts } = prepare();
  const pieces = fc.constantFrom(
    ..."|;,(){}[]'\"`$@ =.-:",
    "Get-Sample",
    "$queues",
    "-Filter",
    "x",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 20 }), async (words) => {
      const text = words.join("");
      const { replaced } = await completeLine(text, parts);
      assert.ok(text.endsWith(replaced));
    }),
    { numRuns: 500 },
  );
});
