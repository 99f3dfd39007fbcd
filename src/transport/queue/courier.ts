import type { Organization } from "../../org/organization.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QueuedMessage, QueuedRecipient, QueueKey } from "../../store/queue-store.ts";
import type { Fault, Hop, Outcome } from "./outcome.ts";

/** One message with those of its recipients that wait in the same queue. */
export interface Delivery {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly content: ContentReader;
  /** An earlier attempt may have reached the next hop without our having learned or recorded it. */
  readonly possibleDuplicate: boolean;
}

/** The outcome of one recipient of a delivery. */
export interface RecipientOutcome {
  readonly position: number;
  readonly outcome: Outcome;
}

/**
 * One connection's worth of work from one delivery queue. The queue opens as many lanes as its
 * limits allow; a lane serves deliveries one at a time until there are none or its end.
 */
export interface Lane {
  readonly key: QueueKey;
  /** The organization as it was when the lane opened. */
  readonly organization: Organization;
  /** The next delivery, now leased to this lane, or `undefined` when none is ready. */
  take(): Delivery | undefined;
  /** As `take`, but waits up to `waitMs` for one; for connections worth keeping open. */
  takeWithin(waitMs: number): Promise<Delivery | undefined>;
  /**
   * Reports the outcome of every recipient of a taken delivery; may be called once per delivery.
   */
  settle(delivery: Delivery, outcomes: readonly RecipientOutcome[]): void;
  /** Hands back a delivery that was not attempted (the connection was gone before MAIL). */
  giveBack(delivery: Delivery): void;
  /** The hop is connected and ready: the queue's back-off ends. */
  connected(hop: Hop): void;
  /**
   * Aborted when the server stops or the queue is taken away; end the lane soon, outcomes known or
   * not.
   */
  readonly signal: AbortSignal;
}

/**
 * Why a lane ended. A `hop-failed` is the whole queue's: it backs off; nothing is settled by it.
 */
export type LaneEnd =
  | { readonly kind: "done" }
  /**
   * No connection could be had, or the hop refused us before any message (connection-level
   * failure).
   */
  | { readonly kind: "hop-failed"; readonly fault: Fault }
  /** As `hop-failed`, as the configuration knows this way no more: there may be another. */
  | { readonly kind: "route-gone"; readonly fault: Fault }
  /**
   * The domain can never be reached (NXDOMAIN, null MX, MX is ourselves): every recipient fails so.
   */
  | { readonly kind: "hop-impossible"; readonly fault: Fault };

/**
 * One way of delivering. `send` (SMTP, LMTP) and `deliver` (Maildir) each offer one to the queue.
 */
export interface Courier {
  /**
   * Works the lane to its end. What the world does wrong is an outcome; it throws only when we are
   * wrong.
   */
  run(lane: Lane): Promise<LaneEnd>;
}
