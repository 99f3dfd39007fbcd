// `npm test`: brings the Debian packages that scenario tests need (as root), then runs the tests.
//   npm test                      all
//   npm test -- queue             files whose path contains "queue"
//   npm test -- --test-name-pattern="null sender"
// An option that starts with "--" goes to Node's test runner as it is.
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bringAdminCenter } from "./admin-center.mjs";
import { findMissing, installPackages } from "./debian-packages.mjs";

const root = join(import.meta.dirname, "..");
const MINUTE_MS = 60_000;
const CORES = availableParallelism();

/**
 * Scenario tests start servers and peers: they get more time, and the machine for themselves. Half
 * of theirs they wait, for timers and for one another.
 */
const PHASES = [
  {
    name: "unit, contract, dialog and house tests",
    patterns: ["{src,test,bench,web}/**/*.test.ts"],
    exclude: ["test/scenarios/**", "test/browser/**"],
    timeoutMs: MINUTE_MS,
    limitMs: 8 * MINUTE_MS,
    concurrency: 2,
    filesPerProcess: 25,
  },
  {
    name: "scenario tests",
    patterns: ["test/scenarios/**/*.test.ts"],
    exclude: [],
    timeoutMs: 5 * MINUTE_MS,
    limitMs: 25 * MINUTE_MS,
    concurrency: Math.max(2, Math.ceil(1.5 * CORES)),
  },
  {
    name: "browser tests",
    patterns: ["test/browser/**/*.test.ts"],
    exclude: [],
    timeoutMs: 5 * MINUTE_MS,
    limitMs: 15 * MINUTE_MS,
    concurrency: 2,
  },
];

function bringPackages() {
  const missing = findMissing(root);
  if (missing.length === 0) return true;
  const names = missing.join(" ");
  if (process.getuid?.() !== 0) {
    console.error(`Scenario tests need Debian packages that are not installed: ${names}`);
    console.error(`Install them, then run "npm test" again:`);
    console.error(`  sudo apt-get install --no-install-recommends ${names}`);
    return false;
  }
  console.log(`Installing Debian packages for the scenario tests: ${names}`);
  if (installPackages(missing)) return true;
  console.error(`apt-get could not install ${names}; its messages above say why.`);
  return false;
}

/**
 * Modules that run several files each, one after the other in a suite of its own: a process for
 * every file of half a thousand loads the same sources half a thousand times.
 */
function writeGroups(folder, files, filesPerProcess) {
  const count = Math.ceil(files.length / filesPerProcess);
  return Array.from({ length: count }, (_, index) => {
    const group = join(folder, `group-${index + 1}.mjs`);
    const suites = files
      .slice(index * filesPerProcess, (index + 1) * filesPerProcess)
      .map((file) => [file, pathToFileURL(join(root, file)).href])
      .map(([file, url]) => `suite("${file}", async () => void (await import("${url}")));`);
    writeFileSync(group, `import { suite } from "node:test";\n${suites.join("\n")}\n`);
    return group;
  });
}

function runPhase(phase, files, options) {
  console.log(`\n== ${phase.name}: ${files.length} files`);
  // A choice of tests is for somebody who waits for one file, and wants it as it is.
  if (phase.filesPerProcess === undefined || options.length > 0 || files.length < 100) {
    return runFiles(phase, files, options);
  }
  const folder = mkdtempSync(join(tmpdir(), "postrider-groups-"));
  try {
    return runFiles(phase, writeGroups(folder, files, phase.filesPerProcess), options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runFiles(phase, files, options) {
  const { status, error } = spawnSync(
    process.execPath,
    [
      "--test",
      "--test-reporter=spec",
      `--test-concurrency=${phase.concurrency}`,
      `--test-timeout=${phase.timeoutMs}`,
      ...options,
      ...files,
    ],
    // The runner bounds a test, but not a file that never ends; when told to stop, it names it.
    { cwd: root, stdio: "inherit", timeout: phase.limitMs, killSignal: "SIGTERM" },
  );
  if (error !== undefined) console.error(`${phase.name}: ${error.message}`);
  return status === 0;
}

function main() {
  const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  const phases = PHASES.map((phase) => ({
    phase,
    files: globSync(phase.patterns, { cwd: root, exclude: phase.exclude })
      .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
      .sort(),
  })).filter(({ files }) => files.length > 0);
  if (phases.length === 0) {
    console.error(`No test file has ${wanted.join(" or ")} in its path.`);
    return false;
  }
  const needsPackages = phases.some(({ phase }) => phase.name !== PHASES[0].name);
  if (needsPackages && !(bringPackages() && bringAdminCenter(root))) return false;
  const failed = phases.filter(({ phase, files }) => !runPhase(phase, files, options));
  for (const { phase } of failed) console.error(`FAILED: ${phase.name}`);
  return failed.length === 0;
}

process.exitCode = main() ? 0 : 1;
