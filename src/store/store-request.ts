import type { ChangeRows, JoinedRow } from "./queue-rows.ts";
import type { QueueKey, QueuePage, SafetyNetPage, StoredQueue } from "./queue-store.ts";
import type { KeptRow } from "./safety-net-rows.ts";

/** What a QueueStore call becomes on its way to the store thread. */
export type WriteRequest =
  | { readonly kind: "reserveIds"; readonly count: number }
  | {
      readonly kind: "appendContent";
      readonly contentId: number;
      readonly index: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "discardContent"; readonly contentId: number }
  | { readonly kind: "commit"; readonly rows: ChangeRows }
  | { readonly kind: "openQueue"; readonly key: QueueKey }
  | { readonly kind: "removeQueue"; readonly queueId: number }
  | { readonly kind: "expireSafetyNet"; readonly keptUntilMs: number; readonly limit: number }
  | { readonly kind: "recordCrash"; readonly messageIds: readonly number[] };

/** Requests that change nothing; they run outside the transaction. */
export type ReadRequest =
  | { readonly kind: "readContent"; readonly contentId: number; readonly index: number }
  | { readonly kind: "listQueues" }
  | { readonly kind: "readQueue"; readonly queueId: number; readonly page: QueuePage }
  | { readonly kind: "readMessage"; readonly messageId: number }
  | { readonly kind: "nextDueMs"; readonly queueId: number; readonly afterMs: number }
  | { readonly kind: "readSafetyNet"; readonly page: SafetyNetPage }
  | { readonly kind: "readNotices"; readonly dueMs: number; readonly limit: number };

/** Any call of the queue store. */
export type QueueRequest = WriteRequest | ReadRequest;

/** What comes back for each kind of request. */
export type QueueResponse =
  | undefined
  | number
  | Uint8Array
  | StoredQueue
  | readonly StoredQueue[]
  | readonly JoinedRow[]
  | readonly KeptRow[]
  | readonly { readonly messageId: number; readonly count: number }[];

/** A failure as it crosses between threads. */
export interface FailureResponse {
  readonly failure: string;
  readonly full: boolean;
}

/** Carries one request to the store and its answer back; rejects with StoreFailure. */
export type SendRequest = (request: QueueRequest) => Promise<QueueResponse>;
