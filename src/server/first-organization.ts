import { networkInterfaces } from "node:os";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Configuration, ConfigurationObject } from "../org/configuration.ts";
import { defaultOrganization, defaultReceiveConnectors } from "../org/default-organization.ts";
import { GIVES_WAY } from "../org/object-owner.ts";
import { CONFIGURATION_KINDS } from "../org/settings/object-kinds.ts";
import type { ConfigurationRow, OrganizationStore } from "../store/organization-store.ts";
import { machineDefaults } from "./configuration-file.ts";

/** A start without a file on an empty data directory: enough to take mail in. */
export async function createFirstOrganization(
  store: Pick<OrganizationStore, "change">,
  diagnostics: Diagnostics,
): Promise<void> {
  const { hostName } = machineDefaults();
  const { objects, fqdn, domain } = defaultOrganization({ hostName, ipv6: hasIpv6() });
  await store.change({ objects: objects.map(rowOf) });
  diagnostics.info("organization-created", {
    fqdn,
    acceptedDomain: domain,
    receiveConnectors: namesOf(objects),
    next: "describe your organization in a file and start with --config FILE",
  });
}

/**
 * What a file gets besides what it declares: on an empty store, when it says nothing of receive
 * connectors, the default ones.
 */
export async function firstReceiveConnectors(
  { declaredKinds, organization }: Configuration,
  store: Pick<OrganizationStore, "readObjects">,
  diagnostics: Diagnostics,
): Promise<readonly ConfigurationRow[]> {
  if (declaredKinds.has("receiveConnector")) return [];
  if ((await store.readObjects()).version > 0) return [];
  const { fqdn } = organization.server;
  const objects = defaultReceiveConnectors({ fqdn, ipv6: hasIpv6() });
  diagnostics.info("receive-connectors-created", { receiveConnectors: namesOf(objects) });
  return objects.map(rowOf);
}

function rowOf({ kind, name, properties }: ConfigurationObject): ConfigurationRow {
  // In the order of the table, as a file that says the same would be stored.
  const given = Object.keys(CONFIGURATION_KINDS[kind].table).flatMap((property) =>
    Object.hasOwn(properties, property) ? [[property, properties[property]] as const] : [],
  );
  return { kind, name, json: JSON.stringify(Object.fromEntries(given)), owner: GIVES_WAY };
}

/** As an administrator reads them: `Default Frontend mail (0.0.0.0:25, [::]:25)`. */
function namesOf(objects: readonly ConfigurationObject[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind === "receiveConnector")
    .map(({ name, properties }) => `${name} (${JSON.stringify(properties["bindings"])})`);
}

function hasIpv6(): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return addresses.some(({ family }) => family === "IPv6");
}
