import type { Result } from "../../base/result.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QueuedMessage, QueueKey } from "../../store/queue-store.ts";
import type { QueueActResult } from "../../transport/queue/queue-administration.ts";
import type { ListedQueue, LocatedMessage } from "../../transport/queue/queue-listing.ts";
import type {
  MessageAct,
  MessageOrder,
  QueueAct,
  QueueOrder,
} from "../../transport/queue/queue-orders.ts";

/** What the cmdlets of this room ask the server for. */
export interface QueueServices {
  readonly queues: QueueDesk;
}

/** Queues and messages of this server, as administrators see them and act on them. */
export interface QueueDesk {
  /** The server's full name. */
  readonly serverName: () => string;
  /** The name to which a send connector's TLS is bound. */
  readonly tlsDomainOf: (connector: string) => string | undefined;
  /** `recent`: where it takes long, as it was some seconds ago; for those who only look. */
  readonly list: (how?: "recent") => Promise<QueueListing>;
  /** Messages in the order of their ids, page by page: each of them in each of its queues. */
  readonly messages: (scope: MessageScope) => AsyncIterable<readonly LocatedMessage[]>;
  /**
   * Every message in each of its queues, in the order of their ids: as `messages` without a
   * choice of ids, but nothing is read of them except where they are.
   */
  readonly places: (scope: MessageScope) => Promise<readonly MessagePlace[]>;
  readonly content: (message: QueuedMessage) => ContentReader;
  /**
   * Waits until every transport thread is up and has taken up what one before it had in hand; the
   * result says whether all that was read since is whole, for no thread has died meanwhile.
   */
  readonly whole: (signal: AbortSignal) => Promise<() => boolean>;
  /** A thread that is being started anew is waited for. Rejects when that takes too long. */
  readonly actOnQueue: (order: QueueOrder) => Promise<QueueActResult>;
  /**
   * Resolves with how many recipients it concerned, once attempts under way have ended. Waits and
   * rejects as `actOnQueue`.
   */
  readonly actOnMessages: (order: MessageOrder) => Promise<number>;
  readonly jobs: QueueJobs;
  readonly otherServers: OtherServers;
  readonly redirection: MailRedirection;
}

/** All queues, and what keeps the list from being complete. */
export interface QueueListing {
  readonly queues: readonly ListedQueue[];
  readonly warnings: readonly string[];
}

/** A message in a queue. */
export interface MessagePlace {
  readonly messageId: number;
  readonly queue: { readonly id: number };
}

/** Which messages are wanted. */
export interface MessageScope {
  /** Only these ids, in order. */
  readonly ids?: readonly number[];
  /** Only what is in that queue. */
  readonly queue?: { readonly id: number; readonly key: QueueKey };
  /** Only ids greater than this one. */
  readonly after?: number;
  /** Only ids less than this one. */
  readonly before?: number;
  /** The queues need not be those of this moment. */
  readonly listing?: "recent";
  readonly signal: AbortSignal;
}

/** Whether a job goes on. */
export type QueueJobState = "Running" | "Completed" | "Stopped" | "Failed";

/** What a job does, and to what. */
export type QueueJobTask =
  | { readonly target: "queues"; readonly act: QueueAct; readonly filter: string }
  | { readonly target: "messages"; readonly act: MessageAct; readonly filter: string };

/** An act on all that a filter picks. */
export interface QueueJob {
  readonly id: string;
  readonly task: QueueJobTask;
  readonly by: string;
  readonly state: QueueJobState;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  /** Objects acted on so far. */
  readonly done: number;
  /** How many it was thought to be about when it began. */
  readonly expected: number;
  readonly error: string | undefined;
}

/** Jobs run in the server and go on after a restart. */
export interface QueueJobs {
  readonly start: (order: {
    readonly task: QueueJobTask;
    readonly by: string;
    readonly expected: number;
  }) => Promise<QueueJob>;
  /** The newest first; ended ones are kept for some days. */
  readonly list: () => Promise<readonly QueueJob[]>;
  /** `undefined` when there is none that runs. What it has done stays done. */
  readonly stop: (id: string) => Promise<QueueJob | undefined>;
}

/** Other servers that this one may ask. */
export interface OtherServers {
  /** Their names, sorted. */
  readonly names: () => Promise<readonly string[]>;
  /** The objects that a cmdlet puts out there; rejects with the reason as an Error. */
  readonly run: (
    server: string,
    call: {
      readonly cmdlet: string;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly timeoutMs: number;
    },
  ) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Where all mail goes, by whose order. */
export interface RedirectionState {
  readonly targets: readonly string[];
  readonly by: string;
  readonly sinceMs: number;
}

/** All mail sent to another server, while none is taken. */
export interface MailRedirection {
  readonly state: RedirectionState | undefined;
  /** The fault says what is wrong with the targets. */
  readonly begin: (order: {
    readonly targets: readonly string[];
    readonly by: string;
  }) => Promise<Result<RedirectionState, string>>;
  readonly end: (by: string) => Promise<void>;
}
