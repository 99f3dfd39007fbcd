import { fault, ok, type Result } from "../base/result.ts";
import type { ConfigurationRow, Versioned } from "../store/organization-store.ts";
import { fromConfigJson } from "./config-value.ts";
import { type ConfigurationFault, FaultList, quote } from "./configuration-fault.ts";
import { declareObject } from "./declared-object.ts";
import type { Organization } from "./organization.ts";
import { type Machine, readOrganization } from "./organization-reader.ts";
import { isConfigurationKind } from "./settings/object-kinds.ts";

/** How faults name the store. */
const STORE_NAME = "organization database";

/**
 * The organization that the stored objects come to, with the store's version. A fault means that
 * another release wrote them, or somebody else did: the server must not start on half of them.
 */
export function buildOrganization(
  stored: Versioned<readonly ConfigurationRow[]>,
  machine: Machine,
): Result<Organization, readonly ConfigurationFault[]> {
  const faults = new FaultList(STORE_NAME);
  const declared = stored.value.flatMap(({ kind, name, json }) => {
    const properties = fromConfigJson(parseJson(json));
    if (isConfigurationKind(kind) && properties.kind === "map") {
      return [declareObject(kind, properties, quote(name))];
    }
    const message = `holds ${quote(kind)} ${quote(name)}, which this release cannot read`;
    faults.add(properties.at, { message });
    return [];
  });
  const organization = readOrganization(declared, machine, faults);
  if (organization === undefined) return fault(faults.list());
  return ok({ ...organization, version: stored.version });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The caller reports the row: nothing in it is a mapping.
    return undefined;
  }
}
