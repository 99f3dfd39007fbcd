import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ClientRecord, RunCall } from "../run-client.ts";
import { answerSample, playLine, SAMPLES } from "./shell.fake.ts";

const S = "Get-Sample";

for (const [text, output] of [
  ["1 + 2", "3\n"],
  ["'a', 'b'", "a\nb\n"],
  ["$a = 5; $a * 2KB", "10240\n"],
  [
    `$q = ${S}; $q.Count; $q[0].Identity; $q[-1].identity; $q.MessageCount`,
    "3\nq1\nq3\n12\n200\n0\n",
  ],
  [`"have $((${S}).Count) of $null"`, "have 3 of $null\n"],
  [`${S} | % Identity`, "q1\nq2\nq3\n"],
  [`${S} | ? MessageCount -gt 100 | % Identity`, "q2\n"],
  [`${S} | where { $_.Status -eq 'ready' -and -not $_.LastError } | % Identity`, "q2\n"],
  [`${S} | ? { $_.Size -ge 2KB } | % Identity`, "q1\nq3\n"],
  [`${S} | ? Size -lt 2KB | % Identity`, "q2\n"],
  [`${S} | ? DateReceived -gt 2026-11-21T05:00:00Z | measure | % Count`, "3\n"],
  [`${S} | ? MessageLatency -lt 1h | measure | % Count`, "0\n"],
  [`${S} | ? Identity -in 'q1','q3' | % Identity`, "q1\nq3\n"],
  [`${S} | ? Recipients -contains BOB@contoso.test | measure | % Count`, "3\n"],
  [`${S} | ? Identity -like '*2' | % Identity`, "q2\n"],
  [`${S} | ? LastError | % Identity`, "q3\n"],
  [`${S} | ? -Not LastError | % Identity`, "q1\nq2\n"],
  [`${S} | ? NextRetryTime -eq $null | measure | % Count`, "3\n"],
  [`${S} | select -Skip 1 -First 1 | % Identity`, "q2\n"],
  [`${S} | select -Last 2 | % Identity`, "q2\nq3\n"],
  [`${S} | select -ExpandProperty Recipients -Unique`, "alice@contoso.test\nbob@contoso.test\n"],
  [
    `${S} | select Identity,*Count -First 1`,
    "Identity  MessageCount\n--------  ------------\nq1                  12\n",
  ],
  [`${S} | select @{n='KB';e={$_.Size/1KB}} -First 1 | fl`, "KB : 2\n"],
  [`${S} | sort MessageCount | % Identity`, "q3\nq1\nq2\n"],
  [`${S} | sort Status,MessageCount -Desc | % Identity`, "q1\nq2\nq3\n"],
  ["3, 1, 2, 1 | sort -Unique", "1\n2\n3\n"],
  [`${S} | group Status | ft`, "Count  Name\n-----  ----\n    1  Retry\n    2  Ready\n"],
  [
    `${S} | measure MessageCount -Sum -Max -Average | fl Sum,Maximum`,
    "Sum     : 212\nMaximum : 200\n",
  ],
  [`${S} | fl Identity,Status | Out-Null`, undefined],
  [`${S} | select Identity -First 1 | ConvertTo-Json`, '[\n  {\n    "Identity": "q1"\n  }\n]\n'],
  [`${S} | select Identity -First 2 | ConvertTo-Csv`, "Identity\nq1\nq2\n"],
  ["1, 2 | % { $_ * 10 }", "10\n20\n"],
  [`${S} | % { $n = $_.MessageCount; "$($_.Identity) $n" }`, "q1 12\nq2 200\nq3 0\n"],
  ["'Abc'.ToLower().StartsWith('a')", "True\n"],
  ["@{Name='x'; Count=2}", "Name  Count\n----  -----\nx         2\n"],
  ["('2026-11-21T00:00:00Z').AddHours(-2)", "2026-11-20T22:00:00.000Z\n"],
  [`${S} -Property Identity | select -First 1`, "Identity\n--------\nq1\n"],
] as const) {
  test(`shell: ${text}`, async () => {
    const played = await playLine(text);
    if (output === undefined) return assert.notEqual(played.complaints, "");
    assert.deepEqual([played.complaints, played.output, played.exitCode], ["", output, 0]);
  });
}

for (const [text, problem] of [
  [
    "Get-Sampel",
    /^there is no cmdlet "Get-Sampel"; did you mean "Get-Sample"\?\n {2}Get-Sampel\n {2}\^\n$/,
  ],
  [
    `${S} | ? Mesagecount -gt 1`,
    /no property "Mesagecount"; did you mean "MessageCount"\?\n.*\n {17}\^/,
  ],
  [`${S} | ? { Status -eq 'x' }`, /the property of the object is \$_\.Status/],
  [`${S} | ? Size -gt 1XB`, /"1XB" is not a size/],
  [`${S} | sort Details`, /Details is a object and has no order/],
  [`${S} | ft | sort`, /Format-Table ends a pipe/],
  [`${S} | ft Bogus`, /no property "Bogus"/],
  [`${S} | select -Frist 1`, /no parameter -Frist; did you mean "First"/],
  [`${S} -Bogus`, /no parameter -Bogus/],
  [`${S} | ${S} -Format json`, /-Format is for a cmdlet that stands alone/],
  [`${S} | ${S}`, /takes nothing more from the pipe/],
  ["$nothing", /there is no variable \$nothing/],
  ["$_", /there is none here/],
  ["Where-Object x", /needs something from the pipe/],
  ["1 / 0", /divided by 0/],
  ["'x' * 2", /"x" is not a number/],
  ["1 | Export-Csv /nonexistent/x.csv", /ENOENT/],
  ["'x' | Export-Csv /dev/null", /"x" is none/],
  ["a 'b", /has no end/],
  ["1\n2 +\n3", /^line 2: a value is missing/],
] as const) {
  test(`shell: what is wrong with ${text}`, async () => {
    const { complaints, exitCode } = await playLine(text);
    assert.match(complaints, problem);
    assert.notEqual(exitCode, 0);
  });
}

test("shell: Select-Object -First takes what it needs and stops the server", async () => {
  const { output, pulled, isStopped } = await playLine(
    `${S} | ? Size -gt 0 | select -First 1 | % Identity`,
  );
  assert.deepEqual([output, pulled, isStopped], ["q1\n", 1, true]);
  const none = await playLine(`${S} | select -First 0`);
  assert.deepEqual([none.output, none.calls.length], ["", 0]);
});

test("shell: what is held is bounded", async () => {
  function* endless(): Generator<ClientRecord> {
    for (;;) yield { kind: "object", value: { Identity: "x", MessageCount: 1 } };
  }
  for (const line of [`${S} | sort Identity`, `$a = ${S}`]) {
    const { complaints, isStopped } = await playLine(line, { answer: endless });
    assert.match(complaints, /holds at most 100,000 objects; narrow them down/);
    assert.equal(isStopped, true);
  }
});

const removed = ({ calls }: { readonly calls: readonly RunCall[] }) =>
  calls
    .filter(({ cmdlet, whatIf }) => cmdlet === "Remove-Sample" && !whatIf)
    .map(({ parameters }) => parameters["Identity"]);

test("shell: what a pipe would do is asked once, with the count", async () => {
  const line = `${S} | ? MessageCount -gt 0 | Remove-Sample`;
  const yes = await playLine(line, { answers: ["y"] });
  assert.deepEqual(removed(yes), ["q1", "q2"]);
  assert.match(yes.complaints, /^Remove "q1"\nRemove "q2"\nDo all 2\? \[Y\] Yes/);
  const no = await playLine(line, { answers: ["n"] });
  assert.deepEqual([removed(no), no.exitCode], [[], 130]);
  const nobody = await playLine(line);
  assert.deepEqual([nobody.calls.length, nobody.exitCode], [0, 2]);
  assert.match(nobody.complaints, /add -Confirm:\$false/);
  const unasked = await playLine(`${line} -Confirm:$false`);
  assert.deepEqual(removed(unasked), ["q1", "q2"]);
  const planned = await playLine(`${line} -WhatIf`);
  assert.deepEqual(
    [removed(planned), planned.output],
    [[], 'What if: Remove "q1"\nWhat if: Remove "q2"\n'],
  );
  const texts = await playLine("'a','b' | Remove-Sample -Confirm:$false");
  assert.deepEqual(removed(texts), ["a", "b"]);
  const object = await playLine(`$q = ${S}; Remove-Sample $q[1] -Confirm:$false`);
  assert.deepEqual(removed(object), ["q2"]);
});

test("shell: one object's failure does not stop the others; a closed door does", async () => {
  const failing = (code: "not-found" | "forbidden") =>
    function* answer(call: RunCall): Generator<ClientRecord> {
      if (call.parameters["Identity"] === "q1") yield { kind: "failed", code, message: "no" };
      else yield* answerSample(call);
    };
  const line = `${S} | Remove-Sample -Confirm:$false`;
  const some = await playLine(line, { answer: failing("not-found") });
  assert.deepEqual(removed(some), ["q1", "q2", "q3"]);
  assert.equal(some.complaints, "Remove-Sample: no\nRemove-Sample: 1 of 3 failed\n");
  assert.equal(some.exitCode, 1);
  const none = await playLine(line, { answer: failing("forbidden") });
  assert.deepEqual([removed(none), none.exitCode], [["q1"], 3]);
});

test("shell: a producer that fails acts on nothing, and the next statement goes on", async () => {
  function* failing(call: RunCall): Generator<ClientRecord> {
    if (call.cmdlet !== S) return yield* answerSample(call);
    yield { kind: "object", value: SAMPLES[0] ?? {} };
    yield { kind: "failed", code: "unavailable", message: "disk" };
  }
  const played = await playLine(`${S} | Remove-Sample; 'next'`, {
    answer: failing,
    answers: ["y"],
  });
  assert.deepEqual([removed(played), played.output, played.exitCode], [[], "next\n", 1]);
  assert.equal(played.complaints, "Get-Sample: disk\n");
});

test("shell: cancelled is cancelled, also where no server is asked", async () => {
  const control = new AbortController();
  function* cancelling(): Generator<ClientRecord> {
    control.abort();
    for (;;) yield { kind: "object", value: SAMPLES[0] ?? {} };
  }
  const { signal } = control;
  const played = await playLine(`${S} | sort Size; 'next'`, { answer: cancelling, signal });
  assert.deepEqual([played.output, played.exitCode], ["", 130]);
});

test("shell: exit ends with its code, or with that of the last failure", async () => {
  assert.equal((await playLine("exit 7; 'never'")).exitCode, 7);
  assert.equal((await playLine("Bogus; 'x'; exit")).exitCode, 2);
});

test("shell: a secret is asked for, or typed without being shown", async () => {
  for (const line of [
    "Remove-Sample a -Password -Confirm:$false",
    "Remove-Sample a -Password (Read-Host 'Password' -AsSecureString) -Confirm:$false",
  ]) {
    const { calls, output, complaints } = await playLine(line, { answers: ["hunter2"] });
    assert.equal(calls.at(-1)?.parameters["Password"], "hunter2");
    assert.deepEqual([output, complaints], ["", "Password: "]);
  }
});

test("shell: a complaint does not repeat a secret", async () => {
  for (const line of [
    "Remove-Sample a -Password 'hunter2' | ft Bogus x",
    "$password = 'hunter2' )",
  ]) {
    const { complaints } = await playLine(line);
    assert.notEqual(complaints, "");
    assert.doesNotMatch(complaints, /hunter2/);
  }
});

test("shell: files are written whole, for their owner only, and read again", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "shell-"));
  t.after(() => rm(folder, { recursive: true }));
  const csv = join(folder, "a b.csv");
  const hostile = { ...SAMPLES[0], Identity: 'a "b",\n\x1b[2J' };
  function* answer(): Generator<ClientRecord> {
    yield { kind: "object", value: hostile };
    yield { kind: "done" };
  }
  const line = `${S} | select Identity,Size | Export-Csv '${csv}'`;
  const written = await playLine(`${line}; Import-Csv '${csv}' | % Identity`, { answer });
  assert.deepEqual([written.complaints, written.output], ["", `${hostile.Identity}\n`]);
  assert.equal((await stat(csv)).mode & 0o777, 0o600);
  const again = await playLine(`${line} -NoClobber`, { answer });
  assert.match(again.complaints, /there is a file .*a b\.csv already/);
  const text = join(folder, "out.txt");
  const out = await playLine(
    `${S} | fl Identity | Out-File ${text}; 'more' | Out-File ${text} -Append`,
  );
  assert.equal(out.complaints, "");
  assert.equal(
    await readFile(text, "utf8"),
    "Identity : q1\n\nIdentity : q2\n\nIdentity : q3\nmore\n",
  );
});

test("shell: help, Get-Command and Get-Member say what there is", async () => {
  assert.match((await playLine("help")).output, /Where-Object +Lets through .* \(where, \?\)/);
  assert.match((await playLine("help select")).output, /Select-Object.*\n[\s\S]*-First <value>/);
  assert.match((await playLine("help Get-Sample")).output, /SYNTAX\n {2}Get-Sample/);
  assert.match((await playLine("help bogus")).complaints, /there is no help for "bogus"/);
  assert.match(
    (await playLine("Get-Command *-Sample")).output,
    /Get-Sample +Server[\s\S]*Remove-Sample/,
  );
  assert.match((await playLine(`${S} | gm`)).output, /MessageCount +number +Messages in it\./);
});
