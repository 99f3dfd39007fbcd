import { open } from "node:fs/promises";

/**
 * Flushes a directory's entries to disk. Who asks while a flush of the same directory is running
 * shares the next one: twenty deliveries into one mailbox cost two flushes, not twenty.
 */
export class DirectorySync {
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** Resolves once every rename before the call is durable; rejects with the system's error. */
  sync(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (running === undefined) return this.#start(path);
    const joined = this.#next.get(path);
    if (joined !== undefined) return joined;
    const next = running
      // Its failure is told to those who waited for it.
      .catch(() => undefined)
      .then(() => {
        this.#next.delete(path);
        return this.#start(path);
      });
    this.#next.set(path, next);
    return next;
  }

  #start(path: string): Promise<void> {
    const flush = syncDirectory(path).finally(() => this.#running.delete(path));
    this.#running.set(path, flush);
    return flush;
  }
}

/** One flush of one directory. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
