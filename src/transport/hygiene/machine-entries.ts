import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { RECORD_PAGE_MAX, type RecordStore, type StoredRecord } from "../../store/record-store.ts";
import type { SourceToBlock } from "./protocol-analysis-agent.ts";
import type { ReputationTable } from "./reputation-table.ts";

const KIND = "ip-block-machine";

/** An entry of the IP Block list that nobody has written. */
export interface MachineEntry {
  readonly address: string;
  readonly untilMs: number;
  readonly level: number;
  /** `SpamShare 0.95`; empty when they are not known any more. */
  readonly reasons: readonly string[];
}

/** What the entries are kept in. */
export interface MachineEntryParts {
  readonly clock: Clock;
  readonly diagnostics: Pick<Diagnostics, "info" | "warn">;
  readonly records: RecordStore;
  readonly reputation: ReputationTable;
}

/**
 * The sources that sender reputation has blocked: in force in the table that all threads share, and
 * in the store so that a restart does not let them in again.
 */
export class MachineEntries {
  readonly #parts: MachineEntryParts;

  constructor(parts: MachineEntryParts) {
    this.#parts = parts;
  }

  /** Keeps what is in force already. Never rejects: until the next restart it holds anyway. */
  async keep({ address, level, untilMs, reasons }: SourceToBlock): Promise<void> {
    const { diagnostics, records } = this.#parts;
    diagnostics.info("source-blocked", { address, level, reasons });
    const json = JSON.stringify({ level, reasons });
    try {
      await records.write([{ kind: KIND, key: address, json, expiresMs: untilMs }]);
    } catch (error) {
      diagnostics.warn("source-block-not-stored", { address, reason: String(error) });
    }
  }

  /** Puts the stored ones in force again. Never rejects. */
  async restore(): Promise<void> {
    const { diagnostics, reputation, clock } = this.#parts;
    try {
      for (const { address, level, untilMs } of await this.list()) {
        const nowMs = clock.nowMs();
        if (reputation.isBlocked(address, nowMs)) continue;
        reputation.block(address, { nowMs, untilMs, level });
      }
    } catch (error) {
      diagnostics.warn("source-blocks-not-read", { reason: String(error) });
    }
  }

  /** Those that have not expired. @throws StoreFailure */
  async list(): Promise<readonly MachineEntry[]> {
    const { records, clock } = this.#parts;
    const found: MachineEntry[] = [];
    let after = "";
    for (;;) {
      const page = await records.list(KIND, { after, limit: RECORD_PAGE_MAX });
      found.push(...page.filter((one) => one.expiresMs > clock.nowMs()).map(readEntry));
      const last = page.at(-1);
      if (last === undefined || page.length < RECORD_PAGE_MAX) return found;
      after = last.key;
    }
  }

  /** Lets a source in again; whether it was blocked. @throws StoreFailure */
  async remove(address: string): Promise<boolean> {
    const { records, reputation } = this.#parts;
    const known = await records.read(KIND, address);
    await records.remove(KIND, [address]);
    return reputation.forget(address) || known !== undefined;
  }
}

/** Another release may have written it otherwise: then nobody knows why. */
function readEntry({ key, json, expiresMs }: StoredRecord): MachineEntry {
  const { level, reasons } = JSON.parse(json) as Partial<MachineEntry>;
  return {
    address: key,
    untilMs: expiresMs,
    level: typeof level === "number" ? level : 0,
    reasons: Array.isArray(reasons) ? reasons.map(String) : [],
  };
}
