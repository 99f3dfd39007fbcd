import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { HOUR } from "../base/units.ts";
import type { AuditEntry } from "../cmdlet/execution.ts";
import type { AccessStore } from "../store/access-store.ts";
import { formatAuditRow } from "./audit-row.ts";

const PRUNE_INTERVAL_MS = HOUR;
/** Entries removed by one transaction. */
const PRUNED_AT_ONCE = 1000;

/** What the audit log is made of. */
export interface AuditLogParts {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** How long entries are kept, as it is now. */
  readonly ageLimitMs: () => number;
}

/** Who has changed what: written durably, kept for a time, never changed. */
export class AuditLog {
  readonly #parts: AuditLogParts;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
  }

  /** Removes what is too old, now and every hour. */
  start(): void {
    if (this.#isStopped) return;
    this.#timer = this.#parts.clock.startTimer(PRUNE_INTERVAL_MS, () => this.start());
    void this.prune().catch((error: unknown) => {
      this.#parts.diagnostics.warn("audit-log-not-pruned", { reason: String(error) });
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Durable once it has resolved; rejects with StoreFailure. */
  write(entry: AuditEntry): Promise<void> {
    return this.#parts.store.addAudit(formatAuditRow(entry));
  }

  /** Removes what is older than the age limit. */
  async prune(): Promise<void> {
    const atMs = this.#parts.clock.nowMs() - this.#parts.ageLimitMs();
    for (;;) {
      const count = await this.#parts.store.pruneAudit({ atMs, limit: PRUNED_AT_ONCE });
      if (count < PRUNED_AT_ONCE) return;
    }
  }
}
