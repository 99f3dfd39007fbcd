// Keeps web/dist, what the server shows under /admin/, as new as what it is made of.
import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";

/** Cmdlets are among it: forms and tables are made of what is said of them. */
const SOURCES = ["web/{index.html,icon.svg,vite.config.ts}", "web/{src,build}/**/*", "src/**/*.ts"];

function changedMs(path) {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** Whether something is newer than what was built, or nothing was. */
function isStale(root) {
  const builtMs = changedMs(join(root, "web/dist/index.html.br"));
  const paths = [
    "package-lock.json",
    ...globSync(SOURCES, { cwd: root, exclude: ["src/**/*.{test,fake}.ts"] }),
  ];
  return builtMs === 0 || paths.some((path) => changedMs(join(root, path)) > builtMs);
}

/** Builds the admin center unless it is new enough. False: it could not be built. */
export function bringAdminCenter(root) {
  if (!isStale(root)) return true;
  console.error("postrider: building the admin center …");
  const startedMs = performance.now();
  const { status, error } = spawnSync(process.execPath, ["web/build/build.ts"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error !== undefined) console.error(`postrider: ${error.message}`);
  if (status !== 0) return false;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.error(`postrider: the admin center is built (${seconds} s).`);
  return true;
}
