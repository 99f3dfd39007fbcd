import type { ContentReader } from "../../store/content.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";

/** A message on its way from a stage into the Submission queue. */
export interface Submission {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  /** Pieces not stored yet, from `firstChunk` on; the earlier ones went through `appendContent`. */
  readonly content: readonly Uint8Array[];
  readonly firstChunk: number;
  /** Tracking lines that become durable with the message (RECEIVE, DSN). */
  readonly events: string;
  /** Set: it goes into the quarantine instead, with all its recipients. */
  readonly quarantine?: QuarantineMark;
}

/**
 * The way into the Submission queue. Resolves once the message is durable; the categorizer then has
 * it. Rejects with StoreFailure, and then nothing of the message remains.
 */
export interface SubmissionQueue {
  submit(submission: Submission): Promise<void>;
  /** The next internal message id; also used as content id. Rejects with StoreFailure. */
  nextMessageId(): number | Promise<number>;
  appendContent(contentId: number, index: number, bytes: Uint8Array): Promise<void>;
  discardContent(contentId: number): Promise<void>;
  /** A piece that `appendContent` has stored; `undefined`: there is none. */
  readContent(contentId: number, index: number): Promise<Uint8Array | undefined>;
  /** Whether back pressure lets new mail in just now, and for whom (reference §8). */
  admits(source: "SMTP" | "PICKUP"): boolean;
}

/** A message as the categorizer gets it. */
export interface Uncategorized {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly content: ContentReader;
}
