import { readFile } from "node:fs/promises";
import { assert } from "../base/assert.ts";

/** The version in package.json. */
export async function readProductVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  );
  assert(typeof manifest === "object" && manifest !== null && "version" in manifest, "a version");
  return String(manifest.version);
}
