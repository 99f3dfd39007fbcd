import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Configuration } from "../test/harness/server.ts";

/** Sections of which an older revision may not know every setting. */
const SECTIONS = ["transportService", "transportConfig"] as const;

/**
 * A configuration without the settings that the revision at `root` does not know: what it has no
 * limit for, it need not be told to leave unlimited.
 */
export async function configurationFor(
  root: string,
  configuration: Configuration,
): Promise<Configuration> {
  const page = await readFile(join(root, "docs/configuration.md"), "utf8");
  const known: Record<string, unknown> = { ...configuration };
  for (const section of SECTIONS) {
    const settings = known[section];
    if (typeof settings !== "object" || settings === null) continue;
    const kept = Object.entries(settings).filter(([name]) => page.includes(`\`${name}\``));
    known[section] = Object.fromEntries(kept);
  }
  return known;
}
