import type { ContentReader } from "../../store/content.ts";
import { CONTENT_CHUNK_BYTES, type QueueStore, StoreFailure } from "../../store/queue-store.ts";
import type { Submission } from "./submission.ts";

/**
 * Keeps the contents of messages in flight in memory, up to a limit; the store has them all anyway.
 */
export class ContentBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes `bytes` of the budget; false leaves it as it is. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Gives back what `take` granted. */
  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Bytes of content in memory now. */
  get bytes(): number {
    return this.#bytes;
  }
}

/** The content of a message that is not stored yet, or only in part. */
export function submittedContent(submission: Submission, store: QueueStore): ContentReader {
  const { message, content, firstChunk } = submission;
  const peek = (index: number) => content[index - firstChunk];
  return {
    bytes: message.contentBytes,
    peek,
    read: (index) =>
      index < firstChunk
        ? store.readContent(message.contentId, index)
        : Promise.resolve(peek(index)),
  };
}

/** A message's content: from memory while it is kept there, from the store otherwise. */
export class MessageContent implements ContentReader {
  readonly bytes: number;
  readonly #store: QueueStore;
  readonly #contentId: number;
  readonly #budget: ContentBudget;
  #piece: Uint8Array | undefined;
  #users = 1;

  /** `piece` is the whole content when it is in memory and fits in one piece. */
  constructor(parts: {
    readonly store: QueueStore;
    readonly budget: ContentBudget;
    readonly contentId: number;
    readonly bytes: number;
    readonly piece: Uint8Array | undefined;
  }) {
    this.bytes = parts.bytes;
    this.#store = parts.store;
    this.#contentId = parts.contentId;
    this.#budget = parts.budget;
    const { piece } = parts;
    const whole = piece !== undefined && piece.byteLength === parts.bytes;
    this.#piece = whole && parts.budget.take(parts.bytes) ? piece : undefined;
  }

  /** The piece in memory, to be handed to another thread. */
  get piece(): Uint8Array | undefined {
    return this.#piece;
  }

  peek(index: number): Uint8Array | undefined {
    return index === 0 ? this.#piece : undefined;
  }

  read(index: number): Promise<Uint8Array | undefined> {
    if (this.#piece !== undefined) return Promise.resolve(index === 0 ? this.#piece : undefined);
    if (index * CONTENT_CHUNK_BYTES >= this.bytes) return Promise.resolve(undefined);
    return this.#readStored(index);
  }

  /** Half a message must never pass for a whole one. */
  async #readStored(index: number): Promise<Uint8Array> {
    const piece = await this.#store.readContent(this.#contentId, index);
    if (piece !== undefined) return piece;
    throw new StoreFailure(`piece ${index} of content ${this.#contentId} is missing`, {
      full: false,
    });
  }

  /** One more delivery uses it (bifurcation). */
  share(): this {
    this.#users += 1;
    return this;
  }

  /**
   * A delivery is done with it; the last one frees the memory. Reading still works, from the store.
   */
  release(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#piece === undefined) return;
    this.#budget.release(this.bytes);
    this.#piece = undefined;
  }
}
