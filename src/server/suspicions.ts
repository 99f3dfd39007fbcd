import type { LastWork } from "./mark-table.ts";

/**
 * Deaths with a suspect in hand again that make one crash. Threads die of many things, and what
 * they had in hand tells little; a suspect is tried alone among suspects, but beside other mail.
 */
const DEATHS_PER_CRASH = 2;
/** Suspects of one thread that are remembered; beyond, the oldest is let go. */
const SUSPECTS_MAX = 16_384;

/**
 * Which messages may have brought transport threads down, from one death to the next and until a
 * thread has lived through its work on them.
 */
export class Suspicions {
  /** Per thread: its suspects, and at how many deaths each was in hand after the first. */
  readonly #threads = new Map<number, Map<number, number>>();

  /** A thread died; returns the messages to which the death counts as a crash. */
  died(thread: number, { alone, inHand }: LastWork): readonly number[] {
    // It was at this one, and the others have nothing to do with it.
    if (alone !== undefined) return [alone];
    const suspects = this.#threads.get(thread) ?? new Map<number, number>();
    this.#threads.set(thread, suspects);
    const blamed: number[] = [];
    for (const messageId of inHand) {
      const deaths = suspects.get(messageId);
      const now = deaths === undefined ? 0 : deaths + 1;
      suspects.set(messageId, now);
      if (now > 0 && now % DEATHS_PER_CRASH === 0) blamed.push(messageId);
    }
    for (const messageId of suspects.keys()) {
      if (suspects.size <= SUSPECTS_MAX) break;
      suspects.delete(messageId);
    }
    return blamed;
  }

  /** The thread has lived through its work on the message. */
  cleared(thread: number, messageId: number): void {
    this.#threads.get(thread)?.delete(messageId);
  }

  /**
   * The suspects of all threads, for one that starts: it may come upon any of them. Those that were
   * in hand at the most deaths come first, so that the guilty one is found before others are in
   * hand with it again.
   */
  get all(): readonly number[] {
    const deaths = new Map<number, number>();
    for (const suspects of this.#threads.values()) {
      for (const [messageId, count] of suspects) {
        deaths.set(messageId, Math.max(count, deaths.get(messageId) ?? 0));
      }
    }
    return [...deaths].sort(([, left], [, right]) => right - left).map(([messageId]) => messageId);
  }
}
