import type { SecretBox } from "../base/secret-box.ts";
import type {
  ConfigurationRow,
  OrganizationStore,
  RecipientRow,
} from "../store/organization-store.ts";
import type { Configuration, ConfigurationObject } from "./configuration.ts";
import { type StoredSecrets, sealAgain, secretProperties } from "./credential-rows.ts";
import type { DeclaredRecipient } from "./recipient-reader.ts";
import { CONFIGURATION_KINDS, RECIPIENT_KINDS } from "./settings/object-kinds.ts";
import type { SettingTable } from "./settings/setting.ts";

/** What was declared, as rows for the store, whole in memory; whose they are is said later. */
export interface ConfigurationRows {
  readonly objects: readonly ConfigurationRow[];
  readonly recipients: readonly RecipientRow[];
}

/** Recipients hashed for at one time: each takes a thread of the pool and 19 MiB. */
const HASHES_AT_ONCE = 4;

/** Addresses asked for in one call of the store. */
const LOOKUP_BATCH = 500;

/** What rows are compared with: to keep what is hashed or sealed there already. */
type Stored = Pick<OrganizationStore, "findRecipients" | "readObjects">;

/**
 * A configuration as rows for the store: passwords hashed, other secrets sealed. A secret that the
 * store holds already keeps its form, so that applying a file again changes nothing. Rejects with
 * StoreFailure.
 */
export async function createConfigurationRows(
  configuration: Configuration,
  store: Stored,
  box: SecretBox,
): Promise<ConfigurationRows> {
  const { objects, recipients } = configuration;
  return {
    objects: await sealObjects(objects, store, box),
    recipients: await recipientRows(recipients, store, box),
  };
}

/** Objects as rows, their secrets sealed, or kept as they were sealed before. */
export async function sealObjects(
  objects: readonly ConfigurationObject[],
  store: Pick<OrganizationStore, "readObjects">,
  box: SecretBox,
): Promise<readonly ConfigurationRow[]> {
  const { value } = await store.readObjects();
  const stored = new Map(value.map(({ kind, name, json }) => [`${kind}\0${name}`, json]));
  return objects.map(({ kind, name, properties }) => {
    const known = parseObject(stored.get(`${kind}\0${name}`));
    const sealed = sealSecrets(CONFIGURATION_KINDS[kind].table, properties, { known, box });
    return { kind, name, json: JSON.stringify(sealed) };
  });
}

/** Seals every value whose setting is a secret, sections included. */
function sealSecrets(
  table: SettingTable,
  properties: Readonly<Record<string, unknown>>,
  context: { readonly known: Readonly<Record<string, unknown>>; readonly box: SecretBox },
): Readonly<Record<string, unknown>> {
  const sealed = Object.entries(properties).map(([name, value]) => {
    const type = Object.hasOwn(table, name) ? table[name]?.type : undefined;
    const known = Object.hasOwn(context.known, name) ? context.known[name] : undefined;
    if (type?.isSecret === true && typeof value === "string") {
      return [name, sealAgain(value, known, context.box)];
    }
    if (type?.table === undefined || !isRecord(value)) return [name, value];
    const inner = { ...context, known: isRecord(known) ? known : {} };
    return [name, sealSecrets(type.table, value, inner)];
  });
  return Object.fromEntries(sealed);
}

/** Recipients as rows, their secrets hashed or sealed, or kept as they are stored. */
export async function recipientRows(
  recipients: readonly DeclaredRecipient[],
  store: Stored,
  box: SecretBox,
): Promise<readonly RecipientRow[]> {
  const withSecrets = recipients.filter(hasSecrets);
  const stored = await readStoredSecrets(withSecrets, store);
  const made = new Map<DeclaredRecipient, Readonly<Record<string, unknown>>>();
  // One iterator for all workers: each takes the next recipient when it is done with the last.
  const waiting = withSecrets.values();
  const work = async (): Promise<void> => {
    for (const recipient of waiting) {
      if (recipient.secrets === undefined) continue;
      const known = stored.get(recipient) ?? {};
      made.set(recipient, await secretProperties(recipient.secrets, known, box));
    }
  };
  await Promise.all(Array.from({ length: HASHES_AT_ONCE }, work));
  return recipients.map((recipient) => {
    const { kind, name, properties, addresses, members } = recipient;
    const all: Readonly<Record<string, unknown>> = { ...properties, ...made.get(recipient) };
    // In the order of the table: what is given as a hash makes the same row as its password.
    const ordered = Object.keys(RECIPIENT_KINDS[kind].table).flatMap((property) =>
      Object.hasOwn(all, property) ? [[property, all[property]] as const] : [],
    );
    const json = JSON.stringify(Object.fromEntries(ordered));
    return { kind, name, json, addresses, members };
  });
}

function hasSecrets({ secrets }: DeclaredRecipient): boolean {
  if (secrets === undefined) return false;
  const { password, ntHash, appPasswords } = secrets;
  return password !== undefined || ntHash !== undefined || appPasswords.length > 0;
}

/** What the store has for recipients of the same kind and name. */
async function readStoredSecrets(
  recipients: readonly DeclaredRecipient[],
  store: Stored,
): Promise<ReadonlyMap<DeclaredRecipient, StoredSecrets>> {
  const secrets = new Map<DeclaredRecipient, StoredSecrets>();
  for (let start = 0; start < recipients.length; start += LOOKUP_BATCH) {
    const batch = recipients.slice(start, start + LOOKUP_BATCH);
    const { value: found } = await store.findRecipients(
      batch.flatMap(({ addresses }) => addresses.slice(0, 1)),
    );
    batch.forEach((recipient, index) => {
      const row = found[index];
      if (row?.kind !== recipient.kind || row.name !== recipient.name) return;
      secrets.set(recipient, parseObject(row.json));
    });
  }
  return secrets;
}

function parseObject(json: string | undefined): Readonly<Record<string, unknown>> {
  if (json === undefined) return {};
  const parsed: unknown = JSON.parse(json);
  return isRecord(parsed) ? parsed : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
