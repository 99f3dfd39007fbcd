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
};

/** Serves a store to the thread at the other end. */
export function serveOrganization(port: MessagePort, store: OrganizationStore): void {
  const calls: OrganizationCalls = {
    applyConfiguration: (rows) => store.applyConfiguration(rows),
    readObjects: () => store.readObjects(),
    findRecipients: (addresses) => store.findRecipients(addresses),
    readMembers: ({ group, page }) => store.readMembers(group, page),
  };
  linkThreads<Record<string, never>>(port, calls);
}

/**
 * The store at the other end. Its calls reject with StoreFailure, also when that thread has ended.
 */
export function openOrganizationPort(port: MessagePort | Worker): OrganizationStore {
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
  };
}
