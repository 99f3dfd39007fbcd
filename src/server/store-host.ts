import { MessageChannel, Worker } from "node:worker_threads";
import type { Diagnostics } from "../base/diagnostics.ts";
import { createQueueClient } from "../store/queue-client.ts";
import { type QueueStore, StoreFailure } from "../store/queue-store.ts";
import { openStorePort } from "../store/store-port.ts";
import { type OrganizationDatabase, openOrganizationPort } from "./organization-calls.ts";
import type {
  StoreSupervisorCalls,
  StoreThreadCalls,
  TransportThreadData,
} from "./thread-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** The store thread as the main thread holds it. */
export interface StoreHost {
  readonly remote: Remote<StoreThreadCalls>;
  /** The main thread's own ways to the databases. */
  readonly queue: QueueStore;
  readonly organization: OrganizationDatabase;
  /** Ways for one more transport thread. */
  attach(): Pick<TransportThreadData, "queuePort" | "organizationPort">;
  close(): Promise<void>;
}

/**
 * Starts the store thread. Rejects with StoreFailure when a database cannot be opened. `died` is
 * called when the thread ends unasked: then nothing can be made durable any more.
 */
export async function startStore(options: {
  readonly dataDirectory: string;
  readonly diagnostics: Diagnostics;
  readonly died: (reason: string) => void;
}): Promise<StoreHost> {
  const worker = new Worker(new URL("./store-thread.ts", import.meta.url), {
    workerData: { dataDirectory: options.dataDirectory },
    name: "store",
  });
  let isClosing = false;
  let lastError = "it ended";
  const remote = await new Promise<Remote<StoreThreadCalls>>((resolve, reject) => {
    const calls: StoreSupervisorCalls = {
      ready: (failure) => {
        if (failure === undefined) resolve(link);
        else reject(new StoreFailure(failure, { full: false }));
      },
    };
    const link = linkThreads<StoreThreadCalls>(worker, calls);
    worker.on("error", (error) => {
      lastError = error.stack ?? error.message;
      reject(new StoreFailure(error.message, { full: false }));
    });
    worker.on("exit", () => {
      reject(new StoreFailure(lastError, { full: false }));
      if (!isClosing) options.died(lastError);
    });
  }).catch((failure: unknown) => {
    isClosing = true;
    void worker.terminate();
    throw failure;
  });
  const attach = () => {
    const queue = new MessageChannel();
    const organization = new MessageChannel();
    const ports = { queue: queue.port1, organization: organization.port1 };
    remote.tell("attach", ports, [queue.port1, organization.port1]);
    return { queuePort: queue.port2, organizationPort: organization.port2 };
  };
  const own = attach();
  return {
    remote,
    attach,
    queue: createQueueClient(openStorePort(own.queuePort)),
    organization: openOrganizationPort(own.organizationPort),
    async close() {
      isClosing = true;
      await remote.ask("close", undefined);
      await worker.terminate();
    },
  };
}
