import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Result } from "../../base/result.ts";
import { newMessageId } from "../../mail/message-id.ts";
import {
  composeTlsReportMail,
  packTlsReport,
  type TlsReportMail,
  tlsReportSubject,
} from "../../mail/tls-report-mail.ts";
import { defaultAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import { postmasterOf } from "../../org/postmaster.ts";
import type { RecordStore } from "../../store/record-store.ts";
import { formatTlsReport, parseTlsReportRecord } from "../../tls/tls-report.ts";
import { DailyReports, type ReportGroup, spanOfDay } from "../queue/daily-reports.ts";
import { submitReport, type TextLookup } from "../queue/report-submission.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import { mergeCounts, type TlsCounts, type TlsReportCounts } from "./tls-report-counts.ts";

/** What the reporter works with. */
export interface TlsReporterParts {
  readonly counts: TlsReportCounts;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly organization: () => Organization;
  readonly lookUpText: TextLookup;
  readonly queue: Pick<SubmissionQueue, "submit" | "nextMessageId">;
  /** Sends a packed report over HTTPS; the fault says why it was not taken. Gives up at once. */
  readonly post: (
    url: string,
    body: Uint8Array,
    signal: AbortSignal,
  ) => Promise<Result<undefined, string>>;
  /** Only one thread of a server composes; the others just bring their counts. */
  readonly composes: boolean;
}

/** How a posted report says what it is (RFC 8460 §5.4). */
export const TLS_REPORT_TYPE = "application/tlsrpt+gzip";

/**
 * Brings the counts of one thread into the store, and once a day sends each domain that asks for it
 * a report about the day before (RFC 8460).
 */
export function createTlsReporter(parts: TlsReporterParts): DailyReports {
  const { counts, records, clock, diagnostics, composes } = parts;
  return new DailyReports({
    ...{ records, clock, diagnostics, composes },
    countsKind: "tls-counts",
    name: "tls",
    take: (day) => counts.take(day).map(({ counts: value, ...rest }) => ({ ...rest, value })),
    serverName: () => parts.organization().server.fqdn,
    report: (group, signal) => report(parts, group, signal),
  });
}

async function report(
  parts: TlsReporterParts,
  { day, domain, values }: ReportGroup,
  signal: AbortSignal,
): Promise<"done" | "later"> {
  const { diagnostics, organization } = parts;
  if (!organization().transportConfig.tlsReporting.enabled) return "done";
  const found = await parts.lookUpText(`_smtp._tls.${domain}`);
  if (found.kind === "failed") return "later";
  const to = parseTlsReportRecord(found.texts);
  if (to === undefined) return "done";
  // What the store holds is what we wrote.
  const draft = compose(
    organization(),
    { day, domain },
    mergeCounts((values as TlsCounts[][]).flat()),
  );
  let isSent = false;
  for (const address of to.mail) isSent = (await mail(parts, draft, address)) || isSent;
  for (const url of to.https) {
    const posted = await parts.post(url, packTlsReport(draft).bytes, signal);
    if (posted.ok) isSent = true;
    else diagnostics.warn("tls-report-not-posted", { domain, url, reason: posted.fault });
  }
  if (!isSent) return "later";
  diagnostics.info("tls-report-sent", { domain, day });
  return "done";
}

/** A report before it is known who gets it. */
type ReportDraft = Omit<TlsReportMail, "to" | "messageId" | "nowMs">;

function compose(
  organization: Organization,
  { day, domain }: Pick<ReportGroup, "day" | "domain">,
  policies: readonly TlsCounts[],
): ReportDraft {
  const { tlsReporting } = organization.transportConfig;
  const { startMs, endMs } = spanOfDay(day);
  const from = tlsReporting.contact ?? postmasterOf(organization);
  const submitter = organization.server.fqdn;
  const reportId = `${day}_${domain}@${submitter}`;
  const name = defaultAcceptedDomain(organization)?.domainName ?? submitter;
  const organizationName = tlsReporting.organizationName ?? name;
  const json = formatTlsReport({
    organizationName,
    startMs,
    endMs,
    contactInfo: from,
    reportId,
    policies,
  });
  return { from, domain, submitter, reportId, json, startMs, endMs };
}

/** Puts the report into the Submission queue; false when the address is none. */
function mail(
  { queue, clock, organization }: TlsReporterParts,
  draft: ReportDraft,
  to: string,
): Promise<boolean> {
  const nowMs = clock.nowMs();
  const messageId = newMessageId(draft.submitter);
  const content = composeTlsReportMail({ ...draft, to, messageId, nowMs });
  const subject = tlsReportSubject(draft);
  const { from } = draft;
  const message = { content, subject, from, messageId, nowMs, tlsNotRequired: true } as const;
  return submitReport(to, message, { queue, organization: organization() });
}
