import type { Clock } from "../base/clock.ts";
import type { TrackingServices } from "../cmdlets/logs/tracking-services.ts";
import { readLinkedStory } from "../logs/linked-story.ts";
import type { Waiting } from "../logs/story.ts";
import type { StoryLinks } from "../logs/story-links.ts";
import type { TrackingLog } from "../logs/tracking-log.ts";
import { STORY_ROOT, type StoryReader } from "../management/story-route.ts";
import { isSetAside } from "../store/queue-rows.ts";
import {
  HELD_DUE_MS,
  POISON_QUEUE_ID,
  QUARANTINE_QUEUE_ID,
  type QueueStore,
  type StoredQueue,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../store/queue-store.ts";

/** Copies of one message that are looked for in the queues. */
const MESSAGES_MAX = 100;

const FIXED_QUEUES: ReadonlyMap<number, string> = new Map([
  [SUBMISSION_QUEUE_ID, "Submission"],
  [UNREACHABLE_QUEUE_ID, "Unreachable"],
  [POISON_QUEUE_ID, "Poison"],
  [QUARANTINE_QUEUE_ID, "Quarantine"],
]);

/** The parts of both. */
interface TrackingParts {
  readonly log: TrackingLog;
  readonly queue: QueueStore;
  readonly links: StoryLinks;
  readonly clock: Clock;
  readonly serverName: () => string;
}

/** What the cmdlets of message tracking ask for, and the stories that their links lead to. */
export function createTrackingServices(parts: TrackingParts): {
  readonly tracking: TrackingServices["tracking"];
  readonly stories: StoryReader;
} {
  const { log, queue, links, clock, serverName } = parts;
  const waiting = (ids: readonly string[]) => findWaiting(queue, ids);
  return {
    tracking: {
      log,
      serverName,
      waiting,
      links,
      linkPath: (reference) => STORY_ROOT + reference,
    },
    stories: {
      open: (reference) => links.find(reference),
      read: (link, signal) =>
        readLinkedStory({ log, waiting }, link, { nowMs: clock.nowMs(), signal }),
    },
  };
}

/** Where the recipients of these messages wait, by the queue database. */
async function findWaiting(
  store: QueueStore,
  internalMessageIds: readonly string[],
): Promise<readonly Waiting[]> {
  const ids = internalMessageIds.filter((id) => /^\d{1,15}$/.test(id)).slice(0, MESSAGES_MAX);
  const placed = await Promise.all(
    ids.map(async (id) => {
      const stored = await store.readMessage(Number(id));
      return (stored?.recipients ?? []).map((one) => ({ ...one, internalMessageId: id }));
    }),
  ).then((messages) => messages.flat());
  if (placed.length === 0) return [];
  const queues = new Map((await store.listQueues()).map((queue) => [queue.id, queue]));
  return placed.map(({ recipient, placement, internalMessageId }) => {
    const queue = queues.get(placement.queueId);
    const queueSuspended = queue?.state.suspended === true;
    return {
      internalMessageId,
      recipient: recipient.address,
      queue: FIXED_QUEUES.get(placement.queueId) ?? queue?.key.nextHopDomain ?? "",
      nextAttemptMs: isSetAside(placement.queueId)
        ? undefined
        : nextAttemptMs(placement.dueMs, queue),
      isSuspended: recipient.suspended || queueSuspended,
      lastError: recipient.lastError ?? queue?.state.lastError ?? "",
    };
  });
}

/** The later of what the recipient and its queue wait for. */
function nextAttemptMs(dueMs: number, queue: StoredQueue | undefined): number | undefined {
  const ownMs = dueMs === HELD_DUE_MS ? 0 : dueMs;
  const nextMs = Math.max(ownMs, queue?.state.nextRetryMs ?? 0);
  // Small numbers have meanings of their own: it may go at once.
  return nextMs > 1 ? nextMs : undefined;
}
