// Everything that reads the sources without running the server: types, lint, format, unused code,
// forgotten promises, house tests. Runs all of it, then says what failed; `.ci/run` calls it.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const STEPS = [
  ["types of the cmdlets, for the admin center", "node", ["web/build/build.ts", "--types"]],
  ["type check", "tsc", ["--project", "."]],
  ["type check of the admin center", "tsc", ["--project", "web"]],
  ["lint and format", "biome", ["ci", "--error-on-warnings", "--max-diagnostics=200", "."]],
  ["forgotten promises", "oxlint", ["--type-aware", "--deny-warnings"]],
  ["unused code", "knip", []],
  ["house tests", "node", ["--test", ...globSync("test/house/*.test.ts", { cwd: root })]],
];

const failed = [];
for (const [name, program, options] of STEPS) {
  const startedMs = performance.now();
  console.log(`\n== ${name}: ${program} ${options.join(" ")}`);
  const { status, error } = spawnSync(program, options, { cwd: root, stdio: "inherit" });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
