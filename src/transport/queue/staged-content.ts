import { CONTENT_CHUNK_BYTES, type QueueStore } from "../../store/queue-store.ts";

/** Content of a message to come, all but its last piece in the store. */
export interface StagedContent {
  /** Also the message's id. */
  readonly contentId: number;
  readonly bytes: number;
  readonly firstChunk: number;
  /** The last piece. */
  readonly rest: Uint8Array;
}

/**
 * Stores content ahead of its message in constant memory. What no message takes up is gone at the
 * next start, or by `discardContent`. Rejects with StoreFailure, or what `content` throws, and then
 * nothing of it remains.
 */
export type StageContent = (content: AsyncIterable<Uint8Array>) => Promise<StagedContent>;

/** Stages content in that store. */
export function createStageContent(
  store: Pick<QueueStore, "appendContent" | "discardContent">,
  nextMessageId: () => number | Promise<number>,
): StageContent {
  return async (content) => {
    const contentId = await nextMessageId();
    let held = Buffer.alloc(0);
    let bytes = 0;
    let firstChunk = 0;
    try {
      for await (const piece of content) {
        bytes += piece.length;
        held = Buffer.concat([held, piece]);
        // The last piece is not empty: one that is full stays until more comes.
        while (held.length > CONTENT_CHUNK_BYTES) {
          // A copy: the store takes the memory over.
          const chunk = Uint8Array.from(held.subarray(0, CONTENT_CHUNK_BYTES));
          await store.appendContent(contentId, firstChunk, chunk);
          firstChunk += 1;
          held = held.subarray(CONTENT_CHUNK_BYTES);
        }
      }
    } catch (error) {
      if (firstChunk > 0) await store.discardContent(contentId).catch(() => undefined);
      throw error;
    }
    return { contentId, bytes, firstChunk, rest: Uint8Array.from(held) };
  };
}
