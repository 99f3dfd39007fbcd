import type { QueuedRecipient } from "../../store/queue-store.ts";
import type { Route } from "../queue/categorization.ts";
import type { Outcome } from "../queue/outcome.ts";
import type { Candidate } from "./candidate.ts";
import type { Held } from "./moderated-recipients.ts";

/** Bounds of one message's expansion. */
export interface ExpansionLimits {
  /** Members of all groups together. */
  readonly memberCountMax: number;
  /** Groups inside one another. */
  readonly groupDepthMax: number;
  /** Forwardings in a row. */
  readonly forwardCountMax: number;
}

/** An address that gets the message, and the way there. */
export interface Resolved {
  readonly candidate: Candidate;
  readonly route: Route;
}

/** An address that does not. */
export interface Ended {
  readonly candidate: Candidate;
  readonly outcome: Outcome | { readonly kind: "expanded" };
}

/** What a message's recipients come to. */
export interface Expansion {
  readonly resolved: readonly Resolved[];
  readonly ended: readonly Ended[];
  /** Those whose mail waits for approval. */
  readonly held: readonly Held[];
  /** Recipients of the message whose groups passed a limit; leave them out and start again. */
  readonly excessive: QueuedRecipient | undefined;
}
