import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count } from "../base/metrics.ts";

/** What all connections of a listener have in common. */
export interface ServerConnectionContext {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
  /** TLS from the first byte (RFC 8314 §3.3). */
  readonly implicitTls: boolean;
  /** A handshake that takes longer ends the session. */
  readonly handshakeTimeoutMs: number;
}

/** Our own fault with one connection: the operator learns where it is, and the others go on. */
export function tellCrash({ diagnostics }: ServerConnectionContext, error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  diagnostics.error("smtp-session-crashed", { message });
}
