import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { RecentValues } from "../base/recent-values.ts";
import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import type { MessageScope, QueueDesk, QueueListing } from "../cmdlets/queues/services.ts";
import type { Organization } from "../org/organization.ts";
import { decodeMessageRows, type ReadMessage } from "../store/queue-reader.ts";
import { CONTENT_CHUNK_BYTES, LEASED_DUE_MS, type QueueKey } from "../store/queue-store.ts";
import type { QueueActResult } from "../transport/queue/queue-administration.ts";
import { formatQueueKey } from "../transport/queue/queue-key.ts";
import {
  type ListedQueue,
  type LocatedMessage,
  locateMessage,
  mergeQueues,
} from "../transport/queue/queue-listing.ts";
import type { QueueOrder } from "../transport/queue/queue-orders.ts";
import type { QueueView, Whereabouts } from "../transport/queue/queue-views.ts";
import { EveryThread } from "./every-thread.ts";
import type { LogHost } from "./log-host.ts";
import { locatePlaces } from "./message-places.ts";
import type { Supervisor } from "./supervisor.ts";

/** Messages that one page of a scan reads. */
const PAGE_MESSAGES = 200;
/** A queue with no more than these is read by itself, not found among all messages. */
const OWN_SCAN_MAX = 20_000;

/** One that is being categorized is in no queue either, and stays so for a moment. */
const REREADS_MAX = 2;

/** What the desk is made of. */
export interface QueueDeskParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly organization: () => Organization;
  readonly threadCount: number;
  readonly supervisor: Pick<Supervisor, "remotes" | "isReady" | "deaths">;
  readonly logs: Pick<LogHost, "remote">;
}

/** Queues and messages put together from what the threads hold and what the database has. */
export function createQueueDesk(
  parts: QueueDeskParts,
): Omit<QueueDesk, "jobs" | "otherServers" | "redirection"> {
  const { supervisor, logs, organization, threadCount } = parts;
  const threads = new EveryThread(parts);
  const listings = new RecentValues<QueueListing>(parts.clock, { countMax: 1 });
  const makeList = async (): Promise<QueueListing> => {
    const asked = [...supervisor.remotes].map(([index, remote]) =>
      remote.ask("queueViews", undefined).then(
        (views) => ({ views, warnings: [] }),
        () => ({ views: [], warnings: [missing(index)] }),
      ),
    );
    const [waiting, ...answers] = await Promise.all([
      logs.remote.ask("countWaiting", undefined),
      ...asked,
    ]);
    const isShort = asked.length < threadCount;
    const warnings: string[] = isShort ? ["A transport thread is being started anew."] : [];
    const views: QueueView[] = [];
    for (const answer of answers) {
      warnings.push(...answer.warnings);
      views.push(...answer.views);
    }
    return { queues: mergeQueues(views, waiting), warnings };
  };
  const list: QueueDesk["list"] = (how) =>
    how === "recent" ? listings.recent("", makeList) : listings.fresh("", makeList);
  return {
    serverName: () => organization().server.fqdn,
    tlsDomainOf: (connector) =>
      organization().sendConnectors.find(({ name }) => name === connector)?.tlsDomain,
    list,
    messages: (scope) => new Scan(parts, () => list(scope.listing)).messages(scope),
    places: (scope) => locatePlaces(scope, { ...parts, list: () => list(scope.listing) }),
    content: ({ contentId, contentBytes: bytes }) => ({
      bytes,
      peek: () => undefined,
      async read(index) {
        if (index * CONTENT_CHUNK_BYTES >= bytes) return undefined;
        const piece = await logs.remote.ask("storedContent", { contentId, index });
        if (piece !== undefined) return piece;
        // Half a message must never pass for a whole one.
        throw new CmdletFault("conflict", "the message has left the queue meanwhile");
      },
    }),
    whole: (signal) => threads.whole(signal),
    async actOnQueue(order: QueueOrder): Promise<QueueActResult> {
      const answers = await threads.actOnQueues((remote) => remote.ask("actOnQueue", order));
      listings.forget();
      return answers.find((answer) => answer !== "elsewhere") ?? "unknown";
    },
    async actOnMessages(order) {
      try {
        const counts = await threads.actOnMessages((remote) => remote.ask("actOnMessages", order));
        listings.forget();
        return counts.reduce((sum, count) => sum + count, 0);
      } catch (error) {
        // Whoever has asked may not have waited so long.
        parts.diagnostics.warn("message-act-failed", {
          messages: order.messageIds.slice(0, 10).map(String),
          by: order.by,
          reason: error instanceof Error ? error.message : String(error),
        });
        throw error;
      }
    },
  };
}

function missing(index: number): string {
  return `Transport thread ${index} is being started anew: its queues are not among these.`;
}

/** Whether a recipient was in somebody's hands when it was read, and is in nobody's since. */
function isNowhere(
  { message, recipients }: ReadMessage,
  whereabouts: ReadonlyMap<number, readonly Whereabouts[]>,
): boolean {
  const places = whereabouts.get(message.id) ?? [];
  return recipients.some(
    ({ recipient, dueMs }) =>
      dueMs === LEASED_DUE_MS &&
      !places.some(({ positions }) => positions.includes(recipient.position)),
  );
}

/** One walk through messages. Queues that come into being meanwhile are looked up again. */
class Scan {
  readonly #parts: QueueDeskParts;
  readonly #list: () => Promise<QueueListing>;
  #queues: ReadonlyMap<number, ListedQueue> = new Map();
  #idOf: ReadonlyMap<string, number> = new Map();

  constructor(parts: QueueDeskParts, list: () => Promise<QueueListing>) {
    this.#parts = parts;
    this.#list = list;
  }

  async *messages(scope: MessageScope): AsyncGenerator<readonly LocatedMessage[]> {
    await this.#learnQueues();
    for await (const ids of this.#idPages(scope)) {
      scope.signal.throwIfAborted();
      const page = await this.#page(ids);
      yield page.filter(({ queue }) => scope.queue === undefined || queue.id === scope.queue.id);
    }
  }

  async *#idPages(scope: MessageScope): AsyncGenerator<readonly number[]> {
    const { after = 0, before = Number.POSITIVE_INFINITY } = scope;
    const isWanted = (id: number) => id > after && id < before;
    const known = scope.ids ?? (await this.#idsOf(scope));
    if (known !== undefined) {
      const wanted = known.filter(isWanted);
      for (let start = 0; start < wanted.length; start += PAGE_MESSAGES) {
        yield wanted.slice(start, start + PAGE_MESSAGES);
      }
      return;
    }
    for (let last = after; ; ) {
      const page = { after: last, limit: PAGE_MESSAGES };
      const ids = await this.#parts.logs.remote.ask("storedIds", page);
      const wanted = ids.filter(isWanted);
      if (wanted.length > 0) yield wanted;
      last = ids.at(-1) ?? before;
      if (ids.length < PAGE_MESSAGES || last >= before) return;
    }
  }

  /** What is in a queue, unless that is too much to be held in memory. */
  async #idsOf({ queue }: MessageScope): Promise<readonly number[] | undefined> {
    if (queue === undefined) return undefined;
    const { logs, supervisor } = this.#parts;
    const wanted = { queueId: queue.id, countMax: OWN_SCAN_MAX };
    const stored = await logs.remote.ask("storedIdsOf", wanted);
    if (stored === undefined) return undefined;
    const ids = new Set(stored);
    for (const remote of supervisor.remotes.values()) {
      const held = await remote.ask("queuedIds", queue.key).catch(() => []);
      for (const id of held) ids.add(id);
    }
    return [...ids].sort((left, right) => left - right);
  }

  async #page(ids: readonly number[]): Promise<readonly LocatedMessage[]> {
    const { read, whereabouts } = await this.#find(ids);
    const isKnown = (key: QueueKey) => this.#idOf.has(formatQueueKey(key));
    const places = [...whereabouts.values()].flat();
    const isNew = read.some(({ recipients }) =>
      recipients.some(({ queueId }) => queueId > 0 && !this.#queues.has(queueId)),
    );
    if (isNew || !places.every(({ key }) => isKnown(key))) await this.#learnQueues();
    const nowMs = this.#parts.clock.nowMs();
    const state = { whereabouts, queues: this.#queues, idOf: this.#idOf, nowMs };
    return read.flatMap((message) => locateMessage(message, state));
  }

  /**
   * Messages, and where they are. One may leave a thread's memory for the store between the two
   * questions: then its row is asked for again, for as it was read it belongs to nobody.
   */
  async #find(ids: readonly number[]) {
    let read = await this.#read(ids);
    const whereabouts = new Map(await this.#whereabouts(read));
    for (let count = 0; count < REREADS_MAX; count += 1) {
      const moved = new Set(
        read.filter((one) => isNowhere(one, whereabouts)).map(({ message }) => message.id),
      );
      if (moved.size === 0) break;
      const again = await this.#read([...moved]);
      for (const [id, places] of await this.#whereabouts(again)) whereabouts.set(id, places);
      const byId = Map.groupBy(again, ({ message }) => message.id);
      read = read.flatMap((one) =>
        moved.has(one.message.id) ? (byId.get(one.message.id) ?? []) : [one],
      );
    }
    return { read, whereabouts };
  }

  async #read(ids: readonly number[]): Promise<readonly ReadMessage[]> {
    return (await this.#parts.logs.remote.ask("storedMessages", ids)).map(decodeMessageRows);
  }

  /** Asks the threads about those messages that they may have in memory. */
  async #whereabouts(
    read: readonly ReadMessage[],
  ): Promise<ReadonlyMap<number, readonly Whereabouts[]>> {
    const held = read.filter(({ recipients }) =>
      recipients.some(({ dueMs }) => dueMs === LEASED_DUE_MS),
    );
    if (held.length === 0) return new Map();
    const ids = held.map(({ message }) => message.id);
    const answers = await Promise.all(
      [...this.#parts.supervisor.remotes.values()].map((remote) =>
        remote.ask("whereabouts", ids).catch((): readonly Whereabouts[] => []),
      ),
    );
    return Map.groupBy(answers.flat(), ({ messageId }) => messageId);
  }

  async #learnQueues(): Promise<void> {
    const { queues } = await this.#list();
    this.#queues = new Map(queues.map((queue) => [queue.id, queue]));
    this.#idOf = new Map(queues.map(({ id, key }) => [formatQueueKey(key), id]));
  }
}
