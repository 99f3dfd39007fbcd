import type { RecipientKey } from "../../store/queue-store.ts";

/**
 * What a recovery says of a recipient while it asks the other threads who has it: nothing yet, that
 * it takes it unless somebody has it, or that whoever asked may have it.
 */
type Answered = "nothing" | "promised" | "left";

/**
 * The recipients that a recovery is about to take, so that two recoveries which find the same
 * orphan neither take it both nor leave it to each other. The word that is given is kept: what is
 * promised and then said to be in other hands is asked about again, because those hands may have
 * been those of the one it was promised to, before it died.
 */
export class Claims {
  readonly #threadIndex: number;
  readonly #asking = new Map<string, Answered>();
  /** Nobody has them: taken as soon as their messages have been read. */
  readonly #decided = new Set<string>();

  constructor(threadIndex: number) {
    this.#threadIndex = threadIndex;
  }

  /** The other threads are asked about these next. */
  ask(keys: readonly RecipientKey[]): void {
    this.#asking.clear();
    for (const key of keys) this.#asking.set(keyText(key), "nothing");
  }

  /** Whether the recovery of thread `asker` must leave the recipient alone. */
  holds(key: RecipientKey, asker: number): boolean {
    const text = keyText(key);
    if (this.#decided.has(text)) return true;
    const answered = this.#asking.get(text);
    if (answered === undefined || answered === "left") return false;
    const isOurs = this.#threadIndex < asker;
    this.#asking.set(text, isOurs ? "promised" : "left");
    return isOurs;
  }

  /**
   * The others have answered: `open` are taken, and count as in hand until `release`; about `again`
   * they have to be asked once more.
   * @param held recipients that this thread has in hand itself
   */
  answered(
    elsewhere: readonly RecipientKey[],
    held: readonly RecipientKey[],
  ): { readonly open: ReadonlySet<string>; readonly again: ReadonlySet<string> } {
    const open = new Set(this.#asking.keys());
    const again = new Set<string>();
    for (const [text, answer] of this.#asking) if (answer === "left") open.delete(text);
    for (const key of elsewhere) {
      const text = keyText(key);
      open.delete(text);
      if (this.#asking.get(text) === "promised") again.add(text);
    }
    for (const text of held.map(keyText)) {
      open.delete(text);
      again.delete(text);
    }
    this.#asking.clear();
    for (const text of open) this.#decided.add(text);
    return { open, again };
  }

  /** These have been taken, or are no orphans any more. */
  release(keys: readonly RecipientKey[]): void {
    for (const key of keys) this.#decided.delete(keyText(key));
  }
}

/** A recipient as one text. */
export function keyText({ messageId, position }: RecipientKey): string {
  return `${messageId}/${position}`;
}
