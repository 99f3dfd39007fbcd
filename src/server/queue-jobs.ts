import { type Clock, delay } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { DAY } from "../base/units.ts";
import { parseFilter } from "../cmdlet/filter.ts";
import { compileFilter } from "../cmdlet/filter-match.ts";
import { MESSAGE_INFO } from "../cmdlets/queues/message-info.ts";
import { type FoundMessage, findMessages } from "../cmdlets/queues/message-search.ts";
import { QUEUE_INFO, queueInfo } from "../cmdlets/queues/queue-info.ts";
import type { QueueDesk, QueueJob, QueueJobs } from "../cmdlets/queues/services.ts";
import { type QueueKey, SUBMISSION_QUEUE_ID } from "../store/queue-store.ts";
import { RECORD_PAGE_MAX, type RecordStore } from "../store/record-store.ts";
import { formatQueueKey } from "../transport/queue/queue-key.ts";
import type { MessageAct } from "../transport/queue/queue-orders.ts";

const KIND = "queue-job";
/** How long a job that has ended can be looked at. */
const KEPT_MS = 7 * DAY;
const RUNNING_KEPT_MS = 365 * DAY;
/** Messages whose attempts under way are waited for beside the job; with more, it waits itself. */
const PENDING_MAX = 2_000;
/** How long an act on a page is waited for before the next page is looked at. */
const PAGE_WAIT_MS = 2_000;
const RETRY_MS = 1_000;
/** An act that fails so often is a fault of ours; each try waits for threads that are away. */
const TRIES_MAX = 60;

/** A job with what it needs to go on where it was. */
interface StoredJob extends QueueJob {
  /** Messages up to this id are done, but for the pending ones. */
  readonly cursor: number;
  /** Messages from this id on came later than the order. */
  readonly before: number;
  readonly pending: readonly { readonly key: QueueKey; readonly ids: readonly number[] }[];
}

/** What jobs work with. */
export interface QueueJobParts {
  readonly desk: QueueDesk;
  readonly records: RecordStore;
  readonly reserveId: () => Promise<number>;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

/**
 * Acts on all that a filter picks, in the server. What a job is about to do is written before each
 * page, so that it goes on after a restart, at most one page twice: every act does nothing where it
 * has been done.
 */
export class QueueJobRunner implements QueueJobs {
  readonly #parts: QueueJobParts;
  readonly #running = new Map<string, RunningJob>();
  #isStopped = false;

  constructor(parts: QueueJobParts) {
    this.#parts = parts;
  }

  /** Takes up what the server was at when it ended. */
  async open(): Promise<void> {
    for (const job of await this.#stored()) if (job.state === "Running") this.#run(job);
  }

  /** Leaves the jobs where they are; the next start goes on. */
  stopAll(): void {
    this.#isStopped = true;
    for (const running of this.#running.values()) running.abort();
  }

  start: QueueJobs["start"] = async ({ task, by, expected }) => {
    const before = await this.#parts.reserveId();
    const job: StoredJob = {
      id: `job-${before}`,
      task,
      by,
      state: "Running",
      startedMs: this.#parts.clock.nowMs(),
      endedMs: undefined,
      done: 0,
      expected,
      error: undefined,
      cursor: 0,
      before,
      pending: [],
    };
    await this.#write(job);
    this.#run(job);
    return job;
  };

  list: QueueJobs["list"] = async () => {
    const jobs = (await this.#stored()).map((job) => this.#running.get(job.id)?.job ?? job);
    return jobs.toSorted((left, right) => right.startedMs - left.startedMs);
  };

  stop: QueueJobs["stop"] = async (id) => {
    const running = this.#running.get(id);
    if (running === undefined) return undefined;
    running.abort();
    return running.ended;
  };

  #run(job: StoredJob): void {
    const running = new RunningJob(this.#parts, job, (changed) => this.#write(changed));
    this.#running.set(job.id, running);
    const ended = running.run(() => this.#isStopped);
    void ended.finally(() => this.#running.delete(job.id));
  }

  async #stored(): Promise<readonly StoredJob[]> {
    const jobs: StoredJob[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const page = await this.#parts.records.list(KIND, { after, limit: RECORD_PAGE_MAX });
      jobs.push(...page.map(({ json }) => JSON.parse(json) as StoredJob));
      after = page.length < RECORD_PAGE_MAX ? undefined : page.at(-1)?.key;
    }
    return jobs;
  }

  async #write(job: StoredJob): Promise<void> {
    const keptMs = job.state === "Running" ? RUNNING_KEPT_MS : KEPT_MS;
    const expiresMs = this.#parts.clock.nowMs() + keptMs;
    const record = { kind: KIND, key: job.id, json: JSON.stringify(job), expiresMs };
    await this.#parts.records.write([record]);
  }
}

/** One job while it runs. */
class RunningJob {
  readonly #parts: QueueJobParts;
  readonly #write: (job: StoredJob) => Promise<void>;
  readonly #abort = new AbortController();
  readonly #ended = Promise.withResolvers<QueueJob>();
  /** Acts that wait for attempts under way. */
  readonly #acts = new Map<Promise<void>, StoredJob["pending"][number]>();
  #leftCount = 0;
  job: StoredJob;

  constructor(parts: QueueJobParts, job: StoredJob, write: (job: StoredJob) => Promise<void>) {
    this.#parts = parts;
    this.#write = write;
    this.job = job;
  }

  /** Resolves once it has ended and that is stored. */
  get ended(): Promise<QueueJob> {
    return this.#ended.promise;
  }

  abort(): void {
    this.#abort.abort();
  }

  /** Never rejects. */
  async run(isInterrupted: () => boolean): Promise<void> {
    const { diagnostics, clock } = this.#parts;
    const { id, by, task } = this.job;
    const act = typeof task.act === "string" ? task.act : task.act.kind;
    diagnostics.info("queue-job-started", { job: id, by, act, filter: task.filter });
    let end: Pick<QueueJob, "state" | "error"> = { state: "Completed", error: undefined };
    for (;;) {
      try {
        await this.#work();
        if (this.#abort.signal.aborted) end = { state: "Stopped", error: undefined };
        else if (this.#leftCount > 0) end = { state: "Failed", error: leftOut(this.#leftCount) };
        break;
      } catch (error) {
        if (this.#abort.signal.aborted) {
          end = { state: "Stopped", error: undefined };
          break;
        }
        if (error instanceof JobFault) {
          end = { state: "Failed", error: error.message };
          break;
        }
        // A thread that is started anew, a store that has no room: both pass.
        diagnostics.warn("queue-job-waits", { job: id, reason: String(error) });
        await delay(clock, RETRY_MS);
        if (isInterrupted()) break;
      }
    }
    // It was not told to stop: the next start takes it up.
    if (!isInterrupted()) {
      this.job = { ...this.job, ...end, endedMs: clock.nowMs() };
      await this.#write(this.job).catch((error: unknown) => {
        diagnostics.error("queue-job-not-stored", { job: id, reason: String(error) });
      });
      diagnostics.info("queue-job-ended", { job: id, state: end.state, done: this.job.done });
    }
    this.#ended.resolve(this.job);
  }

  async #work(): Promise<void> {
    const { task } = this.job;
    if (task.target === "queues") await this.#actOnQueues();
    else await this.#actOnMessages(task.act);
  }

  async #actOnQueues(): Promise<void> {
    const { desk } = this.#parts;
    const { task, by, startedMs } = this.job;
    if (task.target !== "queues") return;
    const filter = readFilter(task.filter, QUEUE_INFO);
    const matches = compileFilter(filter, { nowMs: startedMs });
    const isWhole = await desk.whole(this.#abort.signal);
    const { queues } = await desk.list();
    checkWhole(isWhole);
    this.job = { ...this.job, done: 0 };
    for (const queue of queues) {
      if (this.#abort.signal.aborted) return;
      if (!matches(queueInfo(queue, desk))) continue;
      const result = await desk.actOnQueue({ act: task.act, key: queue.key, by });
      if (result === "done") this.job = { ...this.job, done: this.job.done + 1 };
    }
  }

  async #actOnMessages(act: MessageAct): Promise<void> {
    const { desk, clock } = this.#parts;
    const { task, startedMs, pending } = this.job;
    const filter = readFilter(task.filter, MESSAGE_INFO);
    // What a crash of the server or of a thread left: nobody knows whether to the end.
    const underWay = new Set(this.#acts.values());
    for (const one of pending) if (!underWay.has(one)) void this.#act(act, one);
    const { signal } = this.#abort;
    const isWhole = await desk.whole(signal);
    const scope = { after: this.job.cursor, before: this.job.before, signal };
    const search = { filter, scope, showing: { nowMs: startedMs } };
    for await (const page of findMessages(desk, search)) {
      signal.throwIfAborted();
      checkWhole(isWhole);
      const found = page.filter(({ located }) => located.queue.id !== SUBMISSION_QUEUE_ID);
      const groups = Map.groupBy(found, ({ located }) => formatQueueKey(located.queue.key));
      const wanted = [...groups.values()].flatMap(([first, ...rest]) => {
        if (first === undefined) return [];
        const ids = [first, ...rest].map(({ located }) => located.message.id);
        return [{ key: first.located.queue.key, ids }];
      });
      await this.#begin(found, wanted);
      const acts = wanted.map((one) => this.#act(act, one));
      await Promise.race([Promise.all(acts), delay(clock, PAGE_WAIT_MS)]);
      while (this.#pendingCount > PENDING_MAX) await Promise.race(this.#acts.keys());
      checkWhole(isWhole);
      this.job = { ...this.job, pending: [...this.#acts.values()] };
    }
    checkWhole(isWhole);
    while (this.#acts.size > 0) {
      signal.throwIfAborted();
      await Promise.race([...this.#acts.keys(), delay(clock, PAGE_WAIT_MS)]);
    }
    checkWhole(isWhole);
  }

  /** Before the acts: what a crash leaves of a page is known by its ids, and has been counted. */
  async #begin(page: readonly FoundMessage[], wanted: StoredJob["pending"]): Promise<void> {
    const last = page.at(-1);
    if (last === undefined) return;
    const begun = {
      ...this.job,
      cursor: Math.max(last.located.message.id, this.job.cursor),
      done: this.job.done + page.length,
      pending: [...this.#acts.values(), ...wanted],
    };
    await this.#write(begun);
    this.job = begun;
  }

  get #pendingCount(): number {
    let count = 0;
    for (const { ids } of this.#acts.values()) count += ids.length;
    return count;
  }

  /** The job goes on with the others, and says at its end that these are left. */
  #giveUp(ids: readonly number[], error: unknown): void {
    const { id } = this.job;
    const reason = String(error);
    this.#parts.diagnostics.error("queue-job-left-out", { job: id, messages: ids.join(), reason });
    this.#leftCount += ids.length;
  }

  #act(act: MessageAct, on: StoredJob["pending"][number]): Promise<void> {
    const { desk, clock } = this.#parts;
    const order = { messageIds: on.ids, queue: on.key, by: this.job.by, act };
    const acted = (async () => {
      for (let tries = 1; !this.#abort.signal.aborted; tries += 1) {
        try {
          await desk.actOnMessages(order);
          return;
        } catch (error) {
          if (tries === TRIES_MAX) {
            this.#giveUp(on.ids, error);
            return;
          }
          await delay(clock, RETRY_MS);
        }
      }
    })().finally(() => this.#acts.delete(acted));
    this.#acts.set(acted, on);
    return acted;
  }
}

function leftOut(messages: number): string {
  return `up to ${messages} messages could not be acted on; the server's own log names them`;
}

/** What a thread that has died had in hand was not found: it is looked for again. */
function checkWhole(isWhole: () => boolean): void {
  if (!isWhole()) throw new Error("a transport thread has died meanwhile");
}

/** It can never be done. */
class JobFault extends Error {}

function readFilter(text: string, type: Parameters<typeof parseFilter>[1]) {
  const filter = parseFilter(text, type);
  if (filter.ok) return filter.value;
  throw new JobFault(`its filter is no more: ${filter.fault.problem}`);
}
