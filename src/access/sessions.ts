import { randomUUID } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { HOUR, MINUTE } from "../base/units.ts";
import { digestToken, makeToken } from "./secret-token.ts";

/** Silence that ends a session. */
export const SESSION_IDLE_MS: number = 30 * MINUTE;
/** How long a session lasts at most. */
export const SESSION_LIFETIME_MS: number = 12 * HOUR;
/** Sessions of one administrator; one more ends the one that has been idle longest. */
export const SESSIONS_PER_NAME_MAX = 20;
/** Sessions in all; one more ends the one that has been idle longest. */
export const SESSIONS_MAX = 2000;

/** How somebody has come in. */
export const SIGN_IN_WAYS = [
  "Password",
  "PasswordAndCode",
  "PasswordAndRecoveryCode",
  "Passkey",
  "OpenIDConnect",
  "SetupLink",
] as const;

/** A name out of SIGN_IN_WAYS. */
export type SignInWay = (typeof SIGN_IN_WAYS)[number];

/** An administrator who has logged in. */
export interface Session {
  /** Names it in lists; says nothing about its token. */
  readonly id: string;
  readonly name: string;
  /** From where he logged in. */
  readonly address: string;
  /** The header User-Agent that he sent, in ASCII. */
  readonly browser: string;
  readonly way: SignInWay;
  /** Of the credentials that he logged in with. */
  readonly stamp: string;
  /** The id of the passkey that he has shown: without it, the session is over. */
  readonly passkey?: string | undefined;
  /** Epoch ms. */
  readonly beganMs: number;
  readonly expiresMs: number;
  readonly lastUsedMs: number;
}

interface Entry extends Session {
  lastUsedMs: number;
  /** As lastUsedMs and beganMs, on the clock that nobody sets. */
  usedMonotonicMs: number;
  readonly beganMonotonicMs: number;
}

/** Sessions, in memory alone: a restart ends them. Tokens are kept as digests. */
export class Sessions {
  readonly #clock: Clock;
  /** By digest; the order is that of last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a session; the token is shown this once. */
  begin(of: Pick<Session, "name" | "address" | "browser" | "way" | "stamp" | "passkey">): {
    readonly token: string;
    readonly session: Session;
  } {
    this.#prune();
    const own = [...this.#entries].filter(([, entry]) => entry.name === of.name);
    if (own.length >= SESSIONS_PER_NAME_MAX) this.#entries.delete(own[0]?.[0] ?? "");
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= SESSIONS_MAX) this.#entries.delete(oldest ?? "");
    const token = makeToken("ps_");
    const nowMs = this.#clock.nowMs();
    const entry: Entry = {
      ...of,
      id: randomUUID(),
      beganMs: nowMs,
      lastUsedMs: nowMs,
      expiresMs: nowMs + SESSION_LIFETIME_MS,
      beganMonotonicMs: this.#clock.monotonicMs(),
      usedMonotonicMs: this.#clock.monotonicMs(),
    };
    this.#entries.set(digestToken(token), entry);
    return { token, session: entry };
  }

  /** The session of a token; asking is using it. */
  use(token: string): Session | undefined {
    const digest = digestToken(token);
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    this.#entries.delete(digest);
    if (this.#isOver(entry)) return undefined;
    entry.lastUsedMs = this.#clock.nowMs();
    entry.usedMonotonicMs = this.#clock.monotonicMs();
    this.#entries.set(digest, entry);
    return entry;
  }

  /** The session of a token; asking is not using it. */
  find(token: string): Session | undefined {
    const entry = this.#entries.get(digestToken(token));
    return entry === undefined || this.#isOver(entry) ? undefined : entry;
  }

  /** Those that are open, the one used last at the end. */
  all(): readonly Session[] {
    this.#prune();
    return [...this.#entries.values()];
  }

  /** Ends those for which it is true; how many that were. */
  end(which: (session: Session) => boolean): number {
    let count = 0;
    for (const [digest, entry] of this.#entries) {
      if (!which(entry)) continue;
      this.#entries.delete(digest);
      count += 1;
    }
    return count;
  }

  #prune(): void {
    for (const [digest, entry] of this.#entries) {
      if (this.#isOver(entry)) this.#entries.delete(digest);
    }
  }

  #isOver({ usedMonotonicMs, beganMonotonicMs }: Entry): boolean {
    const nowMs = this.#clock.monotonicMs();
    const isIdle = nowMs - usedMonotonicMs >= SESSION_IDLE_MS;
    return isIdle || nowMs - beganMonotonicMs >= SESSION_LIFETIME_MS;
  }
}
