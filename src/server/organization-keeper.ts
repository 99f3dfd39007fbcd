import { networkInterfaces } from "node:os";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { Configuration, ConfigurationObject } from "../org/configuration.ts";
import { diffConfiguration } from "../org/configuration-difference.ts";
import { formatFault } from "../org/configuration-fault.ts";
import { type ConfigurationRows, createConfigurationRows } from "../org/configuration-rows.ts";
import { defaultOrganization, defaultReceiveConnectors } from "../org/default-organization.ts";
import type { Organization } from "../org/organization.ts";
import { buildOrganization } from "../org/snapshot.ts";
import type { ConfigurationRow, OrganizationStore } from "../store/organization-store.ts";
import { StoreFailure } from "../store/queue-store.ts";
import { machineDefaults, readConfigurationFile } from "./configuration-file.ts";
import { StartFailure } from "./start-failure.ts";

/** Keeps the organization in force, and brings the configuration file into the store. */
export class OrganizationKeeper {
  readonly #configFile: string | undefined;
  readonly #diagnostics: Diagnostics;
  #store: OrganizationStore | undefined;
  #secrets: SecretBox | undefined;
  #configuration: Configuration | undefined;
  #rows: ConfigurationRows | undefined;
  #organization: Organization | undefined;

  constructor(options: {
    readonly configFile: string | undefined;
    readonly diagnostics: Diagnostics;
  }) {
    this.#configFile = options.configFile;
    this.#diagnostics = options.diagnostics;
  }

  /** The organization in force. */
  get organization(): Organization {
    if (this.#organization === undefined) throw new StartFailure("no organization is in force yet");
    return this.#organization;
  }

  /** Reads the file, when there is one. Rejects with StartFailure that lists every fault. */
  async readFile(): Promise<void> {
    if (this.#configFile === undefined) return;
    const read = await readConfigurationFile(this.#configFile);
    if (!read.ok) throw new StartFailure(read.fault.join("\n"));
    this.#configuration = read.value;
  }

  /**
   * Applies what was read, secrets sealed, and takes the result into force; makes an organization
   * where there is neither a file nor one stored. Rejects with StartFailure or StoreFailure.
   */
  async open(store: OrganizationStore, secrets: SecretBox): Promise<void> {
    this.#store = store;
    this.#secrets = secrets;
    if (this.#configuration !== undefined) {
      const rows = await createConfigurationRows(this.#configuration, store, secrets);
      this.#rows = await this.#withReceiveConnectors(this.#configuration, rows, store);
      // Connectors that the file says nothing about may not fit what it says.
      const built = buildOrganization({ version: 0, value: this.#rows.objects }, machineDefaults());
      if (!built.ok) throw new StartFailure(built.fault.map(formatFault).join("\n"));
      await store.applyConfiguration(this.#rows);
    } else if ((await store.readObjects()).version === 0) {
      await this.#createOrganization(store);
    }
    this.#organization = await build(store);
    this.#tellUnreadable(this.#organization, secrets);
  }

  /** Of another key: what was sealed is lost, and mail that needs it waits. */
  #tellUnreadable({ sendConnectors }: Organization, secrets: SecretBox): void {
    for (const { name, authenticationCredential, oauthClient } of sendConnectors) {
      for (const [setting, sealed] of [
        ["authenticationCredential.password", authenticationCredential?.password],
        ["oauthClient.clientSecret", oauthClient?.clientSecret],
      ] as const) {
        if (sealed === undefined || secrets.open(sealed) !== undefined) continue;
        this.#diagnostics.error("secret-unreadable", {
          sendConnector: name,
          setting,
          cure: UNSEAL,
        });
      }
    }
  }

  /** Reads the file again; true when another organization is in force now. Never rejects. */
  async reload(): Promise<boolean> {
    const [store, secrets] = [this.#store, this.#secrets];
    if (this.#configFile === undefined || store === undefined || secrets === undefined) {
      this.#diagnostics.warn("reload-without-file", { cure: "start with --config FILE" });
      return false;
    }
    const read = await readConfigurationFile(this.#configFile);
    if (!read.ok) {
      this.#diagnostics.error("reload-refused", { faults: read.fault });
      return false;
    }
    try {
      const declared = await createConfigurationRows(read.value, store, secrets);
      const rows = await this.#withReceiveConnectors(read.value, declared, store);
      // What cannot be in force must not be stored either: the next start would fail on it.
      const built = buildOrganization({ version: 0, value: rows.objects }, machineDefaults());
      if (!built.ok) {
        this.#diagnostics.error("reload-refused", { faults: built.fault.map(formatFault) });
        return false;
      }
      const { version } = await store.applyConfiguration(rows);
      // Not by whether this call changed something: an earlier one may have, and failed after that.
      if (version === this.organization.version) {
        this.#diagnostics.info("reload-without-change");
        return false;
      }
      this.#organization = await build(store);
      const difference = diffConfiguration(this.#rows ?? NO_ROWS, rows);
      this.#rows = rows;
      this.#diagnostics.info("reloaded", { version: this.#organization.version, ...difference });
      return true;
    } catch (error) {
      if (!(error instanceof StoreFailure || error instanceof StartFailure)) throw error;
      this.#diagnostics.error("reload-failed", { reason: error.message });
      return false;
    }
  }

  /** A start without a file on an empty data directory: enough to take mail in. */
  async #createOrganization(store: OrganizationStore): Promise<void> {
    const { hostName } = machineDefaults();
    const { objects, fqdn, domain } = defaultOrganization({ hostName, ipv6: hasIpv6() });
    await store.applyConfiguration({ objects: objects.map(rowOf), recipients: [] });
    this.#diagnostics.info("organization-created", {
      fqdn,
      acceptedDomain: domain,
      receiveConnectors: namesOf(objects),
      next: "describe your organization in a file and start with --config FILE",
    });
  }

  /**
   * A file without `receiveConnectors` leaves them as they are; on an empty store they are the
   * default ones.
   */
  async #withReceiveConnectors(
    { declaresReceiveConnectors, organization }: Configuration,
    rows: ConfigurationRows,
    store: OrganizationStore,
  ): Promise<ConfigurationRows> {
    if (declaresReceiveConnectors) return rows;
    const stored = await store.readObjects();
    if (stored.version > 0) {
      const kept = stored.value.filter(({ kind }) => kind === "receiveConnector");
      return { ...rows, objects: [...rows.objects, ...kept] };
    }
    const { fqdn } = organization.server;
    const objects = defaultReceiveConnectors({ fqdn, ipv6: hasIpv6() });
    this.#diagnostics.info("receive-connectors-created", { receiveConnectors: namesOf(objects) });
    return { ...rows, objects: [...rows.objects, ...objects.map(rowOf)] };
  }
}

function rowOf({ kind, name, properties }: ConfigurationObject): ConfigurationRow {
  return { kind, name, json: JSON.stringify(properties) };
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

const UNSEAL =
  "it was sealed with another key: bring secret.key of the data directory back from backup, or " +
  "start with --config FILE that sets it anew";
const NO_ROWS: ConfigurationRows = { objects: [], recipients: [] };

async function build(store: OrganizationStore): Promise<Organization> {
  const stored = await store.readObjects();
  const built = buildOrganization(stored, machineDefaults());
  if (!built.ok) throw new StartFailure(built.fault.map(formatFault).join("\n"));
  return built.value;
}
