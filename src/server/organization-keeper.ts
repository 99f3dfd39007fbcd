import { resolve } from "node:path";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { Configuration } from "../org/configuration.ts";
import { describeComparison } from "../org/configuration-comparison.ts";
import { formatFault } from "../org/configuration-fault.ts";
import type { Organization } from "../org/organization.ts";
import type { OrganizationEditor } from "../org/organization-editor.ts";
import { type PutInForce, StoredOrganization } from "../org/stored-organization.ts";
import type { OrganizationStore } from "../store/organization-store.ts";
import { StoreFailure } from "../store/queue-store.ts";
import {
  machineDefaults,
  parseConfigurationText,
  readConfigurationFile,
} from "./configuration-file.ts";
import { createFirstOrganization, firstReceiveConnectors } from "./first-organization.ts";
import { StartFailure } from "./start-failure.ts";

/** Keeps the organization in force, and brings the configuration file into the store. */
export class OrganizationKeeper {
  readonly #configFile: string | undefined;
  readonly #diagnostics: Diagnostics;
  #configuration: Configuration | undefined;
  #stored: StoredOrganization | undefined;

  constructor(options: {
    readonly configFile: string | undefined;
    readonly diagnostics: Diagnostics;
  }) {
    // Absolute: it names the owner of what it declares, wherever the server is started from.
    this.#configFile = options.configFile === undefined ? undefined : resolve(options.configFile);
    this.#diagnostics = options.diagnostics;
  }

  /** The organization in force. */
  get organization(): Organization {
    return this.editor.organization;
  }

  /** Absolute path of the file that the server was started with. */
  get file(): string | undefined {
    return this.#configFile;
  }

  /** The way to change it. */
  get editor(): OrganizationEditor {
    if (this.#stored === undefined) throw new StartFailure("no organization is in force yet");
    return this.#stored;
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
    const file = this.#configFile;
    const machine = machineDefaults();
    const parse = parseConfigurationText;
    const stored = new StoredOrganization({ store, secrets, machine, file, parse });
    if (this.#configuration !== undefined) {
      const first = await firstReceiveConnectors(this.#configuration, store, this.#diagnostics);
      const used = await stored.useFile(this.#configuration, first);
      // Objects that the file says nothing about may not fit what it says.
      if (!used.ok) throw new StartFailure(used.fault.messages.join("\n"));
    } else if ((await store.readObjects()).version === 0) {
      await createFirstOrganization(store, this.#diagnostics);
    }
    const built = await stored.open();
    if (!built.ok) throw new StartFailure(built.fault.map(formatFault).join("\n"));
    this.#stored = stored;
    this.#tellUnreadable(built.value, secrets);
  }

  /** From now on, changes go to the threads this way. */
  start(putInForce: PutInForce): void {
    this.#stored?.start(putInForce);
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
    const stored = this.#stored;
    if (this.#configFile === undefined || stored === undefined) {
      this.#diagnostics.warn("reload-without-file", { cure: "start with --config FILE" });
      return false;
    }
    const read = await readConfigurationFile(this.#configFile);
    if (!read.ok) {
      this.#diagnostics.error("reload-refused", { faults: read.fault });
      return false;
    }
    const before = stored.organization.version;
    try {
      const used = await stored.useFile(read.value);
      if (!used.ok) {
        this.#diagnostics.error("reload-refused", { faults: used.fault.messages });
        return false;
      }
      const { version } = stored.organization;
      if (version === before) {
        this.#diagnostics.info("reload-without-change");
        return false;
      }
      const difference = describeComparison(used.value.comparison);
      this.#diagnostics.info("reloaded", { version, ...difference });
      return true;
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#diagnostics.error("reload-failed", { reason: error.message });
      return false;
    }
  }
}

const UNSEAL =
  "it was sealed with another key: bring secret.key of the data directory back from backup, or " +
  "start with --config FILE that sets it anew";
