import type {
  AccessStore,
  AdministratorRow,
  ApiTokenRow,
  AuditRow,
} from "../store/access-store.ts";
import type { Remote } from "./thread-link.ts";

/** The access store's calls as they cross between threads. */
export type AccessCalls = {
  readonly readAdministrators: (nothing: undefined) => Promise<readonly AdministratorRow[]>;
  readonly putAdministrator: (row: AdministratorRow) => Promise<void>;
  readonly removeAdministrator: (name: string) => Promise<void>;
  readonly readTokens: (nothing: undefined) => Promise<readonly ApiTokenRow[]>;
  readonly putToken: (row: ApiTokenRow) => Promise<void>;
  readonly removeToken: (name: string) => Promise<void>;
  readonly addAudit: (row: AuditRow) => Promise<void>;
  readonly pruneAudit: (before: {
    readonly atMs: number;
    readonly limit: number;
  }) => Promise<number>;
};

/** Answers the other thread's calls from a store. */
export function answerAccessCalls(store: AccessStore): AccessCalls {
  return {
    readAdministrators: () => store.readAdministrators(),
    putAdministrator: (row) => store.putAdministrator(row),
    removeAdministrator: (name) => store.removeAdministrator(name),
    readTokens: () => store.readTokens(),
    putToken: (row) => store.putToken(row),
    removeToken: (name) => store.removeToken(name),
    addAudit: (row) => store.addAudit(row),
    pruneAudit: (before) => store.pruneAudit(before),
  };
}

/** The store at the other end; `failing` makes a StoreFailure of whatever goes wrong. */
export function openRemoteAccess(
  remote: Remote<AccessCalls>,
  failing: <Value>(call: Promise<Value>) => Promise<Value>,
): AccessStore {
  return {
    readAdministrators: () => failing(remote.ask("readAdministrators", undefined)),
    putAdministrator: (row) => failing(remote.ask("putAdministrator", row)),
    removeAdministrator: (name) => failing(remote.ask("removeAdministrator", name)),
    readTokens: () => failing(remote.ask("readTokens", undefined)),
    putToken: (row) => failing(remote.ask("putToken", row)),
    removeToken: (name) => failing(remote.ask("removeToken", name)),
    addAudit: (row) => failing(remote.ask("addAudit", row)),
    pruneAudit: (before) => failing(remote.ask("pruneAudit", before)),
  };
}
