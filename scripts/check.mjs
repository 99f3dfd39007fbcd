// Everything that reads the sources without running the server: types, lint, format, unused code,
// forgotten promises, house tests. Runs all of it, then says what failed; `.ci/run` calls it.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
/** What the others read. */
const FIRST = [
  "types of the cmdlets, for the admin center",
  "node",
  ["web/build/build.ts", "--types"],
];
const HOUSE_TESTS = globSync("test/house/*.test.ts", { cwd: root });
/** The longest first. `--no-tests` is for who runs `npm test` too, which has the house tests. */
const STEPS = [
  ["house tests", "node", ["--test", "--test-concurrency=2", ...HOUSE_TESTS]],
  ["forgotten promises", "oxlint", ["--type-aware", "--deny-warnings"]],
  ["type check", "tsc", ["--project", "."]],
  ["lint and format", "biome", ["ci", "--error-on-warnings", "--max-diagnostics=200", "."]],
  ["type check of the admin center", "tsc", ["--project", "web"]],
  ["unused code", "knip", []],
];

const failed = [];

/** Runs one, and shows what it said once it has ended: others run beside it. */
function run([name, program, options]) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    let said = "";
    const child = spawn(program, options, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
      });
    }
    const end = (status) => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      console.log(`\n== ${name}: ${program} ${options.join(" ")}\n${said.trimEnd()}`);
      console.log(`== ${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
      if (status !== 0) failed.push(name);
      resolve();
    };
    child.on("error", (error) => {
      said += `${program}: ${error.message}`;
      end(undefined);
    });
    child.on("close", end);
  });
}

await run(FIRST);
const waiting = STEPS.slice(process.argv.includes("--no-tests") ? 1 : 0);
const lanes = Array.from({ length: availableParallelism() }, async () => {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await run(step);
});
await Promise.all(lanes);
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
