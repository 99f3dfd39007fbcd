import { hash, randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { createSecretBox, SECRET_KEY_BYTES } from "../base/secret-box.ts";

/** Answered ones that are remembered: to answer, one has to show what few can. */
const ANSWERED_MAX = 2000;

/**
 * Things that are asked of a client once, and answered within a short time or not at all. Nothing
 * is kept of those that are open: the challenge itself says all, to us alone. However many somebody
 * asks for, nobody loses his own by it.
 */
export class Challenges {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #lifetimeMs: number;
  readonly #box = createSecretBox(randomBytes(SECRET_KEY_BYTES));
  /** Ids of the answered, with when they would be too old anyway; the oldest first. */
  readonly #answered = new Map<string, number>();

  constructor(clock: Pick<Clock, "monotonicMs">, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** A challenge about that; never the same twice, and as long whatever it is about. */
  make(about: readonly string[]): string {
    const endMs = this.#clock.monotonicMs() + this.#lifetimeMs;
    return this.#box.seal(`${endMs} ${randomUUID()} ${digestOf(about)}`);
  }

  /** Whether it is about that, in time, and not answered yet. */
  isOpen(challenge: string, about: readonly string[]): boolean {
    const { endMs, id, digest } = this.#read(challenge);
    const isInTime = endMs > this.#clock.monotonicMs();
    return isInTime && digest === digestOf(about) && !this.#answered.has(id);
  }

  /** Uses up one that is open; false: somebody was quicker. */
  answer(challenge: string): boolean {
    const { endMs, id } = this.#read(challenge);
    if (this.#answered.has(id)) return false;
    const nowMs = this.#clock.monotonicMs();
    for (const [oldest, oldestEndMs] of this.#answered) {
      if (oldestEndMs > nowMs && this.#answered.size < ANSWERED_MAX) break;
      this.#answered.delete(oldest);
    }
    this.#answered.set(id, endMs);
    return true;
  }

  #read(challenge: string) {
    const [end = "", id = "", digest = ""] = (this.#box.open(challenge) ?? "").split(" ");
    return { endMs: Number(end), id, digest };
  }
}

function digestOf(about: readonly string[]): string {
  return hash("sha256", JSON.stringify(about), "base64url");
}
