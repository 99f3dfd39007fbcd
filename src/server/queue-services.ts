import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { QueueDesk } from "../cmdlets/queues/services.ts";
import type { Organization } from "../org/organization.ts";
import type { ComponentKeeper } from "./component-keeper.ts";
import type { LogHost } from "./log-host.ts";
import { MailRedirectionKeeper } from "./mail-redirection.ts";
import { openOtherServers } from "./other-servers.ts";
import { createQueueDesk } from "./queue-desk.ts";
import { QueueJobRunner } from "./queue-jobs.ts";
import type { StoreHost } from "./store-host.ts";
import type { Supervisor } from "./supervisor.ts";

/** The desk, and its beginning and end. */
export interface QueueHost {
  readonly desk: QueueDesk;
  /** Takes up the jobs that the server was at when it ended. Rejects with StoreFailure. */
  open(): Promise<void>;
  /** Lets go of the jobs; the next start goes on with them. */
  stop(): void;
}

/** What administrators see of queues and do to them, over all threads. */
export function createQueueHost(parts: {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly dataDirectory: string;
  readonly organization: () => Organization;
  readonly store: StoreHost;
  readonly supervisor: Supervisor;
  readonly logs: LogHost;
  readonly components: ComponentKeeper;
}): QueueHost {
  const { clock, diagnostics, store, organization } = parts;
  const threadCount = organization().server.transportThreads;
  const { records } = store.organization;
  const redirection = new MailRedirectionKeeper({ ...parts, records });
  const view = createQueueDesk({ ...parts, threadCount });
  const desk: QueueDesk = {
    ...view,
    otherServers: openOtherServers(parts),
    redirection,
    get jobs() {
      return jobs;
    },
  };
  const jobs = new QueueJobRunner({
    desk,
    records,
    reserveId: () => store.queue.reserveIds(1),
    clock,
    diagnostics,
  });
  return {
    desk,
    async open() {
      await redirection.open();
      await jobs.open();
    },
    stop: () => jobs.stopAll(),
  };
}
