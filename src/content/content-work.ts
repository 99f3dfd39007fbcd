import type { Result } from "../base/result.ts";

/** A message whose bytes are read when there is room for them. */
export interface ContentSource {
  /** How many octets `content` gives. */
  readonly bytes: number;
  /** From the start, each time it is called. Throws what the store throws. */
  content(): AsyncIterable<Uint8Array>;
}

/**
 * Why a message was not looked at. `busy`: too many wait, later there may be room. `slow`: it took
 * longer than a message may. `failed`: the thread ended at it, for want of memory or by our fault.
 */
export type ContentWorkFault = "busy" | "slow" | "failed";

/**
 * Something that is done with a message off the threads that have listeners. Rejects only with what
 * reading the content throws.
 */
export type ContentTask<Argument, Answer> = (
  source: ContentSource,
  argument: Argument,
) => Promise<Result<Answer, ContentWorkFault>>;
