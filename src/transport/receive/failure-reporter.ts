import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import {
  composeFailureReportMail,
  failureReportSubject,
  type MessageFailure,
} from "../../mail/failure-report-mail.ts";
import { newMessageId } from "../../mail/message-id.ts";
import { confirmDestinations } from "../../mailauth/dmarc-destinations.ts";
import { parseDmarcRecord } from "../../mailauth/dmarc-record.ts";
import type { Organization } from "../../org/organization.ts";
import { postmasterOf } from "../../org/postmaster.ts";
import { reportDayOf } from "../queue/daily-reports.ts";
import { submitReport, type TextLookup } from "../queue/report-submission.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import type { JudgedMessage } from "./dmarc-counts.ts";

/** What the reporter works with. */
export interface FailureReporterParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly organization: () => Organization;
  readonly lookUpText: TextLookup;
  readonly queue: Pick<SubmissionQueue, "submit" | "nextMessageId">;
}

/** Reports on a domain a day, and on all, by one thread: they show ways to fail, not how often. */
const DOMAIN_REPORTS_MAX = 10;
const ALL_REPORTS_MAX = 500;

/**
 * Sends reports on single messages that fail DMARC, where the author's domain asks for them (RFC
 * 9991) and the organization has switched them on: one a day on each source, and not many.
 */
export class FailureReporter {
  readonly #parts: FailureReporterParts;
  #day = "";
  #counts = new Map<string, number>();
  #sources = new Set<string>();

  constructor(parts: FailureReporterParts) {
    this.#parts = parts;
  }

  /** Takes a judged message; what is sent is sent later. `undefined`: nothing is. */
  take({ published, row, failure }: JudgedMessage): Promise<void> | undefined {
    const { organization, clock, diagnostics } = this.#parts;
    if (
      failure === undefined ||
      !organization().transportConfig.dmarcReporting.failureReportsEnabled
    )
      return undefined;
    const record = parseDmarcRecord(published.record);
    const isWanted =
      record !== undefined &&
      record.ruf.length > 0 &&
      record.psd !== "y" &&
      /[01]/.test(record.fo) &&
      row.dkim === "fail" &&
      row.spf === "fail" &&
      // A report on a report could go round.
      row.envelopeFrom !== "";
    if (!isWanted || !this.#isRoom(published.domain, row.sourceIp, reportDayOf(clock.nowMs()))) {
      return undefined;
    }
    return this.#send(published.domain, record.ruf, failure(clock.nowMs())).catch(
      (error: unknown) => {
        const reason = String(error);
        diagnostics.warn("dmarc-failure-report-not-sent", { domain: published.domain, reason });
      },
    );
  }

  #isRoom(domain: string, sourceIp: string, day: string): boolean {
    if (day !== this.#day) {
      this.#day = day;
      this.#counts = new Map();
      this.#sources = new Set();
    }
    const source = `${domain} ${sourceIp}`;
    const count = this.#counts.get(domain) ?? 0;
    if (this.#sources.has(source) || count >= DOMAIN_REPORTS_MAX) return false;
    if (this.#sources.size >= ALL_REPORTS_MAX) return false;
    this.#sources.add(source);
    this.#counts.set(domain, count + 1);
    return true;
  }

  async #send(
    domain: string,
    wanted: Parameters<typeof confirmDestinations>[0],
    failure: MessageFailure,
  ): Promise<void> {
    const { clock, queue, diagnostics } = this.#parts;
    const organization = this.#parts.organization();
    const texts = async (name: string) => {
      const answer = await this.#parts.lookUpText(name);
      return answer.kind === "failed" ? undefined : answer.texts;
    };
    const { found } = await confirmDestinations(wanted, { domain, kind: "ruf" }, texts);
    if (found.length === 0) return;
    const spf = (await texts(failure.domain))?.find((text) => /^v=spf1(?: |$)/i.test(text));
    const submitter = organization.server.fqdn;
    const from = organization.transportConfig.dmarcReporting.contact ?? postmasterOf(organization);
    const subject = failureReportSubject(failure);
    for (const { address, bytesMax } of found) {
      const [nowMs, messageId] = [clock.nowMs(), newMessageId(submitter)];
      const spfDns = spf && `txt : ${failure.domain} : "${spf.replace(/["\\]/g, "?")}"`;
      const mail = { from, to: address, submitter, messageId, nowMs, failure, spfDns };
      const content = composeFailureReportMail(mail);
      if (content.length > bytesMax) continue;
      const message = { content, subject, from, messageId, nowMs };
      await submitReport(address, message, { queue, organization });
    }
    diagnostics.info("dmarc-failure-report-sent", { domain });
  }
}
