import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Paths of the admin center's pages, as the tables of its areas have them, without those to which
 * one has to know something to get there.
 */
export function listAdminPages(): readonly string[] {
  const paths = globSync("web/src/pages/*/{area,pages}.ts", { cwd: ROOT })
    .map((file) => readFileSync(join(ROOT, file), "utf8"))
    .flatMap((text) => [...text.matchAll(/\bpath: "([^"]+)"/g)])
    .map(([, path = ""]) => path);
  return [...new Set(paths)].filter((path) => !path.includes("$")).toSorted();
}
