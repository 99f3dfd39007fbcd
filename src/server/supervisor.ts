import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { createFailureMemory } from "../authentication/failure-counts.ts";
import { type Clock, delay, type Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Metrics, MetricsSnapshot } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import type { DnsServer } from "../dns/transport.ts";
import type { Organization, SendConnector } from "../org/organization.ts";
import type { RecipientKey } from "../store/queue-store.ts";
import type { CertificateSet } from "../tls/certificate-store.ts";
import { createReputationMemory } from "../transport/hygiene/reputation-table.ts";
import type { PressureGauge } from "../transport/queue/pressure.ts";
import { connectionCountsBytes } from "../transport/receive/connection-counts.ts";
import { rateCountsBytes } from "../transport/receive/rate-counts.ts";
import { MarkTable } from "./mark-table.ts";
import { StartFailure } from "./start-failure.ts";
import { Suspicions } from "./suspicions.ts";
import type {
  SupervisorCalls,
  ThreadReport,
  TransportThreadCalls,
  TransportThreadData,
} from "./thread-calls.ts";
import { linkThreads, type Remote } from "./thread-link.ts";

/** How patient the supervisor is, in milliseconds. */
export interface Supervision {
  /** A thread that has not answered for so long is taken for dead. */
  readonly silentMs: number;
  /**
   * Due mail without an attempt for so long, and the thread that owns its queue is started anew.
   */
  readonly stalledMs: number;
}

const SUPERVISION: Supervision = { silentMs: 30 * SECOND, stalledMs: 60 * SECOND };
/**
 * What a thread may take beyond its time to stop before it is ended: the store has all it holds.
 */
const STOP_GRACE_MS = 10 * SECOND;
/** A thread that dies at once is not started again at once. */
const RESTART_DELAY_MS = SECOND;

interface TransportThread {
  readonly index: number;
  readonly worker: Worker;
  readonly remote: Remote<TransportThreadCalls>;
  readonly marks: MarkTable;
  /** Since when a question waits for its answer. */
  askedMs: number | undefined;
  isReady: boolean;
  /** Ended because a queue stood still: no message that it worked on is to blame. */
  isBlameless: boolean;
  isReplaced: boolean;
}

/** What the supervisor works with. */
export interface SupervisorParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
  readonly dataDirectory: string;
  readonly nameServers: readonly DnsServer[];
  readonly pressure: PressureGauge;
  readonly beforeId: number;
  readonly wasUnclean: boolean;
  /** What the threads start with. */
  readonly certificates: CertificateSet;
  /** Gives a new thread its ways to the store. */
  readonly attachStore: () => Pick<TransportThreadData, "queuePort" | "organizationPort">;
  /** Gives a new thread its way to the logs. */
  readonly attachLogs: () => MessagePort;
  /** Default: 30 s without an answer, 60 s without an attempt. */
  readonly supervision?: Partial<Supervision>;
}

/**
 * Starts the transport threads, joins them to each other, watches them and replaces those that die.
 */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #threads = new Map<number, TransportThread>();
  readonly #connectionCounts: SharedArrayBuffer;
  readonly #rateCounts = new SharedArrayBuffer(rateCountsBytes());
  readonly #logonFailures = createFailureMemory();
  /** What the threads know of sources of mail. */
  readonly reputation = createReputationMemory();
  readonly #suspicions = new Suspicions();
  readonly #count: number;
  #organization: Organization;
  #certificates: CertificateSet;
  #redirection: SendConnector | undefined;
  #isStopping = false;
  #deaths = 0;
  #listenerProblems: readonly string[] = [];
  readonly #restarts = new Set<Timer>();
  readonly #supervision: Supervision;

  constructor(parts: SupervisorParts, organization: Organization) {
    this.#parts = parts;
    this.#organization = organization;
    this.#certificates = parts.certificates;
    this.#supervision = { ...SUPERVISION, ...parts.supervision };
    this.#count = organization.server.transportThreads;
    this.#connectionCounts = new SharedArrayBuffer(connectionCountsBytes(this.#count));
  }

  /**
   * Starts all threads; resolves with what could not be opened when every one of them is up.
   * Rejects with StartFailure when one ends before.
   */
  async start(): Promise<readonly string[]> {
    const problems = await this.#startAll();
    this.#listenerProblems = problems;
    return problems;
  }

  async #startAll(): Promise<readonly string[]> {
    const started: Promise<readonly string[]>[] = [];
    for (let index = 0; index < this.#count; index += 1) {
      started.push(this.#startThread(index, { isReplacement: false, blamed: [] }));
    }
    const problems = await Promise.all(started);
    return [...new Set(problems.flat())];
  }

  /** Puts a configuration in force in every thread; resolves with the problems that they met. */
  async useOrganization(organization: Organization): Promise<readonly string[]> {
    this.#organization = organization;
    const threads = [...this.#threads.values()];
    const problems = await Promise.all(
      threads.map(({ index, remote }) =>
        // One that dies meanwhile starts anew with the configuration in force.
        remote
          .ask("useOrganization", organization)
          .catch((error: unknown) => [`transport thread ${index}: ${reasonOf(error)}`]),
      ),
    );
    this.#listenerProblems = [...new Set(problems.flat())];
    return this.#listenerProblems;
  }

  /** Puts certificates in force in every thread, and in those that start later. */
  useCertificates(set: CertificateSet): void {
    this.#certificates = set;
    for (const { remote } of this.#threads.values()) remote.tell("useCertificates", set);
  }

  /** Another log thread has taken the place of one that died: every thread needs a way to it. */
  renewLogs(): void {
    for (const { remote } of this.#threads.values()) {
      const port = this.#parts.attachLogs();
      remote.tell("useLogPort", { port }, [port]);
    }
  }

  /** Sends all mail to another server, in every thread and in those that start later. */
  useRedirection(connector: SendConnector | undefined): void {
    this.#redirection = connector;
    for (const { remote } of this.#threads.values()) remote.tell("useRedirection", connector);
  }

  /** Asks every thread how it is. A thread that is silent or stalled for too long is replaced. */
  async poll(): Promise<readonly ThreadReport[]> {
    const reports = await Promise.all(
      [...this.#threads.values()].map((thread) => this.#poll(thread)),
    );
    return reports.filter((report) => report !== undefined);
  }

  /** The threads that run, by index: to be asked one by one. Those that die meanwhile reject. */
  get remotes(): ReadonlyMap<number, Remote<TransportThreadCalls>> {
    return new Map([...this.#threads].map(([index, { remote }]) => [index, remote]));
  }

  /** How many threads have died so far: what was asked before the last one may be out of date. */
  get deaths(): number {
    return this.#deaths;
  }

  /** What could not be opened when the configuration in force was taken up. */
  get listenerProblems(): readonly string[] {
    return this.#listenerProblems;
  }

  /** How many threads are up, of how many there should be. */
  get threadCounts(): { readonly ready: number; readonly wanted: number } {
    const ready = [...this.#threads.values()].filter(({ isReady }) => isReady).length;
    return { ready, wanted: this.#count };
  }

  /** Whether every thread is up. */
  get isReady(): boolean {
    const threads = [...this.#threads.values()];
    return (
      !this.#isStopping && threads.length === this.#count && threads.every(({ isReady }) => isReady)
    );
  }

  /**
   * Drains all threads. Resolves with true when what they held has been put down in order, false
   * when one could not within its time, had died, or had not come to all that one before it left:
   * the store has everything, but not how far attempts had come.
   */
  async stop(waitMs: number): Promise<boolean> {
    const wasReady = this.isReady;
    this.#isStopping = true;
    for (const timer of this.#restarts) timer.cancel();
    const threads = [...this.#threads.values()];
    const late = delay(this.#parts.clock, waitMs + STOP_GRACE_MS).then(() => false);
    const stopped = await Promise.all(
      threads.map(({ remote }) => {
        const asked = remote.ask("stop", { waitMs }).catch(() => false);
        return Promise.race([asked, late]);
      }),
    );
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
    return wasReady && stopped.every(Boolean);
  }

  async #poll(thread: TransportThread): Promise<ThreadReport | undefined> {
    const { clock, diagnostics } = this.#parts;
    thread.askedMs ??= clock.monotonicMs();
    const silentMs = clock.monotonicMs() - thread.askedMs;
    if (silentMs > this.#supervision.silentMs && !this.#isStopping) {
      this.#replace(thread, `no answer for ${Math.round(silentMs / SECOND)} s`);
      return undefined;
    }
    try {
      const answer = thread.remote.ask("report", undefined).then((report) => {
        // Late or not: it is alive.
        thread.askedMs = undefined;
        return report;
      });
      const report = await Promise.race([answer, delay(clock, SECOND).then(() => undefined)]);
      if (report !== undefined && report.figures.stalledMs > this.#supervision.stalledMs) {
        thread.isBlameless = true;
        this.#replace(thread, "due mail without an attempt");
      }
      return report;
    } catch (error) {
      // It died while it was asked; its exit is dealt with where it is heard of.
      diagnostics.warn("thread-report-failed", {
        transportThread: thread.index,
        reason: String(error),
      });
      return undefined;
    }
  }

  #replace(thread: TransportThread, reason: string): void {
    if (thread.isReplaced) return;
    thread.isReplaced = true;
    this.#parts.diagnostics.error("thread-replaced", { transportThread: thread.index, reason });
    void thread.worker.terminate();
  }

  async #startThread(
    index: number,
    how: { readonly isReplacement: boolean; readonly blamed: readonly number[] },
  ): Promise<readonly string[]> {
    const { diagnostics, dataDirectory, nameServers, pressure, beforeId } = this.#parts;
    const marks = new MarkTable();
    const ports = this.#parts.attachStore();
    const logPort = this.#parts.attachLogs();
    const data: TransportThreadData = {
      index,
      count: this.#count,
      dataDirectory,
      organization: this.#organization,
      certificates: this.#certificates,
      redirection: this.#redirection,
      nameServers,
      ...ports,
      logPort,
      pressure: pressure.buffer,
      connectionCounts: this.#connectionCounts,
      rateCounts: this.#rateCounts,
      logonFailures: this.#logonFailures,
      reputation: this.reputation,
      marks: marks.buffer,
      beforeId: how.isReplacement ? Number.MAX_SAFE_INTEGER : beforeId,
      wasUnclean: how.isReplacement || this.#parts.wasUnclean,
      suspects: this.#suspicions.all,
      ...how,
    };
    const worker = new Worker(new URL("./transport-thread.ts", import.meta.url), {
      workerData: data,
      transferList: [ports.queuePort, ports.organizationPort, logPort],
      name: `transport-${index}`,
    });
    const started = Promise.withResolvers<readonly string[]>();
    const calls: SupervisorCalls = {
      ready: (problems) => {
        thread.isReady = true;
        started.resolve(problems);
      },
      elsewhere: (recipients) => this.#elsewhere(index, recipients),
      cleared: (messageId) => this.#suspicions.cleared(index, messageId),
    };
    const remote = linkThreads<TransportThreadCalls>(worker, calls);
    const thread: TransportThread = {
      index,
      worker,
      remote,
      marks,
      askedMs: undefined,
      isReady: false,
      isBlameless: false,
      isReplaced: false,
    };
    let lastError = "it ended";
    worker.on("error", (error) => {
      lastError = error.message;
      const reason = error.stack ?? error.message;
      diagnostics.error("thread-failed", { transportThread: index, reason });
    });
    worker.on("exit", () => {
      const text = `transport thread ${index} ended while it started: ${lastError}`;
      started.reject(new StartFailure(text));
      this.#exited(thread);
    });
    this.#joinPeers(thread);
    this.#threads.set(index, thread);
    return started.promise;
  }

  /** Joins a thread to all that run already. */
  #joinPeers(thread: TransportThread): void {
    for (const other of this.#threads.values()) {
      if (other.index === thread.index) continue;
      const { port1, port2 } = new MessageChannel();
      thread.remote.tell("connectPeer", { index: other.index, port: port1 }, [port1]);
      other.remote.tell("connectPeer", { index: thread.index, port: port2 }, [port2]);
    }
  }

  #exited(thread: TransportThread): void {
    if (this.#threads.get(thread.index) === thread) this.#threads.delete(thread.index);
    this.#deaths += 1;
    if (this.#isStopping) return;
    const { clock, diagnostics, metrics } = this.#parts;
    const { isBlameless, marks } = thread;
    const work = isBlameless ? { alone: undefined, inHand: [] } : marks.read();
    const blamed = this.#suspicions.died(thread.index, work);
    metrics.add("postrider_threads_restarted_total");
    diagnostics.error("thread-died", {
      transportThread: thread.index,
      inHand: work.inHand.map(String),
      blamed: blamed.map(String),
    });
    const timer = clock.startTimer(RESTART_DELAY_MS, () => {
      this.#restarts.delete(timer);
      this.#startThread(thread.index, { isReplacement: true, blamed }).then(
        (problems) => {
          for (const problem of problems) diagnostics.error("listener-not-opened", { problem });
        },
        // It has died again, and is dealt with as any that dies.
        () => undefined,
      );
    });
    this.#restarts.add(timer);
  }

  async #elsewhere(
    asker: number,
    recipients: readonly RecipientKey[],
  ): Promise<readonly RecipientKey[]> {
    for (;;) {
      const others = [...this.#threads.values()].filter(({ index }) => index !== asker);
      const answers = await Promise.all(
        others.map(({ remote }) => remote.ask("holds", { recipients, asker }).catch(() => [])),
      );
      // One that died while it was asked holds nothing, but it may have handed something over just
      // after the others had been asked.
      const areAlive = others.every((other) => this.#threads.get(other.index) === other);
      if (areAlive) return answers.flat();
    }
  }

  /** Snapshots of the threads' metrics, for the page. */
  async snapshots(): Promise<readonly MetricsSnapshot[]> {
    return (await this.poll()).map(({ metrics }) => metrics);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
