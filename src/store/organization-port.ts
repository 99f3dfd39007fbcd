import type { MessagePort } from "node:worker_threads";
import { unreachable } from "../base/assert.ts";
import type { Address } from "../mail/address.ts";
import type {
  ConfigurationRow,
  MemberPage,
  OrganizationStore,
  RecipientRow,
} from "./organization-store.ts";
import { StoreFailure } from "./queue-store.ts";

/** A call of the organization store as it crosses between threads. */
type OrganizationRequest =
  | {
      readonly kind: "applyConfiguration";
      readonly objects: readonly ConfigurationRow[];
      readonly recipients: readonly RecipientRow[];
    }
  | { readonly kind: "readObjects" }
  | { readonly kind: "findRecipients"; readonly addresses: readonly Address[] }
  | { readonly kind: "readMembers"; readonly group: Address; readonly page: MemberPage };

/** One answer; `failure` when the store could not do it. */
interface OrganizationResponse {
  readonly sequence: number;
  readonly value?: unknown;
  readonly failure?: { readonly message: string; readonly full: boolean };
}

/** The store thread's end: answers what comes through the port from the store at hand. */
export function serveOrganizationPort(port: MessagePort, store: OrganizationStore): void {
  port.on("message", (message: { sequence: number; request: OrganizationRequest }) => {
    const { sequence, request } = message;
    answer(store, request).then(
      (value) => port.postMessage({ sequence, value }),
      (error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        const full = error instanceof StoreFailure && error.full;
        port.postMessage({ sequence, failure: { message: text, full } });
      },
    );
  });
}

function answer(store: OrganizationStore, request: OrganizationRequest): Promise<unknown> {
  switch (request.kind) {
    case "applyConfiguration":
      return store.applyConfiguration(request);
    case "readObjects":
      return store.readObjects();
    case "findRecipients":
      return store.findRecipients(request.addresses);
    case "readMembers":
      return store.readMembers(request.group, request.page);
    default:
      return unreachable(request);
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (failure: StoreFailure) => void;
}

/**
 * The caller's end: the store of another thread. A call that the thread can no longer answer is a
 * StoreFailure; none waits for ever.
 */
export function openOrganizationPort(port: MessagePort): OrganizationStore {
  const waiting = new Map<number, Waiting>();
  let sequence = 0;
  let isClosed = false;
  const ended = (): StoreFailure => new StoreFailure("the store thread has ended", { full: false });
  port.on("message", ({ sequence: answered, value, failure }: OrganizationResponse) => {
    const caller = waiting.get(answered);
    waiting.delete(answered);
    if (failure === undefined) caller?.resolve(value);
    else caller?.reject(new StoreFailure(failure.message, { full: failure.full }));
  });
  port.on("close", () => {
    isClosed = true;
    for (const caller of waiting.values()) caller.reject(ended());
    waiting.clear();
  });
  // Each kind of request is answered with what its method of the store returns: see `answer`.
  const send = <Value>(request: OrganizationRequest): Promise<Value> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(ended());
      sequence += 1;
      waiting.set(sequence, { resolve: (value) => resolve(value as Value), reject });
      port.postMessage({ sequence, request });
    });
  return {
    applyConfiguration: ({ objects, recipients }) =>
      send({ kind: "applyConfiguration", objects: [...objects], recipients: [...recipients] }),
    readObjects: () => send({ kind: "readObjects" }),
    findRecipients: (addresses) => send({ kind: "findRecipients", addresses }),
    readMembers: (group, page) => send({ kind: "readMembers", group, page }),
  };
}
