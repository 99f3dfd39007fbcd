import type { MessagePort, Worker } from "node:worker_threads";
import type { Address } from "../mail/address.ts";
import type { AccessStore } from "../store/access-store.ts";
import type {
  ChangeOutcome,
  ConfigurationRow,
  DigestRow,
  MemberPage,
  MemberSlice,
  ObjectKey,
  OrganizationChange,
  OrganizationStore,
  RecipientPage,
  StoredRecipient,
  Versioned,
} from "../store/organization-store.ts";
import { StoreFailure } from "../store/queue-store.ts";
import type { RecordPage, RecordStore, StoredRecord } from "../store/record-store.ts";
import { type AccessCalls, answerAccessCalls, openRemoteAccess } from "./access-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** The organization store's calls as they cross between threads. */
export type OrganizationCalls = {
  readonly changeOrganization: (change: OrganizationChange) => Promise<ChangeOutcome>;
  readonly readObjects: (nothing: undefined) => Promise<Versioned<readonly ConfigurationRow[]>>;
  readonly findRecipients: (
    addresses: readonly Address[],
  ) => Promise<Versioned<readonly (StoredRecipient | undefined)[]>>;
  readonly readRecipients: (
    keys: readonly ObjectKey[],
  ) => Promise<Versioned<readonly (StoredRecipient | undefined)[]>>;
  readonly listRecipients: (page: RecipientPage) => Promise<Versioned<readonly StoredRecipient[]>>;
  readonly listDigests: (page: {
    readonly after: ObjectKey;
    readonly limit: number;
  }) => Promise<readonly DigestRow[]>;
  readonly readMembers: (request: {
    readonly group: Address;
    readonly page: MemberPage;
  }) => Promise<MemberSlice>;
  readonly findMembers: (request: {
    readonly group: Address;
    readonly addresses: readonly Address[];
  }) => Promise<readonly (Address | undefined)[]>;
} & RecordCalls &
  AccessCalls;

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
  readonly access: AccessStore;
}

/** Serves a store to the thread at the other end. */
export function serveOrganization(port: MessagePort, store: OrganizationDatabase): void {
  const { records } = store;
  const calls: OrganizationCalls = {
    changeOrganization: (change) => store.change(change),
    readObjects: () => store.readObjects(),
    findRecipients: (addresses) => store.findRecipients(addresses),
    readRecipients: (keys) => store.readRecipients(keys),
    listRecipients: (page) => store.listRecipients(page),
    listDigests: (page) => store.listDigests(page),
    readMembers: ({ group, page }) => store.readMembers(group, page),
    findMembers: ({ group, addresses }) => store.findMembers(group, addresses),
    readRecord: ({ kind, key }) => records.read(kind, key),
    listRecords: ({ kind, page }) => records.list(kind, page),
    writeRecords: (written) => records.write(written),
    removeRecords: ({ kind, keys }) => records.remove(kind, keys),
    pruneRecords: (nowMs) => records.prune(nowMs),
    ...answerAccessCalls(store.access),
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
    change: (change) => failing(remote.ask("changeOrganization", change)),
    readObjects: () => failing(remote.ask("readObjects", undefined)),
    findRecipients: (addresses) => failing(remote.ask("findRecipients", addresses)),
    // No more than the keys: what else an object has need not be fit to cross.
    readRecipients: (keys) =>
      failing(
        remote.ask(
          "readRecipients",
          keys.map(({ kind, name }) => ({ kind, name })),
        ),
      ),
    listRecipients: (page) => failing(remote.ask("listRecipients", page)),
    listDigests: (page) => failing(remote.ask("listDigests", page)),
    readMembers: (group, page) => failing(remote.ask("readMembers", { group, page })),
    findMembers: (group, addresses) => failing(remote.ask("findMembers", { group, addresses })),
    records: {
      read: (kind, key) => failing(remote.ask("readRecord", { kind, key })),
      list: (kind, page) => failing(remote.ask("listRecords", { kind, page })),
      write: (records) => failing(remote.ask("writeRecords", records)),
      remove: (kind, keys) => failing(remote.ask("removeRecords", { kind, keys })),
      prune: (nowMs) => failing(remote.ask("pruneRecords", nowMs)),
    },
    access: openRemoteAccess(remote, failing),
  };
}
