// After `npm install` has changed package-lock.json: takes out optional dependencies that the
// lock names without holding them. They are binaries for other platforms (Postrider runs on Linux
// on x86-64) that a registry may not have, and `npm ci` refuses a lock that names what it lacks.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const path = join(import.meta.dirname, "../package-lock.json");
const lock = JSON.parse(readFileSync(path, "utf8"));

/** Whether a package at `from` finds `name` in its own or an outer node_modules. */
function isHeld(from, name) {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf("node_modules"))) {
    const base = folder.replace(/\/$/, "");
    if (`${base === "" ? "" : `${base}/`}node_modules/${name}` in lock.packages) return true;
    if (!folder.includes("node_modules")) return false;
  }
}

let count = 0;
for (const [from, entry] of Object.entries(lock.packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (isHeld(from, name)) continue;
    delete entry.optionalDependencies[name];
    count += 1;
  }
}
writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`${count} optional dependencies taken out of package-lock.json`);
