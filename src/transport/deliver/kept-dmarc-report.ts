import { hash } from "node:crypto";
import { DAY, KiB } from "../../base/units.ts";
import { parseDomain } from "../../mail/address.ts";
import type { DmarcReport, DmarcReportRow } from "../../mailauth/dmarc-report.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import type { StoredRecord } from "../../store/record-store.ts";

/** Kind of the records that hold aggregate reports of others; keys are `domain end hash`. */
export const DMARC_REPORT_KIND = "dmarc-report";
const KEPT_MS = 366 * DAY;
/** There may be many, forged ones too: what expires first goes first when there is no room. */
const FAILURE_KEPT_MS = 30 * DAY;
/** Of one report that is kept, for a year: those who send little to us have less. */
const KEPT_CHARS_MAX = 32 * KiB;

/** Messages of one source in a report: what tells who sends as us. */
export type KeptDmarcRow = Pick<
  DmarcReportRow,
  "sourceIp" | "headerFrom" | "disposition" | "dkim" | "spf" | "count"
> & {
  /** Domains whose signatures have passed, and whose SPF has, each once. */
  readonly signedBy: readonly string[];
  readonly sentBy: readonly string[];
  /** Reports on single failures; absent: none. */
  readonly failureCount?: number;
};

/** A report as it is kept. */
export interface KeptDmarcReport {
  /** Who the mail says it is from; not proved. */
  readonly headerFrom: string;
  readonly receivedMs: number;
  readonly organizationName: string;
  readonly reportId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly domain: string;
  readonly rows: readonly KeptDmarcRow[];
  /** Messages that found no room in the rows. */
  readonly omittedCount: number;
}

/** Domains that one row names of each kind. */
const NAMES_MAX = 5;

/** The record that keeps a report; `undefined` when it is not about a domain of ours. Pure. */
export function keptDmarcReport(
  report: DmarcReport,
  about: {
    readonly headerFrom: string;
    readonly receivedMs: number;
    readonly organization: Pick<Organization, "acceptedDomains">;
  },
): { readonly kept: KeptDmarcReport; readonly record: StoredRecord } | undefined {
  const domain = parseDomain(report.domain);
  if (domain === undefined || findAcceptedDomain(about.organization, domain) === undefined) {
    return undefined;
  }
  const { organizationName, reportId, startMs, endMs } = report;
  const { headerFrom, receivedMs } = about;
  const head = { headerFrom, receivedMs, organizationName, reportId, startMs, endMs, domain };
  const kept = { ...head, ...fitRows(mergeRows(report.rows)) };
  const isFailure = report.rows.every(({ failureCount }) => failureCount !== undefined);
  const id = hash("sha256", `${organizationName}\n${reportId}`, "hex").slice(0, 16);
  const record = {
    kind: DMARC_REPORT_KIND,
    key: `${domain} ${String(endMs).padStart(14, "0")} ${id}`,
    json: JSON.stringify(kept),
    expiresMs: receivedMs + (isFailure ? FAILURE_KEPT_MS : KEPT_MS),
  };
  return { kept, record };
}

/** One row for all messages of one source with one result, the largest first. */
function mergeRows(rows: readonly DmarcReportRow[]): readonly KeptDmarcRow[] {
  const merged = new Map<string, KeptDmarcRow>();
  for (const { sourceIp, headerFrom, disposition, dkim, spf, count, ...row } of rows) {
    const key = [sourceIp, headerFrom, disposition, dkim, spf].join("\n");
    const known = merged.get(key);
    const signed = row.dkimResults.filter(({ result }) => result === "pass");
    const sent = row.spfResult?.result === "pass" ? [row.spfResult.domain] : [];
    merged.set(key, {
      ...{ sourceIp, headerFrom, disposition, dkim, spf },
      count: count + (known?.count ?? 0),
      signedBy: distinct([...(known?.signedBy ?? []), ...signed.map(({ domain }) => domain)]),
      sentBy: distinct([...(known?.sentBy ?? []), ...sent]),
      ...(row.failureCount !== undefined && { failureCount: row.failureCount }),
    });
  }
  return [...merged.values()].sort((one, other) => other.count - one.count);
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].slice(0, NAMES_MAX);
}

function fitRows(rows: readonly KeptDmarcRow[]): Pick<KeptDmarcReport, "rows" | "omittedCount"> {
  let characters = 0;
  let fitting = 0;
  for (const row of rows) {
    characters += JSON.stringify(row).length + 1;
    if (characters > KEPT_CHARS_MAX) break;
    fitting += 1;
  }
  const omittedCount = rows.slice(fitting).reduce((sum, { count }) => sum + count, 0);
  return { rows: rows.slice(0, fitting), omittedCount };
}
