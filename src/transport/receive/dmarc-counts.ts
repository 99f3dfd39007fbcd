import type { MessageFailure } from "../../mail/failure-report-mail.ts";
import type { DmarcReportRow } from "../../mailauth/dmarc-report.ts";
import type { PublishedPolicy } from "../../mailauth/sender-authentication.ts";
import { type DayCounts, reportDayOf } from "../queue/daily-reports.ts";

/** A message as reports count it. */
export interface JudgedMessage {
  readonly published: PublishedPolicy;
  readonly row: Omit<DmarcReportRow, "count">;
  /** What a report on this one message tells; made when it is wanted. */
  readonly failure?: (arrivalMs: number) => MessageFailure;
}

/** What a day's report on a domain is made of, as it is kept until then. */
export interface DmarcCounts {
  /** The record of the last message. */
  readonly record: string;
  readonly rows: readonly DmarcReportRow[];
  /** Messages that found no room in the rows. */
  readonly omittedCount: number;
}

/** Domains counted on one day by one thread; messages of others are not reported. */
const DOMAINS_MAX = 10_000;
/** Characters of one domain's rows: with the rest they fit into a record of the store. */
const DOMAIN_CHARACTERS_MAX = 900_000;
/** Characters of all rows together, for one thread. */
const ALL_CHARACTERS_MAX = 32_000_000;
/** Signatures of a row, and characters of what a message says in it. */
const SIGNATURES_MAX = 4;
const TEXT_CHARACTERS_MAX = 253;

interface Entry {
  record: string;
  omittedCount: number;
  characters: number;
  /** By what tells rows apart. */
  readonly rows: Map<string, { readonly row: Omit<DmarcReportRow, "count">; count: number }>;
}

/** Counts judged messages by day and policy domain, in bounded memory. */
export class DmarcDayCounts {
  readonly #days = new Map<string, Map<string, Entry>>();
  readonly #changed = new Set<string>();
  #characters = 0;

  /** Counts one message. */
  add({ published, row }: JudgedMessage, nowMs: number): void {
    const day = reportDayOf(nowMs);
    let domains = this.#days.get(day);
    if (domains === undefined) {
      domains = new Map();
      this.#days.set(day, domains);
    }
    const { domain, record } = published;
    let entry = domains.get(domain);
    if (entry === undefined) {
      if (domains.size >= DOMAINS_MAX) return;
      entry = { record, omittedCount: 0, characters: 0, rows: new Map() };
      domains.set(domain, entry);
    }
    this.#changed.add(`${day} ${domain}`);
    entry.record = record;
    const kept = bounded(row);
    const key = JSON.stringify(kept);
    const known = entry.rows.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const isRoom =
      entry.characters + key.length <= DOMAIN_CHARACTERS_MAX &&
      this.#characters + key.length <= ALL_CHARACTERS_MAX;
    if (!isRoom) {
      entry.omittedCount += 1;
      return;
    }
    entry.characters += key.length;
    this.#characters += key.length;
    entry.rows.set(key, { row: kept, count: 1 });
  }

  /** What has changed since the last call, with the sums of the whole day; forgets before `day`. */
  take(day: string): readonly DayCounts[] {
    const taken = [...this.#changed].flatMap((key): DayCounts[] => {
      const [of = "", domain = ""] = key.split(" ");
      const entry = this.#days.get(of)?.get(domain);
      if (entry === undefined) return [];
      const { record, omittedCount } = entry;
      const rows = [...entry.rows.values()].map(({ row, count }) => ({ ...row, count }));
      const value: DmarcCounts = { record, rows, omittedCount };
      return [{ day: of, domain, value }];
    });
    this.#changed.clear();
    for (const [known, domains] of this.#days) {
      if (known >= day) continue;
      for (const { characters } of domains.values()) this.#characters -= characters;
      this.#days.delete(known);
    }
    return taken;
  }
}

function bounded(row: Omit<DmarcReportRow, "count">): Omit<DmarcReportRow, "count"> {
  const cut = (text: string) => text.slice(0, TEXT_CHARACTERS_MAX);
  const { headerFrom, envelopeFrom, spfResult } = row;
  // Those that pass first: they tell most about who has sent it (RFC 9990 §3.1.3).
  const signatures = row.dkimResults.toSorted(
    (one, other) => Number(other.result === "pass") - Number(one.result === "pass"),
  );
  return {
    ...row,
    headerFrom: cut(headerFrom),
    envelopeFrom: cut(envelopeFrom),
    spfResult: spfResult && { ...spfResult, domain: cut(spfResult.domain) },
    dkimResults: signatures.slice(0, SIGNATURES_MAX).map(({ domain, selector, result }) => ({
      domain: cut(domain),
      selector: cut(selector),
      result,
    })),
  };
}

/** Counts of several threads and runs as one: equal rows are added up. Pure. */
export function mergeDmarcCounts(counts: readonly DmarcCounts[]): DmarcCounts {
  const rows = new Map<string, DmarcReportRow>();
  for (const { count, ...row } of counts.flatMap((one) => one.rows)) {
    const key = JSON.stringify(row);
    rows.set(key, { ...row, count: count + (rows.get(key)?.count ?? 0) });
  }
  return {
    record: counts.at(-1)?.record ?? "",
    rows: [...rows.values()],
    omittedCount: counts.reduce((sum, one) => sum + one.omittedCount, 0),
  };
}
