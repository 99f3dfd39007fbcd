import type { DkimSigningConfig } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";

/** What signs; a domain in two of them, two keys under one selector, and no key are faults. */
export function buildDkimSigningConfigs(
  objects: readonly ReadObject<"dkimSigningConfig">[],
): readonly DkimSigningConfig[] {
  const owners = new Map<string, string>();
  for (const { values, declared, report } of objects) {
    const { name, enabled, rsaKey, ed25519Key } = values;
    const owner = owners.get(name);
    owners.set(name, owner ?? declared.label);
    if (owner !== undefined) report("name", `name: ${name} already belongs to ${owner}`);
    if (enabled && rsaKey === undefined && ed25519Key === undefined) {
      report("enabled", "enabled: there is no key; set rsaKey, ed25519Key or both");
    }
    if (rsaKey !== undefined && rsaKey.selector === ed25519Key?.selector) {
      report("ed25519Key", "ed25519Key.selector: is that of rsaKey; each key needs its own");
    }
  }
  return objects.map(({ values }) => values);
}
