import type { DkimKey, DkimSigningConfig } from "./dkim-keys.ts";
import type { ReadObject } from "./read-object.ts";

/** What signs; a domain in two of them, two keys under one selector, and no key are faults. */
export function buildDkimSigningConfigs(
  objects: readonly ReadObject<"dkimSigningConfig">[],
): readonly DkimSigningConfig[] {
  const owners = new Map<string, string>();
  for (const { values, declared, report } of objects) {
    const { name, enabled, rsaKey, ed25519Key, rotateOnDate, nextRsaKey, nextEd25519Key } = values;
    const owner = owners.get(name);
    owners.set(name, owner ?? declared.label);
    if (owner !== undefined) report("name", `name: ${name} already belongs to ${owner}`);
    if (enabled && rsaKey === undefined && ed25519Key === undefined) {
      report("enabled", "enabled: there is no key; set rsaKey, ed25519Key or both");
    }
    const hasNext = nextRsaKey !== undefined || nextEd25519Key !== undefined;
    if (hasNext !== (rotateOnDate !== undefined)) {
      report("rotateOnDate", "rotateOnDate: belongs with nextRsaKey, nextEd25519Key or both");
    }
    const selectors = new Set<string>();
    for (const [property, key] of keysOf(values)) {
      if (selectors.has(key.selector)) {
        const text = `${property}.selector: ${key.selector} is that of another key already`;
        report(property, text);
      }
      selectors.add(key.selector);
    }
  }
  return objects.map(({ values }) => values);
}

/** Its keys by the settings that have them. */
function keysOf(values: DkimSigningConfig): readonly (readonly [string, DkimKey])[] {
  const { rsaKey, ed25519Key, nextRsaKey, nextEd25519Key } = values;
  return Object.entries({ rsaKey, ed25519Key, nextRsaKey, nextEd25519Key }).flatMap(
    ([property, key]) => (key === undefined ? [] : [[property, key] as const]),
  );
}
