import type { Clock } from "../base/clock.ts";
import { HOUR } from "../base/units.ts";
import type { Administrators } from "./administrators.ts";
import { digestToken, makeToken } from "./secret-token.ts";
import { isSameSecret } from "./session-cookie.ts";

/** How long a link is good. */
export const SETUP_LINK_LIFETIME_MS: number = 24 * HOUR;

/** A link that makes the first administrator: good once, and only while there is none. */
export class SetupLink {
  readonly #administrators: Administrators;
  readonly #clock: Clock;
  /** Digest of its token; `undefined` when it is used up, or taken at this moment. */
  #digest: string | undefined;
  #madeMs = 0;
  /** An administrator who has come and gone since has ended the link. */
  #changeCount = 0;

  constructor(parts: { readonly administrators: Administrators; readonly clock: Clock }) {
    this.#administrators = parts.administrators;
    this.#clock = parts.clock;
  }

  /** Whether there is no administrator yet. */
  isNeeded(): boolean {
    return this.#administrators.rows.all().length === 0;
  }

  /** The token of a new link, told this once; the one of before is worth nothing. */
  renew(): string | undefined {
    if (!this.isNeeded()) return undefined;
    const token = makeToken("pf_");
    this.#digest = digestToken(token);
    this.#madeMs = this.#clock.monotonicMs();
    this.#changeCount = this.#administrators.rows.changeCount;
    return token;
  }

  /**
   * Takes the link, so that nobody else has it; who cannot use it gives it back. `undefined`: the
   * token is wrong, or the link is not good any more.
   */
  take(token: string): { readonly giveBack: () => void } | undefined {
    const digest = this.#digest;
    const isOld = this.#clock.monotonicMs() - this.#madeMs >= SETUP_LINK_LIFETIME_MS;
    const isRight = isSameSecret(digestToken(token), digest ?? "");
    const isUnused = this.isNeeded() && this.#administrators.rows.changeCount === this.#changeCount;
    if (digest === undefined || !isRight || isOld || !isUnused) return undefined;
    this.#digest = undefined;
    return {
      giveBack: () => {
        this.#digest ??= digest;
      },
    };
  }
}
