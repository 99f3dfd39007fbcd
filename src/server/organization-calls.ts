import type { MessagePort, Worker } from "node:worker_threads";
import type { Address } from "../mail/address.ts";
import type {
  ConfigurationRow,
  MemberPage,
  OrganizationStore,
  RecipientRow,
  StoredRecipient,
  Versioned,
} from "../store/organization-store.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type { RecordPage, RecordStore, StoredRecord } from "../store/record-store.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** The organization store's calls as they cross between threads. */
export type OrganizationCalls = {
  readonly applyConfiguration: (rows: {
    readonly objects: readonly ConfigurationRow[];
    readonly recipients: readonly RecipientRow[];
  }) => Promise<Versioned<{ readonly changed: boolean }>>;
  readonly readObjects: (nothing: undefined) => Promise<Versioned<readonly ConfigurationRow[]>>;
  readonly findRecipients: (
    addresses: readonly Address[],
  ) => Promise<Versioned<readonly (StoredRecipient | undefined)[]>>;
  readonly readMembers: (request: {
    readonly group: Address;
    readonly page: MemberPage;
  }) => Promise<readonly Address[]>;
} & RecordCalls;

type RecordCalls = {
  readonly readRecord: (id: {
    readonly kind: string;
    readonly key: string;
  }) => Promise<StoredRecord | undefined>;
  readonly listRecords: (request: {
    readonly kind: string;
    readonly page: RecordPage;
  }) => Promise<readonly StoredRecord[]>;
  readonly writeRecords: (records: readonly StoredRecord[]) => Promise<void>;
  readonly removeRecords: (request: {
    readonly kind: string;
    readonly keys: readonly string[];
  }) => Promise<void>;
  readonly pruneRecords: (nowMs: number) => Promise<number>;
};

/** The organization database: configuration and recipients, and what was learnt besides. */
export interface OrganizationDatabase extends OrganizationStore {
  readonly records: RecordStore;
}

/** Serves a store to the thread at the other end. */
export function serveOrganization(port: MessagePort, store: OrganizationDatabase): void {
  const { records } = store;
  const calls: OrganizationCalls = {
    applyConfiguration: (rows) => store.applyConfiguration(rows),
    readObjects: () => store.readObjects(),
    findRecipients: (addresses) => store.findRecipients(addresses),
    readMembers: ({ group, page }) => store.readMembers(group, page),
    readRecord: ({ kind, key }) => records.read(kind, key),
    listRecords: ({ kind, page }) => records.list(kind, page),
    writeRecords: (written) => records.write(written),
    removeRecords: ({ kind, keys }) => records.remove(kind, keys),
    pruneRecords: (nowMs) => records.prune(nowMs),
  };
  linkThreads<Record<string, never>>(port, calls);
}

/**
 * The store at the other end. Its calls reject with StoreFailure, also when that thread has ended.
 */
export function openOrganizationPort(port: MessagePort | Worker): OrganizationDatabase {
  const remote: Remote<OrganizationCalls> = linkThreads<OrganizationCalls>(port, {});
  const failing = <Value>(call: Promise<Value>): Promise<Value> =>
    call.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreFailure(reason, { full: false });
    });
  return {
    applyConfiguration: ({ objects, recipients }) =>
      failing(
        remote.ask("applyConfiguration", { objects: [...objects], recipients: [...recipients] }),
      ),
    readObjects: () => failing(remote.ask("readObjects", undefined)),
    findRecipients: (addresses) => failing(remote.ask("findRecipients", addresses)),
    readMembers: (group, page) => failing(remote.ask("readMembers", { group, page })),
    records: {
      read: (kind, key) => failing(remote.ask("readRecord", { kind, key })),
      list: (kind, page) => failing(remote.ask("listRecords", { kind, page })),
      write: (records) => failing(remote.ask("writeRecords", records)),
      remove: (kind, keys) => failing(remote.ask("removeRecords", { kind, keys })),
      prune: (nowMs) => failing(remote.ask("pruneRecords", nowMs)),
    },
  };
}
