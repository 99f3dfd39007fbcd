import type { QueuedMessage, QueuedRecipient, QueueKey } from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import type { Fault, Outcome } from "./outcome.ts";
import type { Quarantining } from "./quarantine-entry.ts";
import type { Uncategorized } from "./submission.ts";

/** Where the categorizer sends one recipient. */
export type Route =
  | { readonly kind: "queue"; readonly key: QueueKey; readonly reasons: readonly string[] }
  /** No connector: waits in Unreachable until the configuration changes. */
  | { readonly kind: "unreachable"; readonly fault: Fault; readonly reasons: readonly string[] };

/** A recipient of the outcome of categorization, final address, ready for its queue. */
export interface RoutedRecipient {
  readonly recipient: QueuedRecipient;
  readonly route: Route;
}

/**
 * What the categorizer says about one message. It changes nothing itself: the queue writes it in
 * one transaction.
 */
export interface Categorization {
  /** Recipients that go on with this message, new positions for those that expansion added. */
  readonly routed: readonly RoutedRecipient[];
  /** Recipients that end here: unknown, loop, or expanded (then a success notice may be due). */
  readonly ended: readonly {
    readonly recipient: QueuedRecipient;
    readonly outcome: Outcome | { readonly kind: "expanded" };
  }[];
  /**
   * Recipients that could not be resolved just now (directory fault); tried again after
   * resolverRetryInterval.
   */
  readonly deferred: readonly { readonly recipient: QueuedRecipient; readonly fault: Fault }[];
  /**
   * Copies with another sender or another share of the recipients; they keep `contentId` and
   * network message id.
   */
  readonly forks: readonly {
    readonly message: QueuedMessage;
    readonly routed: readonly RoutedRecipient[];
    /** Its own content, where an agent has given it another; absent: it shares the message's. */
    readonly content?: readonly Uint8Array[];
  }[];
  /** Messages of ours that agents send beside it; they are categorized once they are stored. */
  readonly submissions?: readonly {
    readonly message: QueuedMessage;
    readonly recipients: readonly QueuedRecipient[];
    /** From `firstChunk` on; the earlier pieces are staged. */
    readonly content: readonly Uint8Array[];
    readonly firstChunk: number;
  }[];
  /**
   * Recipients that go into the quarantine; absent: none. Each message is a copy as in `forks`, and
   * what an agent keeps has not been released from the same before (`isReleasedFrom`).
   */
  readonly quarantined?: readonly Quarantining[];
  readonly events: readonly TrackingEvent[];
  /**
   * False when the recipients go on exactly as they were stored, so that nothing has to be written.
   */
  readonly changed: boolean;
}

/** Resolves, expands and routes one message. Throws only when we are wrong. */
export type Categorize = (input: Uncategorized) => Promise<Categorization> | Categorization;
