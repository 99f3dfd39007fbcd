import assert from "node:assert/strict";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { type FakeClock, fakeClock } from "../../base/clock.fake.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { createMetrics, type Metrics } from "../../base/metrics.ts";
import { type Address, domainOf } from "../../mail/address.ts";
import { parseConfiguration } from "../../org/configuration.ts";
import type { Organization, TransportService } from "../../org/organization.ts";
import { sampleTransportService } from "../../org/sample-objects.fake.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { MemoryQueueStore } from "../../store/queue-memory.ts";
import type {
  QueuedMessage,
  QueuedRecipient,
  QueueKey,
  QueueStore,
  RecipientKey,
} from "../../store/queue-store.ts";
import type { RecordStore } from "../../store/record-store.ts";
import type { Categorization, RoutedRecipient } from "./categorization.ts";
import { FakeHop } from "./hop.fake.ts";
import { ContentBudget } from "./message-content.ts";
import { distantStore, mortalClock, mortalStore, turns } from "./mortal.fake.ts";
import { PressureGauge } from "./pressure.ts";
import type { QueueContext } from "./queue-context.ts";
import { formatQueueKey, selectOwner } from "./queue-key.ts";
import type { OpeningState } from "./recovery.ts";
import type { Uncategorized } from "./submission.ts";
import { TransportQueue } from "./transport-queue.ts";

const BUDGET_BYTES = 64 * 1024 * 1024;
const CONTENT = Buffer.from("Subject: test\r\n\r\ntext\r\n");
const TURNS = 40;

/** One transport thread's queue, alive or dead. */
interface BenchThread {
  readonly queue: TransportQueue;
  readonly metrics: Metrics;
  readonly budget: ContentBudget;
  readonly marks: Set<{ readonly messageId: number }>;
  isAlive: boolean;
  readonly ports: MessagePort[];
}

/** What a test may choose. */
export interface BenchOptions {
  readonly threads?: number;
  readonly service?: Partial<TransportService>;
  /** Wraps the store of every thread, to make it fail. */
  readonly wrapStore?: (store: QueueStore) => QueueStore;
  /**
   * How many turns of the event loop the way to the store or to another thread takes, and the way
   * back. Default: none, or next to none.
   */
  readonly latency?: () => number;
  /** Where requests to resubmit are. */
  readonly records?: RecordStore;
  /** Instead of routing by domain; a throw is a fault of ours. */
  readonly categorize?: (
    input: Uncategorized,
    usual: () => Categorization,
  ) => Categorization | Promise<Categorization>;
}

/** What to submit. */
export interface BenchMessage {
  readonly to: readonly string[];
  readonly from?: string;
  readonly message?: Partial<QueuedMessage>;
  readonly recipient?: Partial<QueuedRecipient>;
  readonly content?: readonly Uint8Array[];
  /** It goes into the quarantine. */
  readonly quarantine?: QuarantineMark;
}

/**
 * Whole queues over one memory store, a clock moved by hand and next hops that do as they are told:
 * everything between the session and the socket. A thread can die at any moment.
 */
export class QueueBench {
  readonly clock: FakeClock = fakeClock();
  readonly memory = new MemoryQueueStore();
  readonly threads: BenchThread[] = [];
  /** Suspects that threads have cleared, in order. */
  readonly cleared: number[] = [];
  /** Names of diagnostics, in order. */
  readonly said: string[] = [];
  organization: Organization;
  readonly #hops = new Map<string, FakeHop>();
  readonly #options: BenchOptions;
  readonly #count: number;

  constructor(options: BenchOptions = {}) {
    this.#options = options;
    this.#count = options.threads ?? 1;
    this.organization = sampleOrganization(options.service);
  }

  /** Starts every thread, as a process does. */
  static async open(options: BenchOptions = {}): Promise<QueueBench> {
    const bench = new QueueBench(options);
    await bench.start({ wasUnclean: false });
    return bench;
  }

  /** The next hop of a domain; it takes everything until told otherwise. */
  hop(domain: string): FakeHop {
    let hop = this.#hops.get(domain);
    if (hop === undefined) {
      hop = new FakeHop(this.clock);
      this.#hops.set(domain, hop);
    }
    return hop;
  }

  /** The first thread's queue, or that of another. */
  queue(index = 0): TransportQueue {
    return this.#thread(index).queue;
  }

  /** The thread that owns the queue of a domain. */
  ownerOf(domain: string): number {
    return selectOwner(formatQueueKey(keyOf(domain)), this.#count);
  }

  /** A domain whose queue belongs to that thread. */
  domainOf(thread: number): string {
    for (let number = 0; ; number += 1) {
      const domain = `hop${number}.test`;
      if (this.ownerOf(domain) === thread) return domain;
    }
  }

  /** Starts a process on the store as it is. */
  async start(how: { readonly wasUnclean: boolean }): Promise<void> {
    const beforeId = await this.memory.reserveIds(1);
    for (let index = 0; index < this.#count; index += 1) this.#create(index);
    for (let index = 0; index < this.#count; index += 1) {
      for (let other = 0; other < index; other += 1) this.#join(index, other);
    }
    for (const [index, { queue }] of this.threads.entries()) {
      await queue.open({
        ...how,
        ...this.#opening(index),
        beforeId,
        isReplacement: false,
        blamed: [],
        suspects: [],
      });
    }
    await this.settle();
  }

  /** The whole process dies: nothing that it has not stored remains. */
  crash(): void {
    for (const thread of this.threads) this.#kill(thread);
    this.threads.length = 0;
  }

  /** Stops in order. */
  async stop(): Promise<void> {
    const stopped = Promise.all(this.threads.map(({ queue }) => queue.stop(1_000)));
    let isStopped = false;
    void stopped.then(() => {
      isStopped = true;
    });
    while (!isStopped) await this.advance(100);
    this.crash();
  }

  /** One thread dies; returns what it was working on. */
  killThread(index: number): readonly number[] {
    const thread = this.#thread(index);
    this.#kill(thread);
    return [...new Set([...thread.marks].map(({ messageId }) => messageId))];
  }

  /** Puts a new thread in the place of a dead one, which asks the others what they hold. */
  async replaceThread(
    index: number,
    how: { readonly suspects?: readonly number[]; readonly blamed?: readonly number[] } = {},
  ): Promise<void> {
    const { queue } = this.#create(index);
    for (const [other, thread] of this.threads.entries()) {
      if (other !== index && thread.isAlive) this.#join(index, other);
    }
    await queue.open({
      wasUnclean: true,
      beforeId: Number.MAX_SAFE_INTEGER,
      isReplacement: true,
      blamed: [],
      suspects: [],
      ...how,
      ...this.#opening(index),
    });
    await this.settle();
  }

  #opening(index: number): Pick<OpeningState, "elsewhere" | "cleared"> {
    return {
      elsewhere: (recipients) => this.#elsewhere(index, recipients),
      cleared: (messageId) => void this.cleared.push(messageId),
    };
  }

  /** As the supervisor does it. */
  async #elsewhere(
    asker: number,
    recipients: readonly RecipientKey[],
  ): Promise<readonly RecipientKey[]> {
    const way = () => turns(this.#options.latency?.() ?? 1);
    for (;;) {
      const others = this.threads.filter((thread, index) => index !== asker && thread.isAlive);
      const answers = others.map(async (other) => {
        await way();
        const held = other.isAlive ? other.queue.holds(recipients, asker) : [];
        await way();
        return held;
      });
      const held = (await Promise.all(answers)).flat();
      if (others.every(({ isAlive }) => isAlive)) return held;
    }
  }

  /** Submits a message and lets everything happen that can at this moment; returns its id. */
  async submit(what: BenchMessage, thread = 0): Promise<number> {
    const { queue } = this.#thread(thread);
    const id = await queue.nextMessageId();
    const content = what.content ?? [CONTENT];
    const contentBytes = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const { transportService: service } = this.organization;
    const nowMs = this.clock.nowMs();
    const sender = (what.from ?? "sender@sender.test") as Address;
    const { envelope } = sampleMessage(id);
    const message = sampleMessage(id, {
      contentBytes,
      receivedMs: nowMs,
      envelope: { ...envelope, sender },
      ...what.message,
    });
    const recipients = what.to.map((address, position) =>
      sampleRecipient(position, {
        address: address as Address,
        expiresMs: nowMs + service.messageExpirationTimeoutMs,
        delayNoticeMs: nowMs + service.delayNotificationTimeoutMs,
        ...what.recipient,
      }),
    );
    const kept = what.quarantine && { quarantine: what.quarantine };
    await queue.submit({ message, recipients, content, firstChunk: 0, events: "", ...kept });
    await this.settle();
    return id;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    await turns(TURNS);
  }

  /** Moves time in steps, so that what happens in between has its effects. */
  async advance(spanMs: number, stepMs = Math.max(1, Math.min(spanMs, 1_000))): Promise<void> {
    for (let left = spanMs; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await turns(4);
    }
    await this.settle();
  }

  /** Tracking events of a message as `EVENT(SOURCE) recipients`, oldest first. */
  story(messageId: number): readonly string[] {
    return this.memory.events
      .split("\r\n")
      .map((line) => line.split(","))
      .filter((fields) => fields[9] === String(messageId))
      .map((fields) => `${fields[8]}(${fields[7]}) ${fields[12]}`);
  }

  /** Bytes of content that the threads' budgets count. */
  get bytesInMemory(): number {
    return this.threads.reduce((sum, { budget }) => sum + budget.bytes, 0);
  }

  #thread(index: number): BenchThread {
    const thread = this.threads[index];
    assert(thread !== undefined, `thread ${index} runs`);
    return thread;
  }

  #kill(thread: BenchThread): void {
    thread.isAlive = false;
    for (const port of thread.ports) port.close();
  }

  #join(left: number, right: number): void {
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    port2.unref();
    this.#thread(left).ports.push(port1);
    this.#thread(right).ports.push(port2);
    this.#thread(left).queue.connect(right, port1);
    this.#thread(right).queue.connect(left, port2);
    port1.unref();
    port2.unref();
  }

  #create(index: number): BenchThread {
    const life = { isAlive: true };
    const metrics = createMetrics(String(index));
    const budget = new ContentBudget(BUDGET_BYTES);
    const marks = new Set<{ readonly messageId: number }>();
    const near = this.#options.wrapStore?.(this.memory) ?? this.memory;
    const { latency } = this.#options;
    const own = mortalStore(near, life);
    const store = latency === undefined ? own : mortalStore(distantStore(own, latency), life);
    const context: QueueContext = {
      store,
      clock: mortalClock(this.clock, life),
      diagnostics: this.#diagnostics(),
      metrics,
      budget,
      organization: () => this.organization,
      courierFor: () => ({
        run: (lane) => this.hop(lane.key.nextHopDomain).run(lane, life),
      }),
      threadCount: this.#count,
      mark(messageId) {
        // One message can be marked by several at a time, each for itself.
        const mark = { messageId };
        marks.add(mark);
        return () => marks.delete(mark);
      },
      alone: (_messageId, work) => work(),
      alarmMs: 30_000,
      records: this.#options.records,
    };
    const usual = (input: Uncategorized) => () => routeByDomain(input.recipients);
    const queue = new TransportQueue({
      context,
      threadIndex: index,
      threadCount: this.#count,
      pressure: new PressureGauge(),
      categorize: () => (input) =>
        this.#options.categorize?.(input, usual(input)) ?? routeByDomain(input.recipients),
    });
    const thread = Object.assign(life, { queue, metrics, budget, marks, ports: [] });
    this.threads[index] = thread;
    return thread;
  }

  #diagnostics(): Diagnostics {
    const say = (event: string) => void this.said.push(event);
    return { info: say, warn: say, error: say };
  }
}

/** The queue of a domain; `nowhere.test` has none. */
export function keyOf(domain: string): QueueKey {
  return { deliveryType: "DnsConnectorDelivery", nextHopDomain: domain, nextHopConnector: "Out" };
}

/** Routes each recipient to the hop of its domain; nothing is changed by it. */
export function routeByDomain(recipients: readonly QueuedRecipient[]): Categorization {
  const routed = recipients.map((recipient): RoutedRecipient => {
    const domain = domainOf(recipient.address);
    if (domain !== "nowhere.test") {
      return { recipient, route: { kind: "queue", key: keyOf(domain), reasons: [] } };
    }
    const diagnostic = "451 4.4.0 No route";
    const fault = { status: "4.4.0", diagnostic, hop: undefined, source: "ROUTING" } as const;
    return { recipient, route: { kind: "unreachable", fault, reasons: [] } };
  });
  return { routed, ended: [], deferred: [], forks: [], events: [], changed: false };
}

function sampleOrganization(service: Partial<TransportService> = {}): Organization {
  const text = "server: { fqdn: us.test }\nacceptedDomains: [{ name: sender.test }]\n";
  const parsed = parseConfiguration(text, { fileName: "test", hostName: "us.test", cores: 1 });
  assert(parsed.ok, "the bench's organization is right");
  return { ...parsed.value.organization, transportService: sampleTransportService(service) };
}
