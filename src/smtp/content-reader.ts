import { ChunkIntake, type ContentRules, DataIntake } from "./content-intake.ts";
import type { InputCursor } from "./input-cursor.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import type { Effect } from "./server-effect.ts";
import type { Chunk, Progress } from "./server-transaction.ts";

/** What a step of reading content has come to. */
export type ContentStep =
  /** More input is needed. */
  | "starved"
  | "reading"
  /** A chunk that was not the last has been read. */
  | "chunk-read"
  /** All content is there. */
  | "complete"
  /** The end has been read of content that failed: `refusal` ends the transaction. */
  | "failed"
  /** The chunk should not have come: `refusal` answers the command. */
  | "refused";

/** Reads content off the input, after DATA to its end, after BDAT the octets that it counts. */
export class ContentReader {
  #data: DataIntake | undefined;
  #chunk: Chunk | undefined;
  /** Why an earlier chunk failed: chunks sent behind it get the same reply (RFC 3030 §2). */
  #chunkFailure: Reply | undefined;
  #refusal: Reply = REPLY.badSequence;

  /** The next octets are content, not a command. */
  get active(): boolean {
    return this.#data !== undefined || this.#chunk !== undefined;
  }

  /** What to say after the steps that refuse. */
  get refusal(): Reply {
    return this.#refusal;
  }

  /** What chunks get because one before them failed. */
  get chunkFailure(): Reply | undefined {
    return this.#chunkFailure;
  }

  startData(rules: ContentRules): void {
    this.#data = new DataIntake(rules);
  }

  startChunk(chunk: Chunk): void {
    this.#chunk = chunk;
  }

  /** The first chunk's transaction takes content, or refuses this chunk and all behind it. */
  begin(chunk: Chunk, { transaction, options }: Progress, refusal: Reply | undefined): void {
    if (refusal !== undefined || transaction === undefined) {
      this.#chunkFailure = refusal ?? REPLY.mailFirst;
      this.#chunk = { ...chunk, refusal: this.#chunkFailure };
      return;
    }
    const binary = transaction.envelope.body === "BINARYMIME";
    const content = new ChunkIntake(options, { binary });
    transaction.content = content;
    this.#chunk = { ...chunk, content };
  }

  /** Another transaction begins, or this one is forgotten. */
  forgetFailure(): void {
    this.#chunkFailure = undefined;
  }

  /** Reads on; only while active. */
  read(input: InputCursor, effects: Effect[]): ContentStep {
    if (this.#data !== undefined) return this.#readData(this.#data, input, effects);
    return this.#chunk === undefined ? "starved" : this.#readChunk(this.#chunk, input, effects);
  }

  #readData(data: DataIntake, input: InputCursor, effects: Effect[]): ContentStep {
    if (input.remaining === 0) return "starved";
    if (!data.read(input, effects)) return "reading";
    this.#data = undefined;
    return data.failure === undefined ? "complete" : this.#refuse("failed", data.failure);
  }

  #readChunk(chunk: Chunk, input: InputCursor, effects: Effect[]): ContentStep {
    const content = chunk.refusal === undefined ? chunk.content : undefined;
    if (chunk.bytesLeft > 0) {
      const count = Math.min(chunk.bytesLeft, input.remaining);
      if (count === 0) return "starved";
      const start = input.offset;
      input.offset += count;
      chunk.bytesLeft -= count;
      content?.read(input.bytes.subarray(start, input.offset), effects);
      if (chunk.bytesLeft > 0) return "reading";
    }
    this.#chunk = undefined;
    return content === undefined
      ? this.#endRefusedChunk(chunk)
      : this.#endChunk(content, chunk, effects);
  }

  #endRefusedChunk(chunk: Chunk): ContentStep {
    const failure = this.#chunkFailure;
    if (failure === undefined) return this.#refuse("refused", chunk.refusal ?? REPLY.badSequence);
    if (chunk.last) this.#chunkFailure = undefined;
    return this.#refuse("failed", failure);
  }

  #endChunk(content: ChunkIntake, chunk: Chunk, effects: Effect[]): ContentStep {
    if (chunk.last) content.end(effects);
    if (content.failure !== undefined) {
      this.#chunkFailure = chunk.last ? undefined : content.failure;
      return this.#refuse("failed", content.failure);
    }
    return chunk.last ? "complete" : "chunk-read";
  }

  #refuse(step: "failed" | "refused", reply: Reply): ContentStep {
    this.#refusal = reply;
    return step;
  }
}
