import { assert } from "../base/assert.ts";
import type { OrganizationStore } from "../store/organization-store.ts";
import { compareConfiguration, writeComparison } from "./configuration-comparison.ts";
import type { ConfigurationRows } from "./configuration-rows.ts";

/** Makes a store hold what a file declares, as the server does when it starts with it. */
export async function applyRows(
  store: OrganizationStore,
  rows: ConfigurationRows,
): Promise<{ readonly version: number; readonly changed: boolean }> {
  const compared = await compareConfiguration(rows, store, { owner: "/f.yaml" });
  const outcome = await writeComparison(compared, store);
  assert(outcome.kind === "done", "nobody else changes a store of a test");
  return { version: outcome.version, changed: outcome.changed };
}
