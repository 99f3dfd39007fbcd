import { assert } from "../../base/assert.ts";
import type { QueueStore } from "../../store/queue-store.ts";

/** Ids taken from the store at a time. */
const BLOCK_IDS = 8_192;
/** The next block is fetched when this many are left. */
const LOW_IDS = 2_048;

/**
 * Hands out internal message ids without asking the store each time; a crash wastes part of a
 * block.
 */
export class IdSource {
  readonly #store: QueueStore;
  #next = 0;
  #end = 0;
  #following: number | undefined;
  #fetching: Promise<void> | undefined;

  constructor(store: QueueStore) {
    this.#store = store;
  }

  /** The next id; waits only when the store is behind. Rejects with StoreFailure. */
  next(): number | Promise<number> {
    if (this.#end - this.#next < LOW_IDS && this.#following === undefined) this.#prefetch();
    if (this.#next < this.#end) return this.#next++;
    if (this.#following !== undefined) {
      this.#switchBlock();
      return this.#next++;
    }
    return this.#afterFetch();
  }

  async #afterFetch(): Promise<number> {
    await (this.#fetching ?? this.#fetch());
    return this.next();
  }

  #prefetch(): void {
    if (this.#fetching !== undefined) return;
    // A failure shows at the call that needs the block.
    this.#fetch().catch((_failure: unknown) => undefined);
  }

  #fetch(): Promise<void> {
    this.#fetching = this.#store.reserveIds(BLOCK_IDS).then(
      (first) => {
        this.#following = first;
        this.#fetching = undefined;
      },
      (failure: unknown) => {
        this.#fetching = undefined;
        throw failure;
      },
    );
    return this.#fetching;
  }

  #switchBlock(): void {
    assert(this.#following !== undefined, "a block has been fetched");
    this.#next = this.#following;
    this.#end = this.#following + BLOCK_IDS;
    this.#following = undefined;
  }
}
