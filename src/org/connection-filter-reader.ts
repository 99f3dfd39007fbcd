import type { FaultList } from "./configuration-fault.ts";
import type { ConnectionFilterSettings, IPListProvider } from "./connection-filter-settings.ts";
import type { DeclaredObject } from "./declared-object.ts";
import { type ReadObject, readObjects, readSingle } from "./read-object.ts";

/** What the objects say of connection filtering; `undefined` when a fault was reported. */
export function readConnectionFilter(
  declared: readonly DeclaredObject[],
  faults: FaultList,
): ConnectionFilterSettings | undefined {
  const allowConfig = readSingle("ipAllowListConfig", declared, faults);
  const blockConfig = readSingle("ipBlockListConfig", declared, faults);
  const allowProviders = readSingle("ipAllowListProvidersConfig", declared, faults);
  const blockProviders = readSingle("ipBlockListProvidersConfig", declared, faults);
  const settings = {
    ipAllowListEntries: buildEntries(readObjects("ipAllowListEntry", declared, faults)),
    ipBlockListEntries: buildEntries(readObjects("ipBlockListEntry", declared, faults)),
    ipAllowListProviders: buildProviders(readObjects("ipAllowListProvider", declared, faults)),
    ipBlockListProviders: buildProviders(readObjects("ipBlockListProvider", declared, faults)),
  };
  if (allowConfig === undefined || blockConfig === undefined) return undefined;
  if (allowProviders === undefined || blockProviders === undefined) return undefined;
  return {
    ...settings,
    ipAllowListConfig: allowConfig.values,
    ipBlockListConfig: blockConfig.values,
    ipAllowListProvidersConfig: allowProviders.values,
    ipBlockListProvidersConfig: blockProviders.values,
  };
}

type Entry = ReadObject<"ipAllowListEntry" | "ipBlockListEntry">;

/** A link's addresses say nothing of who a sender is: scopes are faults. */
function buildEntries(entries: readonly Entry[]): readonly Entry["values"][] {
  for (const { values, report } of entries) {
    if (values.name.scope === undefined) continue;
    report("name", `name: ${values.name.text} is about one link; leave out what follows the %`);
  }
  return entries.map(({ values }) => values);
}

/** In the order in which they are asked; who has no priority comes last, in the order of names. */
function buildProviders(
  providers: readonly ReadObject<"ipAllowListProvider" | "ipBlockListProvider">[],
): readonly IPListProvider[] {
  const highest = Math.max(0, ...providers.map(({ values }) => values.priority ?? 0));
  let next = highest;
  const placed = providers
    .map(({ values }) => values)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map((values) => {
      if (values.priority === undefined) next += 1;
      return { ...values, priority: values.priority ?? next };
    });
  return placed.toSorted((one, other) => one.priority - other.priority);
}
