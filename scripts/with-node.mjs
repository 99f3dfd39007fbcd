// The door of `npm start`, `npm test` and the other commands. Plain JavaScript for Node 18 and
// later, because it runs before anything is installed: it installs what package-lock.json asks
// for, then runs the target with the pinned Node, whatever Node the machine has.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findDrift, install, pinnedNode } from "./dependencies.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MAJOR_MIN = 18;

/** What each command runs. `server`: a signal of the terminal must reach it once, to drain it. */
const TARGETS = {
  start: { argv: ["scripts/start.mjs"], server: true },
  build: { argv: ["web/build/build.ts"], server: false },
  test: { argv: ["scripts/test.mjs"], server: false },
  bench: { argv: ["bench/run.ts"], server: false },
  check: { argv: ["scripts/check.mjs"], server: false },
  format: {
    argv: ["node_modules/@biomejs/biome/bin/biome", "check", "--write", "."],
    server: false,
  },
};

function fail(...lines) {
  for (const line of lines) console.error(`postrider: ${line}`);
  process.exit(1);
}

async function bringDependencies() {
  const drift = findDrift(root);
  if (drift === undefined) return;
  console.error(`postrider: installing dependencies with "npm ci" (${drift}) …`);
  const code = await install(root);
  if (code !== 0) {
    fail(
      `"npm ci" failed with exit code ${code}; the lines above say why.`,
      "It needs the npm registry (or npm's cache) and write access to this folder.",
    );
  }
  const left = findDrift(root);
  if (left !== undefined) fail(`"npm ci" ended well, but ${left}.`);
  console.error("postrider: dependencies are installed.");
}

function run(target, extra) {
  // A server gets a process group of its own: Ctrl-C goes to the whole foreground group, and the
  // server would otherwise see it two or three times (terminal, npm, this script).
  const child = spawn(pinnedNode(root), [...target.argv, ...extra], {
    cwd: root,
    stdio: "inherit",
    detached: target.server,
    env: {
      // As bin/postrider has it: what one process has compiled, the next need not.
      NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compiled"),
      ...process.env,
      PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH ?? ""}`,
    },
  });
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (!target.server) {
        if (signal !== "SIGINT") child.kill(signal); // the terminal has sent SIGINT to it already
      } else if (!stopping) {
        stopping = true; // a closed terminal (SIGHUP) is a stop here, not a reload
        child.kill("SIGTERM");
      }
    });
  }
  child.on("error", (error) => fail(`cannot run ${pinnedNode(root)}: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal !== null) console.error(`postrider: ended by ${signal}`);
    process.exit(code ?? 128 + (signal === "SIGINT" ? 2 : signal === "SIGTERM" ? 15 : 9));
  });
}

if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
  fail(
    `Node ${NODE_MAJOR_MIN} or later is needed to install Postrider; this is ${process.version}.`,
  );
}
if (process.platform !== "linux" || process.arch !== "x64") {
  fail(`Postrider runs on Linux on x86-64; this is ${process.platform} on ${process.arch}.`);
}
const [name = "", ...extra] = process.argv.slice(2);
const target = TARGETS[name];
if (target === undefined) {
  fail(`usage: node scripts/with-node.mjs ${Object.keys(TARGETS).join("|")} [ARGUMENT ...]`);
}
await bringDependencies();
run(target, extra);
