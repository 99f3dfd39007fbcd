import type {
  ConfigurationRow,
  OrganizationStore,
  RecipientRow,
} from "../store/organization-store.ts";
import type { Configuration } from "./configuration.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import type { DeclaredRecipient } from "./recipient-reader.ts";

/** What `applyConfiguration` of the store takes, whole in memory. */
export interface ConfigurationRows {
  readonly objects: readonly ConfigurationRow[];
  readonly recipients: readonly RecipientRow[];
}

/** Hashes made at one time: each takes a thread of the pool and 19 MiB. */
const HASHES_AT_ONCE = 4;

/** Addresses asked for in one call of the store. */
const LOOKUP_BATCH = 500;

/**
 * A configuration as rows for the store, passwords hashed. A password that the store holds already
 * keeps its hash, so that applying a file again changes nothing. Rejects with StoreFailure.
 */
export async function createConfigurationRows(
  configuration: Configuration,
  store: Pick<OrganizationStore, "findRecipients">,
): Promise<ConfigurationRows> {
  const { objects, recipients } = configuration;
  const hashes = await hashPasswords(recipients, store);
  return {
    objects: objects.map(({ kind, name, properties }) => ({
      kind,
      name,
      json: JSON.stringify(properties),
    })),
    recipients: recipients.map((recipient) => recipientRow(recipient, hashes.get(recipient))),
  };
}

function recipientRow(
  recipient: DeclaredRecipient,
  passwordHash: string | undefined,
): RecipientRow {
  const { kind, name, properties, addresses, members } = recipient;
  const stored = passwordHash === undefined ? properties : { ...properties, passwordHash };
  return { kind, name, json: JSON.stringify(stored), addresses, members };
}

async function hashPasswords(
  recipients: readonly DeclaredRecipient[],
  store: Pick<OrganizationStore, "findRecipients">,
): Promise<ReadonlyMap<DeclaredRecipient, string>> {
  const withPassword = recipients.filter(({ password }) => password !== undefined);
  const stored = await readStoredHashes(withPassword, store);
  const hashes = new Map<DeclaredRecipient, string>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const recipient = withPassword[next];
      next += 1;
      if (recipient?.password === undefined) return;
      const known = stored.get(recipient);
      const isKept = known !== undefined && (await verifyPassword(recipient.password, known));
      hashes.set(recipient, isKept ? known : await hashPassword(recipient.password));
    }
  };
  await Promise.all(Array.from({ length: HASHES_AT_ONCE }, work));
  return hashes;
}

/** The hashes that the store has for recipients of the same kind and name. */
async function readStoredHashes(
  recipients: readonly DeclaredRecipient[],
  store: Pick<OrganizationStore, "findRecipients">,
): Promise<ReadonlyMap<DeclaredRecipient, string>> {
  const hashes = new Map<DeclaredRecipient, string>();
  for (let start = 0; start < recipients.length; start += LOOKUP_BATCH) {
    const batch = recipients.slice(start, start + LOOKUP_BATCH);
    const { value: found } = await store.findRecipients(
      batch.flatMap(({ addresses }) => addresses.slice(0, 1)),
    );
    batch.forEach((recipient, index) => {
      const row = found[index];
      if (row?.kind !== recipient.kind || row.name !== recipient.name) return;
      const properties: unknown = JSON.parse(row.json);
      if (typeof properties !== "object" || properties === null) return;
      if (!("passwordHash" in properties)) return;
      const hash = properties.passwordHash;
      if (typeof hash === "string") hashes.set(recipient, hash);
    });
  }
  return hashes;
}
