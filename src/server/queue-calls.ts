import type {
  MessageRows,
  OldestLook,
  QuarantinePage,
  QuarantinePlaces,
  QuarantineRows,
  QueueReader,
  RecipientPlace,
  WaitingCount,
} from "../store/queue-reader.ts";
import type { QueueKey } from "../store/queue-store.ts";
import type { QueueActResult } from "../transport/queue/queue-administration.ts";
import {
  actOnMessages,
  actOnQueue,
  type MessageOrder,
  type QueueOrder,
} from "../transport/queue/queue-orders.ts";
import type { QueueView, Whereabouts } from "../transport/queue/queue-views.ts";
import type { TransportQueue } from "../transport/queue/transport-queue.ts";

/** What administrators' views and acts ask of a transport thread. */
export type QueueThreadCalls = {
  /** Answered once the thread has in hand what the one before it had. */
  readonly takenUp: (nothing: undefined) => Promise<void>;
  readonly queueViews: (nothing: undefined) => Promise<readonly QueueView[]>;
  readonly whereabouts: (messageIds: readonly number[]) => readonly Whereabouts[];
  readonly queuedIds: (key: QueueKey) => readonly number[];
  readonly actOnQueue: (order: QueueOrder) => Promise<QueueActResult>;
  /** Resolves when attempts under way have ended too: that may take minutes. */
  readonly actOnMessages: (order: MessageOrder) => Promise<number>;
};

/** What views ask of the thread that reads the queue database beside the store. */
export type QueueReaderCalls = {
  readonly countWaiting: (nothing: undefined) => Promise<readonly WaitingCount[]>;
  readonly storedIds: (page: {
    readonly after: number;
    readonly limit: number;
  }) => readonly number[];
  readonly storedIdsOf: (queue: {
    readonly queueId: number;
    readonly countMax: number;
  }) => readonly number[] | undefined;
  readonly storedPlaces: (page: {
    readonly after: RecipientPlace | undefined;
    readonly limit: number;
  }) => Float64Array;
  readonly storedMessages: (messageIds: readonly number[]) => readonly MessageRows[];
  readonly storedQuarantine: (page: QuarantinePage) => QuarantineRows;
  readonly quarantinePlaces: (page: QuarantinePage) => QuarantinePlaces;
  /** As `QueueReader.oldest`. */
  readonly oldestWaiting: (from: number) => OldestLook;
  readonly storedContent: (piece: {
    readonly contentId: number;
    readonly index: number;
  }) => Uint8Array | undefined;
};

/** Answers from the queue of a transport thread. */
export function queueThreadCalls(queue: TransportQueue): QueueThreadCalls {
  return {
    takenUp: () => queue.takenUp,
    queueViews: () => queue.views.queues(),
    whereabouts: (messageIds) => queue.views.whereabouts(messageIds),
    queuedIds: (key) => queue.views.messageIdsOf(key),
    actOnQueue: (order) => actOnQueue(queue.administration, order),
    actOnMessages: (order) => actOnMessages(queue.administration, order),
  };
}

/** Answers from the database. */
export function queueReaderCalls(reader: QueueReader): QueueReaderCalls {
  return {
    countWaiting: () => reader.count(),
    storedIds: (page) => reader.messageIds(page),
    storedIdsOf: (queue) => reader.messageIdsOf(queue),
    storedPlaces: (page) => reader.places(page),
    storedMessages: (messageIds) => reader.messages(messageIds),
    storedQuarantine: (page) => reader.quarantined(page),
    quarantinePlaces: (page) => reader.quarantinePlaces(page),
    oldestWaiting: (from) => reader.oldest(from),
    storedContent: (piece) => reader.content(piece),
  };
}
