import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { promisify } from "node:util";
import { METRICS } from "../../src/base/metric-table.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { startServer } from "../harness/server.ts";

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, "../../docs/monitoring");

/** Names of ours in a text, without the suffixes that histograms have. */
function namedIn(words: string): readonly string[] {
  const found = words.match(/postrider_[a-z_]+/g) ?? [];
  return [...new Set(found.map((name) => name.replace(/_(bucket|sum|count)$/, "")))];
}

test("what /metrics shows is as Prometheus wants it", async (t) => {
  const server = await startServer(t, {
    configuration: contoso({ smtpPort: await freePort() }),
  });
  const socket = join(server.dataFolder, "postrider.sock");
  const { stdout } = await run("curl", ["-s", "--unix-socket", socket, "http://localhost/metrics"]);
  const lint = spawn("promtool", ["check", "metrics"], { stdio: ["pipe", "pipe", "pipe"] });
  const code = new Promise((resolve) => lint.once("close", resolve));
  lint.stdin.end(stdout);
  const complaints = await text(lint.stderr);
  // What the runtime's own collector names is not ours to change.
  const ours = complaints.split("\n").filter((line) => line.startsWith("postrider_"));
  assert.deepEqual(ours, []);
  assert.ok([0, 3].includes(Number(await code)), complaints);
  const shown = new Set(namedIn(stdout));
  assert.deepEqual(
    Object.keys(METRICS).filter((name) => !shown.has(name)),
    [],
    "every metric of the table is shown",
  );
});

test("the alert rules load, and do what their examples say", async () => {
  const rules = await run("promtool", ["check", "rules", "postrider.rules.yml"], { cwd: FOLDER });
  assert.match(rules.stdout, /13 rules found/);
  const tested = await run("promtool", ["test", "rules", "postrider.rules.test.yml"], {
    cwd: FOLDER,
  });
  assert.match(tested.stdout, /SUCCESS/);
});

test("rules and dashboard name only metrics that there are", async () => {
  for (const file of ["postrider.rules.yml", "postrider-dashboard.json"]) {
    const named = namedIn(await readFile(join(FOLDER, file), "utf8"));
    assert.ok(named.length > 8, file);
    assert.deepEqual(
      named.filter((name) => !Object.hasOwn(METRICS, name)),
      [],
      file,
    );
  }
});
