import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import {
  composeDmarcReportMail,
  dmarcReportSubject,
  packDmarcReport,
} from "../../mail/dmarc-report-mail.ts";
import { newMessageId } from "../../mail/message-id.ts";
import { confirmDestinations } from "../../mailauth/dmarc-destinations.ts";
import { parseDmarcRecord } from "../../mailauth/dmarc-record.ts";
import { type DmarcReport, formatDmarcReport } from "../../mailauth/dmarc-report.ts";
import { defaultAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import { postmasterOf } from "../../org/postmaster.ts";
import type { RecordStore } from "../../store/record-store.ts";
import { DailyReports, type ReportGroup, spanOfDay } from "../queue/daily-reports.ts";
import { submitReport, type TextLookup } from "../queue/report-submission.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import { type DmarcCounts, type DmarcDayCounts, mergeDmarcCounts } from "./dmarc-counts.ts";

/** What the reporter works with. */
export interface DmarcReporterParts {
  readonly counts: DmarcDayCounts;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly organization: () => Organization;
  readonly lookUpText: TextLookup;
  readonly queue: Pick<SubmissionQueue, "submit" | "nextMessageId">;
  /** Only one thread of a server composes; the others just bring their counts. */
  readonly composes: boolean;
}

/**
 * Brings the counts of one thread into the store, and once a day sends each domain that asks for it
 * a report about the mail of the day before that claims to be its own (RFC 9990).
 */
export function createDmarcReporter(parts: DmarcReporterParts): DailyReports {
  const { counts, records, clock, diagnostics, composes } = parts;
  return new DailyReports({
    ...{ records, clock, diagnostics, composes },
    countsKind: "dmarc-counts",
    name: "dmarc",
    take: (day) => counts.take(day),
    serverName: () => parts.organization().server.fqdn,
    report: (group) => report(parts, group),
  });
}

async function report(
  parts: DmarcReporterParts,
  { day, domain, values }: ReportGroup,
): Promise<"done" | "later"> {
  const { diagnostics, lookUpText, organization } = parts;
  if (!organization().transportConfig.dmarcReporting.enabled) return "done";
  // What the store holds is what we wrote.
  const counts = mergeDmarcCounts(values as DmarcCounts[]);
  const policy = parseDmarcRecord(counts.record);
  if (policy === undefined || policy.rua.length === 0 || counts.rows.length === 0) return "done";
  const { found, isUnsure } = await confirmDestinations(
    policy.rua,
    { domain, kind: "rua" },
    async (name) => {
      const answer = await lookUpText(name);
      return answer.kind === "failed" ? undefined : answer.texts;
    },
  );
  if (found.length === 0) return isUnsure ? "later" : "done";
  const { startMs, endMs } = spanOfDay(day);
  const { transportConfig, server } = organization();
  const { dmarcReporting } = transportConfig;
  const submitter = server.fqdn;
  const from = dmarcReporting.contact ?? postmasterOf(organization());
  const name = defaultAcceptedDomain(organization())?.domainName ?? submitter;
  const { omittedCount } = counts;
  const made: DmarcReport = {
    organizationName: dmarcReporting.organizationName ?? name,
    email: from,
    reportId: `${day}_${domain}@${submitter}`,
    startMs,
    endMs,
    errors: omittedCount > 0 ? [`${omittedCount} more messages are not in the records`] : [],
    domain,
    policy,
    rows: counts.rows,
  };
  const isSent = await mailTo(found, { made, from, submitter }, parts);
  if (isSent) diagnostics.info("dmarc-report-sent", { domain, day });
  return "done";
}

async function mailTo(
  destinations: readonly { readonly address: string; readonly bytesMax: number }[],
  parts: { readonly made: DmarcReport; readonly from: string; readonly submitter: string },
  { queue, clock, organization }: DmarcReporterParts,
): Promise<boolean> {
  const { made, from, submitter } = parts;
  const { domain, reportId, startMs, endMs } = made;
  const packed = packDmarcReport(formatDmarcReport(made));
  let isSent = false;
  for (const { address, bytesMax } of destinations) {
    const nowMs = clock.nowMs();
    const messageId = newMessageId(submitter);
    const mail = {
      ...{ from, domain, submitter, reportId, packed, startMs, endMs },
      messageId,
      nowMs,
    };
    const content = composeDmarcReportMail({ ...mail, to: address });
    if (content.length > bytesMax) continue;
    const message = { content, subject: dmarcReportSubject(mail), from, messageId, nowMs };
    isSent =
      (await submitReport(address, message, { queue, organization: organization() })) || isSent;
  }
  return isSent;
}
