import { fault, ok, type Result } from "../base/result.ts";
import { StoreFailure } from "../store/queue-store.ts";

/** Readings of one content at one time. */
const STREAMS_MAX = 4;

/** Content of one question, as the module's thread asks for it piece by piece. */
export class AgentModuleReader {
  /** Set once our own store could not give a piece. */
  storeFailure: StoreFailure | undefined;
  readonly #content: () => AsyncIterable<Uint8Array>;
  readonly #streams = new Map<number, AsyncIterator<Uint8Array>>();
  #isClosed = false;

  constructor(content: () => AsyncIterable<Uint8Array>) {
    this.#content = content;
  }

  /** The next piece of that reading, which begins anew; `undefined` is its end. */
  async next(stream: number): Promise<Result<Uint8Array | undefined, string>> {
    if (this.#isClosed) return fault("the question is over");
    let pieces = this.#streams.get(stream);
    if (pieces === undefined) {
      if (this.#streams.size >= STREAMS_MAX) {
        return fault(`the content is being read ${STREAMS_MAX} times already`);
      }
      pieces = this.#content()[Symbol.asyncIterator]();
      this.#streams.set(stream, pieces);
    }
    try {
      const next = await pieces.next();
      return ok(next.done === true ? undefined : ownMemory(next.value));
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.storeFailure = error;
      return fault("the content cannot be read just now");
    }
  }

  /** That reading is over. */
  end(stream: number): void {
    // What its end may fail of concerns nobody any more.
    this.#streams
      .get(stream)
      ?.return?.()
      .catch(() => undefined);
    this.#streams.delete(stream);
  }

  /** The question is over. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.keys()) this.end(stream);
  }
}

/** A view would take along to the other thread what else is in its memory. */
function ownMemory(piece: Uint8Array): Uint8Array {
  return piece.byteLength === piece.buffer.byteLength ? piece : new Uint8Array(piece);
}
