import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { FIXED_QUEUES, HEALTHY } from "../../store/queue-rows.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { ListedQueue, LocatedMessage } from "../../transport/queue/queue-listing.ts";
import type { MessageOrder, QueueOrder } from "../../transport/queue/queue-orders.ts";
import type { QueueDesk, QueueJob } from "./services.ts";
import { QUEUE_CMDLETS } from "./table.ts";

/** A queue of a domain, with so many messages. */
export function sampleQueue(
  id: number,
  domain: string,
  changes: Partial<ListedQueue> = {},
): ListedQueue {
  const fixed = FIXED_QUEUES.find((one) => one.id === id);
  return {
    id,
    key: fixed?.key ?? {
      deliveryType: "DnsConnectorDelivery",
      nextHopDomain: domain,
      nextHopConnector: "Out",
    },
    status: "Ready",
    messages: { High: 0, Normal: 0, Low: 0 },
    deferred: { High: 0, Normal: 0, Low: 0 },
    state: HEALTHY,
    incomingRate: 0,
    outgoingRate: 0,
    ...changes,
  };
}

/** A message that waits in a queue. */
export function sampleLocated(
  queue: ListedQueue,
  message: Partial<QueuedMessage> & { readonly id: number },
  changes: Partial<Omit<LocatedMessage, "recipients">> & {
    readonly recipient?: Partial<QueuedRecipient>;
  } = {},
): LocatedMessage {
  const { recipient, ...others } = changes;
  return {
    message: sampleMessage(message.id, message),
    queue,
    status: "Retry",
    recipients: [{ recipient: sampleRecipient(0, recipient), status: "Retry", dueMs: 1 }],
    recipientCount: 1,
    ...others,
  };
}

/** A server with queues and messages that a test lays down, and what was asked of it. */
export class FakeDesk implements QueueDesk {
  readonly clock = fakeClock();
  queues: ListedQueue[] = [];
  located: LocatedMessage[] = [];
  readonly orders: (QueueOrder | MessageOrder)[] = [];
  readonly jobsStarted: QueueJob[] = [];
  readonly audited: AuditEntry[] = [];
  /** What an act on a queue comes to. */
  queueResult: Awaited<ReturnType<QueueDesk["actOnQueue"]>> = "done";
  /** Acts on messages never end. */
  isBusy = false;
  text = "Subject: x\r\n\r\nbody\r\n";
  readonly others = new Map<string, readonly Readonly<Record<string, unknown>>[]>();

  serverName = () => "mail.contoso.test";
  tlsDomainOf = (connector: string) => (connector === "Partner" ? "partner.test" : undefined);
  list = async () => ({ queues: this.queues, warnings: [] });

  async *messages(scope: Parameters<QueueDesk["messages"]>[0]) {
    const { ids, queue, after = 0, before = Number.POSITIVE_INFINITY } = scope;
    const wanted = this.located.filter(
      ({ message: { id }, queue: own }) =>
        (ids?.includes(id) ?? true) &&
        (queue === undefined || queue.id === own.id) &&
        id > after &&
        id < before,
    );
    for (let start = 0; start < wanted.length; start += 2) yield wanted.slice(start, start + 2);
  }

  places = async ({ queue: wanted }: Parameters<QueueDesk["places"]>[0]) =>
    this.located
      .filter(({ queue }) => wanted === undefined || wanted.id === queue.id)
      .map(({ message, queue }) => ({ messageId: message.id, queue }));

  content = () => {
    const bytes = Buffer.from(this.text);
    const read = async (index: number) => (index === 0 ? bytes : undefined);
    return { bytes: bytes.length, peek: () => undefined, read };
  };

  whole: QueueDesk["whole"] = async () => () => true;

  actOnQueue = async (order: QueueOrder) => {
    this.orders.push(order);
    return this.queueResult;
  };

  actOnMessages = (order: MessageOrder) => {
    this.orders.push(order);
    return this.isBusy ? new Promise<number>(() => {}) : Promise.resolve(1);
  };

  jobs: QueueDesk["jobs"] = {
    start: async ({ task, by, expected }) => {
      const state = "Completed";
      const times = { startedMs: 0, endedMs: 1 };
      const id = `job-${this.jobsStarted.length + 1}`;
      const job = { id, task, by, state, ...times, done: expected, expected, error: undefined };
      this.jobsStarted.push({ ...job, state: "Completed" });
      return { ...job, state: "Completed" };
    },
    list: async () => this.jobsStarted,
    stop: async (id) => this.jobsStarted.find((job) => job.id === id),
  };

  otherServers: QueueDesk["otherServers"] = {
    names: async () => [...this.others.keys()],
    run: async (server) => {
      const objects = this.others.get(server) ?? [];
      if (objects.length === 0) throw new Error("connection refused");
      return objects;
    },
  };

  redirectedTo: readonly string[] | undefined;
  redirection: QueueDesk["redirection"] = {
    state: undefined,
    begin: async ({ targets, by }) => {
      if (targets.includes("bad")) return { ok: false, fault: "no target" };
      this.redirectedTo = targets;
      return { ok: true, value: { targets, by, sinceMs: 0 } };
    },
    end: async () => {
      this.redirectedTo = undefined;
    },
  };

  /** Runs a cmdlet as an administrator; throws what it fails with. */
  async run(
    cmdlet: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly OutputObject[]> {
    const records = await this.records(cmdlet, parameters);
    const last = records.at(-1);
    if (last?.kind === "failed") throw new Error(last.message);
    return records.flatMap((record) => (record.kind === "object" ? [record.value] : []));
  }

  /** Everything that a run says. */
  async records(
    cmdlet: string,
    parameters: Readonly<Record<string, unknown>> = {},
    whatIf: "whatIf" | "run" = "run",
  ): Promise<readonly ExecutionRecord[]> {
    const execute = createExecute({
      table: createCmdletTable(QUEUE_CMDLETS),
      services: { queues: this },
      clock: this.clock,
      diagnostics: silentDiagnostics,
      audit: async (entry) => void this.audited.push(entry),
    });
    const request = {
      cmdlet,
      parameters,
      whatIf: whatIf === "whatIf",
      signal: new AbortController().signal,
      caller: {
        name: "carol",
        roleGroups: ["Server Management"],
        via: "socket",
        address: "",
      } as const,
    };
    const records: ExecutionRecord[] = [];
    for await (const record of execute(request)) records.push(record);
    return records;
  }
}
