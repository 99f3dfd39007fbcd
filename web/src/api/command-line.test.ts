import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { bindArguments, processArguments } from "../../../src/console/bind-arguments.ts";
import { ALL_CMDLETS } from "../../../src/management/all-cmdlets.ts";
import { formatCommandLine } from "./command-line.ts";

for (const [why, cmdlet, parameters, line] of [
  ["nothing given", "Get-Queue", {}, "postrider Get-Queue"],
  ["a plain word", "Get-Queue", { Identity: "3" }, "postrider Get-Queue -Identity 3"],
  [
    "a filter in quotes",
    "Get-Queue",
    { Filter: "Status -eq 'Retry'" },
    String.raw`postrider Get-Queue -Filter 'Status -eq '\''Retry'\'''`,
  ],
  [
    "a list",
    "Set-ReceiveConnector",
    { Identity: "Default Frontend", Bindings: ["127.0.0.1:25", "[::1]:25"] },
    "postrider Set-ReceiveConnector -Identity 'Default Frontend' " +
      String.raw`-Bindings '@('\''127.0.0.1:25'\'','\''[::1]:25'\'')'`,
  ],
  [
    "a list of one",
    "Resume-Queue",
    { Identity: ["mail\\15"] },
    String.raw`postrider Resume-Queue -Identity 'mail\15'`,
  ],
  ["a list of nothing", "Resume-Queue", { Identity: [] }, "postrider Resume-Queue -Identity '@()'"],
  [
    "true, false, nothing, not given",
    "Set-ReceiveConnector",
    { Identity: "a", Enabled: false, Comment: null, Fqdn: undefined },
    "postrider Set-ReceiveConnector -Identity a -Enabled:false -Comment '$null'",
  ],
] as const) {
  test(`a command line: ${why}`, () => {
    assert.equal(formatCommandLine({ cmdlet, parameters }), line);
  });
}

test("a secret is asked for, never shown", () => {
  const call = { cmdlet: "New-Administrator", parameters: { Name: "bob", Password: "geheim" } };
  const line = formatCommandLine(call, new Set(["Password"]));
  assert.equal(line, "postrider New-Administrator -Name bob -Password -");
});

/** The words that a POSIX shell makes of a line. */
function shellWords(line: string): readonly string[] {
  const script = `for word in ${line}; do printf '%s\\0' "$word"; done`;
  return execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

test("what the shell and the binder make of the line is the call again", () => {
  const cmdlet = ALL_CMDLETS.find("Set-ReceiveConnector");
  assert.ok(cmdlet !== undefined);
  // NUL can be in no argument of a process; control characters are none of these values' business.
  const text = fc
    .string({ minLength: 1, maxLength: 20, unit: "grapheme" })
    .filter((one) => one.trim() === one && !one.includes("\0") && !/^[$@]/.test(one));
  const call = fc.record(
    { Identity: text, Comment: text, Enabled: fc.boolean(), Bindings: fc.array(text) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(call, (parameters) => {
      const line = formatCommandLine({ cmdlet: cmdlet.name, parameters });
      const [program, name, ...words] = shellWords(line);
      assert.deepEqual([program, name], ["postrider", cmdlet.name]);
      const bound = bindArguments(cmdlet, processArguments(words));
      assert.ok(bound.ok, bound.ok ? "" : `${line}: ${bound.fault}`);
      // The server reads the words true and false; a shell would take $true away.
      const Enabled = String(parameters.Enabled);
      const { Bindings } = bound.value.parameters;
      assert.deepEqual([Bindings].flat(), parameters.Bindings);
      assert.deepEqual(bound.value.parameters, { ...parameters, Enabled, Bindings });
    }),
    { numRuns: 60 },
  );
});
