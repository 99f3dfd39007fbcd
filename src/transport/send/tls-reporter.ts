import { randomUUID } from "node:crypto";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Result } from "../../base/result.ts";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
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
import { CONTENT_CHUNK_BYTES, type QueuedMessage } from "../../store/queue-store.ts";
import { RECORD_PAGE_MAX, type RecordStore, type StoredRecord } from "../../store/record-store.ts";
import { formatTlsReport, parseTlsReportRecord } from "../../tls/tls-report.ts";
import type { Submission, SubmissionQueue } from "../queue/submission.ts";
import { formatTrackingEvent } from "../tracking/tracking-line.ts";
import {
  mergeCounts,
  reportDayOf,
  spanOfDay,
  type TlsCounts,
  type TlsReportCounts,
} from "./tls-report-counts.ts";

/** What TXT records a name has; `failed`: not known just now. */
export type TextLookup = (
  name: string,
) => Promise<
  { readonly kind: "texts"; readonly texts: readonly string[] } | { readonly kind: "failed" }
>;

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

/** Kind of the records that hold counts; their keys are `day domain writer`. */
const COUNTS_KIND = "tls-counts";
/** What is not written yet is lost in a crash: counts, not mail. */
const FLUSH_INTERVAL_MS = 1 * MINUTE;
/** RFC 8460 §4.1: not all servers at midnight. */
const DELAY_MS_MAX = 4 * HOUR;
/** RFC 8460 §5.3 and §5.4: tried for a day; then the counts are of no interest any more. */
const KEPT_MS = 2 * DAY;
/** After a turn in which some report found no taker; in between counts are only written. */
const RETRY_MS = 30 * MINUTE;
/** Domains reported to at one time: a slow one must not hold up all behind it. */
const DOMAINS_AT_ONCE = 8;
/** Domains whose counts are written in one transaction. */
const WRITTEN_AT_ONCE = 100;

/**
 * Brings the counts of one thread into the store, and once a day sends each domain that asks for it
 * a report about the day before (RFC 8460).
 */
export class TlsReporter {
  readonly #parts: TlsReporterParts;
  /** Counts of one run of one thread: a later run must not overwrite them. */
  readonly #writer = randomUUID();
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  /** Monotonic time before which nothing is sent. */
  #sendsFromMs = 0;
  #hasFailed = false;

  constructor(parts: TlsReporterParts) {
    this.#parts = parts;
  }

  /** Begins; every minute from now on. */
  start(): void {
    this.#timer = this.#parts.clock.startTimer(FLUSH_INTERVAL_MS, () => {
      this.#running = this.work();
      void this.#running.then(() => {
        if (this.#timer !== undefined) this.start();
      });
    });
  }

  /** Writes what has been counted and ends; a report under way is broken off. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#running;
    await this.#flush();
  }

  /** One turn; never rejects. */
  async work(): Promise<void> {
    await this.#flush();
    const { clock, composes } = this.#parts;
    if (!composes || clock.monotonicMs() < this.#sendsFromMs) return;
    this.#hasFailed = false;
    await this.#reportUntil(clock.nowMs()).catch((error: unknown) => this.#failed(error));
    if (this.#hasFailed) this.#sendsFromMs = clock.monotonicMs() + RETRY_MS;
  }

  /** The counts are still there: a later turn tries again. */
  #failed(error: unknown): void {
    this.#hasFailed = true;
    this.#parts.diagnostics.warn("tls-reports-not-sent", { reason: String(error) });
  }

  async #flush(): Promise<void> {
    const { counts, records, clock, diagnostics } = this.#parts;
    const taken = counts.take(reportDayOf(clock.nowMs()));
    const written = taken.map(({ day, domain, counts: sums }) => ({
      kind: COUNTS_KIND,
      key: `${day} ${domain} ${this.#writer}`,
      json: JSON.stringify(sums),
      expiresMs: spanOfDay(day).endMs + KEPT_MS,
    }));
    for (let at = 0; at < written.length; at += WRITTEN_AT_ONCE) {
      try {
        await records.write(written.slice(at, at + WRITTEN_AT_ONCE));
      } catch (error) {
        diagnostics.warn("tls-counts-not-written", { reason: String(error) });
      }
    }
  }

  /** Domain by domain, in the order of the keys: days that are over and past their delay. */
  async #reportUntil(nowMs: number): Promise<void> {
    const underWay = new Set<Promise<void>>();
    for await (const group of this.#groupsUntil(nowMs)) {
      if (this.#stop.signal.aborted) break;
      const reported = this.#report(group)
        .catch((error: unknown) => this.#failed(error))
        .finally(() => underWay.delete(reported));
      underWay.add(reported);
      if (underWay.size >= DOMAINS_AT_ONCE) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  /** Counts of one domain and day, of all threads and runs. */
  async *#groupsUntil(nowMs: number): AsyncGenerator<readonly StoredRecord[]> {
    let group: StoredRecord[] = [];
    for await (const record of this.#list()) {
      const [first] = group;
      if (first !== undefined && groupOf(first) !== groupOf(record)) {
        yield group;
        group = [];
      }
      const [day = ""] = record.key.split(" ");
      if (nowMs < spanOfDay(day).endMs + this.#delayMs(day)) break;
      group.push(record);
    }
    if (group.length > 0) yield group;
  }

  async *#list(): AsyncGenerator<StoredRecord> {
    const { records } = this.#parts;
    for (let after = ""; ; ) {
      const page = await records.list(COUNTS_KIND, { after, limit: RECORD_PAGE_MAX });
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < RECORD_PAGE_MAX) return;
      after = last.key;
    }
  }

  /** The same for all of a day's reports, another one each day and on each server. */
  #delayMs(day: string): number {
    let hash = 0;
    for (const character of this.#parts.organization().server.fqdn + day) {
      hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
    }
    return hash % DELAY_MS_MAX;
  }

  async #report(group: readonly StoredRecord[]): Promise<void> {
    const { records, diagnostics, organization } = this.#parts;
    const [day = "", domain = ""] = group[0]?.key.split(" ") ?? [];
    const done = () =>
      records.remove(
        COUNTS_KIND,
        group.map(({ key }) => key),
      );
    if (!organization().transportConfig.tlsReporting.enabled) return done();
    const found = await this.#parts.lookUpText(`_smtp._tls.${domain}`);
    if (found.kind === "failed") {
      this.#hasFailed = true;
      return;
    }
    const to = parseTlsReportRecord(found.texts);
    if (to === undefined) return done();
    // What the store holds is what we wrote.
    const counts = group.flatMap(({ json }) => JSON.parse(json) as TlsCounts[]);
    const report = this.#compose(day, domain, mergeCounts(counts));
    let isSent = false;
    for (const address of to.mail) isSent = (await this.#mail(report, address)) || isSent;
    for (const url of to.https) {
      const posted = await this.#parts.post(url, packTlsReport(report).bytes, this.#stop.signal);
      if (posted.ok) isSent = true;
      else diagnostics.warn("tls-report-not-posted", { domain, url, reason: posted.fault });
    }
    if (!isSent) {
      this.#hasFailed = true;
      return;
    }
    diagnostics.info("tls-report-sent", { domain, day });
    return done();
  }

  #compose(day: string, domain: string, policies: readonly TlsCounts[]): ReportDraft {
    const organization = this.#parts.organization();
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
  async #mail(report: ReportDraft, to: string): Promise<boolean> {
    const { queue, clock } = this.#parts;
    const address = parseAddress(to, { smtpUtf8: false });
    if (address === undefined) return false;
    const nowMs = clock.nowMs();
    const messageId = newMessageId(report.submitter);
    const content = composeTlsReportMail({ ...report, to, messageId, nowMs });
    const id = await queue.nextMessageId();
    const message = reportMessage({ id, report, messageId, nowMs, bytes: content.length });
    await queue.submit(this.#submission(message, address, content));
    return true;
  }

  #submission(message: QueuedMessage, address: Address, content: Buffer): Submission {
    const { transportService: service, server } = this.#parts.organization();
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < content.length; at += CONTENT_CHUNK_BYTES) {
      pieces.push(Uint8Array.from(content.subarray(at, at + CONTENT_CHUNK_BYTES)));
    }
    const events = service.messageTrackingLogEnabled
      ? formatTrackingEvent(
          { event: "RECEIVE", source: "ADMIN", message, recipients: [{ address, status: "To" }] },
          message.receivedMs,
          {
            subjectLogging: service.messageTrackingLogSubjectLoggingEnabled,
            serverName: server.fqdn,
          },
        )
      : "";
    const recipient = {
      position: 0,
      address,
      originalRecipient: undefined,
      // Nobody waits for it: it is not worth a notice to anybody.
      notify: [],
      attemptCount: 0,
      expiresMs: message.receivedMs + DAY,
      delayNoticeMs: undefined,
      lastError: undefined,
      suspended: false,
      resolved: false,
    };
    return { message, recipients: [recipient], content: pieces, firstChunk: 0, events };
  }
}

/** A report before it is known who gets it. */
type ReportDraft = Omit<TlsReportMail, "to" | "messageId" | "nowMs">;

/** How a posted report says what it is (RFC 8460 §5.4). */
export const TLS_REPORT_TYPE = "application/tlsrpt+gzip";

function groupOf({ key }: StoredRecord): string {
  return key.slice(0, key.lastIndexOf(" "));
}

function reportMessage(parts: {
  readonly id: number;
  readonly report: ReportDraft;
  readonly messageId: string;
  readonly nowMs: number;
  readonly bytes: number;
}): QueuedMessage {
  const { id, report, messageId, nowMs, bytes } = parts;
  return {
    id,
    networkMessageId: randomUUID(),
    contentId: id,
    contentBytes: bytes,
    envelope: { sender: "", body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined },
    edits: [],
    internetMessageId: messageId,
    subject: tlsReportSubject(report),
    headerFrom: report.from,
    receivedMs: nowMs,
    priority: "Normal",
    origin: {
      source: "ADMIN",
      connector: "",
      clientAddress: "",
      clientName: report.submitter,
      serverAddress: "",
      directionality: "Originating",
      isReport: true,
    },
    // As its header says.
    tlsNotRequired: true,
  };
}
