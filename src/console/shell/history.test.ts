import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { HISTORY_LINES_MAX, HistoryFile } from "./history-file.ts";
import { mayHoldSecret } from "./secret-line.ts";
import { SAMPLE_CMDLETS } from "./shell.fake.ts";

for (const [text, isSecret] of [
  ["Get-Sample -Identity q1", false],
  ["Get-Sample | Where-Object Size -gt 100", false],
  ["Get-ApiToken", false],
  ["Remove-ApiToken -Name monitor", false],
  ["Remove-Sample a -Password x", true],
  ["remove-sample a -pass:x", true],
  ["Remove-Sample a -P x", true],
  ["Remove-Sample a (Get-Sample -p", true],
  ["Remove-Smaple a -Passw x", true],
  ["Get-Sample -P x", false],
  ["Remove-Sample a -Pasword x", true],
  ["Remove-Sample a -Psasword:x", true],
  ["Set-X -Crednetial x", true],
  ["$password = 'x'", true],
  ["Set-X @{ClientSecret='x'}", true],
  ["Set-X @{'apiToken' = 'x'}", true],
  ["Set-X -Token x", true],
  ["Set-X -PassPhrase x", true],
  ["Remove-Sample a -Password `\n x", true],
] as const) {
  test(`history: ${JSON.stringify(text)} is ${isSecret ? "never " : ""}kept`, () => {
    assert.equal(mayHoldSecret(text, SAMPLE_CMDLETS.all), isSecret);
  });
}

test("history: lines outlive a session, in a file for their owner only", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "history-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "state/postrider/history");
  const first = new HistoryFile(path);
  await first.load();
  assert.deepEqual([first.lines, first.problem], [[], undefined]);
  await first.add("one");
  await first.add("two {\n}\n");
  await first.add("  ");
  await first.add("x".repeat(5000));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder, "state/postrider"))).mode & 0o777, 0o700);
  const second = new HistoryFile(path);
  await second.load();
  assert.deepEqual(second.lines, ["one", "two {", "}"]);
  const many = Array.from({ length: 2 * HISTORY_LINES_MAX + 1 }, (_, index) => `line ${index}`);
  await writeFile(path, many.join("\n"), { mode: 0o644 });
  const third = new HistoryFile(path);
  await third.load();
  assert.equal(third.lines.length, HISTORY_LINES_MAX);
  assert.equal((await readFile(path, "utf8")).split("\n").length, HISTORY_LINES_MAX + 1);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test("history: where nothing can be written, it says so and keeps the session's", async () => {
  const history = new HistoryFile("/dev/null/history");
  await history.load();
  await history.add("one");
  assert.deepEqual(history.lines, ["one"]);
  assert.match(history.problem ?? "", /ENOTDIR/);
});
