import { hash } from "node:crypto";
import { type Clock, delay } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Result } from "../../base/result.ts";
import { DAY, KiB, MiB, SECOND } from "../../base/units.ts";
import { parseDomain } from "../../mail/address.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { looksLikeReport, readTlsReportMail } from "../../mail/tls-report-mail.ts";
import type { DmarcReport } from "../../mailauth/dmarc-report.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import type { RecordStore } from "../../store/record-store.ts";
import { parseTlsReport, type TlsReport, type TlsReportPolicy } from "../../tls/tls-report.ts";
import type { Courier, Delivery, Lane } from "../queue/courier.ts";
import { type KeptDmarcReport, keptDmarcReport } from "./kept-dmarc-report.ts";

/** Kind of the records that hold reports of others; keys are `domain end hash`. */
const REPORT_KIND = "tls-report";
const KEPT_MS = 366 * DAY;
/** Larger mail is no report, or one that we do without. */
const CONTENT_BYTES_MAX = 1 * MiB;
/** Reports are lines of base64; a mail of other lines could take seconds to be read. */
const LINES_MAX = 30_000;
const LINE_BYTES_MAX = 4096;
/**
 * Anybody may send reports about us. Of those that wait to be read a thread has no more than this;
 * others are delivered like any mail and not looked into.
 */
const WAITING_MAX = 20;
/** Nor does a thread keep more of one day: they stay for a year, and strangers could send many. */
export const KEPT_OF_DAY_MAX = 500;
/** Between two of them: reading one takes the thread's time, and mail goes first. */
const PAUSE_MS = SECOND / 2;
/** Of one report that is kept, for a year: all but a few have less. */
const KEPT_CHARS_MAX = 16 * KiB;
/** Failures of a policy, and policies, that are kept of one that has more. */
const FAILURES_KEPT = 10;
const POLICIES_KEPT = 32;

/** What the intake works with. */
export interface ReportIntakeParts {
  readonly records: Pick<RecordStore, "write">;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly organization: () => Organization;
  /** Reads an aggregate report, away from this thread; absent: none is looked for. */
  readonly readDmarcReport?: ReadDmarcReport;
}

/** The DMARC report in a mail; `undefined`: it has none, or nobody could say. Never rejects. */
export type ReadDmarcReport = (
  content: Uint8Array,
) => Promise<Result<DmarcReport, string> | undefined>;

/** A report as it is kept. */
export interface KeptTlsReport {
  /** Who the mail says it is from; not proved. */
  readonly headerFrom: string;
  readonly receivedMs: number;
  readonly report: TlsReport;
}

/**
 * The courier, with an eye on what it delivers: reports about domains of ours, on TLS (RFC 8460)
 * and on DMARC (RFC 9990), are read, told in the diagnostics and kept. Delivery never waits for it,
 * and never fails of it.
 */
export function withReportIntake(courier: Courier, parts: ReportIntakeParts): Courier {
  const reader = new ReportReader(parts);
  return {
    async run(lane) {
      const contents = new Map<Delivery, Promise<Buffer | undefined>>();
      try {
        return await courier.run(watched(lane, contents, reader));
      } finally {
        for (const _ of contents) reader.release();
      }
    },
  };
}

/** Reads reports one after the other, and keeps them. */
class ReportReader {
  readonly #parts: ReportIntakeParts;
  #waiting = 0;
  #day = 0;
  #dayCount = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(parts: ReportIntakeParts) {
    const { records } = parts;
    this.#parts = {
      ...parts,
      records: {
        write: (kept) => {
          this.#dayCount += 1;
          return records.write(kept);
        },
      },
    };
  }

  /** Whether one more may wait; every yes is answered by `release` or `read`. */
  reserve(): boolean {
    const day = Math.floor(this.#parts.clock.nowMs() / DAY);
    if (day !== this.#day) this.#dayCount = 0;
    this.#day = day;
    if (this.#waiting + this.#dayCount >= KEPT_OF_DAY_MAX) return false;
    if (this.#waiting >= WAITING_MAX) return false;
    this.#waiting += 1;
    return true;
  }

  release(): void {
    this.#waiting -= 1;
  }

  read(delivery: Delivery, content: Promise<Buffer | undefined>): void {
    this.#work = this.#work.then(async () => {
      await keep(delivery, content, this.#parts);
      this.release();
      await delay(this.#parts.clock, PAUSE_MS);
    });
  }
}

function watched(
  lane: Lane,
  contents: Map<Delivery, Promise<Buffer | undefined>>,
  reader: ReportReader,
): Lane {
  const look = (delivery: Delivery | undefined) => {
    if (delivery !== undefined && looksLikeReport(delivery.message.subject)) {
      // Read while it is delivered: afterwards the store no longer has it.
      if (reader.reserve()) contents.set(delivery, readContent(delivery));
    }
    return delivery;
  };
  return {
    key: lane.key,
    organization: lane.organization,
    signal: lane.signal,
    take: () => look(lane.take()),
    takeWithin: async (waitMs) => look(await lane.takeWithin(waitMs)),
    settle(delivery, outcomes) {
      lane.settle(delivery, outcomes);
      const content = contents.get(delivery);
      if (content === undefined) return;
      contents.delete(delivery);
      const isThere = outcomes.some(
        ({ outcome }) => outcome.kind === "delivered" || outcome.kind === "relayed",
      );
      if (isThere) reader.read(delivery, content);
      else reader.release();
    },
    giveBack(delivery) {
      if (contents.delete(delivery)) reader.release();
      lane.giveBack(delivery);
    },
    connected: (hop) => lane.connected(hop),
  };
}

async function readContent({ message, content }: Delivery): Promise<Buffer | undefined> {
  if (message.contentBytes > CONTENT_BYTES_MAX) return undefined;
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of openOutgoing(content, message.edits)) pieces.push(piece.slice());
    const bytes = Buffer.concat(pieces);
    return hasLinesOfReports(bytes) ? bytes : undefined;
  } catch {
    // The courier meets the same failure, and says so.
    return undefined;
  }
}

function hasLinesOfReports(bytes: Buffer): boolean {
  let at = 0;
  for (let count = 0; count < LINES_MAX; count += 1) {
    const end = bytes.indexOf("\n", at);
    if ((end < 0 ? bytes.length : end) - at > LINE_BYTES_MAX) return false;
    if (end < 0) return true;
    at = end + 1;
  }
  return false;
}

async function keep(
  { message }: Delivery,
  reading: Promise<Buffer | undefined>,
  parts: ReportIntakeParts,
): Promise<void> {
  const { records, clock, diagnostics, organization } = parts;
  const content = await reading;
  const json = content && (await readTlsReportMail(content));
  if (json === undefined) {
    if (content !== undefined) await keepDmarc(message.headerFrom, content, parts);
    return;
  }
  const read = parseTlsReport(json);
  if (!read.ok) {
    diagnostics.info("tls-report-not-read", { from: message.headerFrom, reason: read.fault });
    return;
  }
  const policies = read.value.policies.filter(({ domain }) => {
    const name = parseDomain(domain);
    return name !== undefined && findAcceptedDomain(organization(), name) !== undefined;
  });
  const [first] = policies;
  if (first === undefined) return;
  const report: TlsReport = { ...read.value, policies };
  const kept: KeptTlsReport = { headerFrom: message.headerFrom, receivedMs: clock.nowMs(), report };
  const sum = (count: (policy: (typeof policies)[number]) => number) =>
    policies.reduce((total, policy) => total + count(policy), 0);
  diagnostics.info("tls-report-received", {
    from: report.organizationName,
    domain: first.domain,
    sessionsSecured: sum(({ successCount }) => successCount),
    sessionsFailed: sum(({ failureCount }) => failureCount),
  });
  const id = hash("sha256", `${report.organizationName}\n${report.reportId}`, "hex").slice(0, 16);
  try {
    await records.write([
      {
        kind: REPORT_KIND,
        key: `${first.domain} ${report.endMs} ${id}`,
        json: formatKept(kept),
        expiresMs: clock.nowMs() + KEPT_MS,
      },
    ]);
  } catch (error) {
    diagnostics.warn("tls-report-not-kept", { reason: String(error) });
  }
}

async function keepDmarc(
  headerFrom: string,
  content: Uint8Array,
  { readDmarcReport, records, clock, diagnostics, organization }: ReportIntakeParts,
): Promise<void> {
  const read = await readDmarcReport?.(content);
  if (read === undefined) return;
  if (!read.ok) {
    diagnostics.info("dmarc-report-not-read", { from: headerFrom, reason: read.fault });
    return;
  }
  const about = { headerFrom, receivedMs: clock.nowMs(), organization: organization() };
  const found = keptDmarcReport(read.value, about);
  if (found === undefined) return;
  const { kept, record } = found;
  const sum = (rows: KeptDmarcReport["rows"]) => rows.reduce((all, { count }) => all + count, 0);
  diagnostics.info("dmarc-report-received", {
    from: kept.organizationName,
    domain: kept.domain,
    messages: sum(kept.rows) + kept.omittedCount,
    aligned: sum(kept.rows.filter(({ dkim, spf }) => dkim === "pass" || spf === "pass")),
  });
  try {
    await records.write([record]);
  } catch (error) {
    diagnostics.warn("dmarc-report-not-kept", { reason: String(error) });
  }
}

/** The sums of the first policies stay whatever the size; all else only as far as it fits. */
function formatKept(kept: KeptTlsReport): string {
  const { report } = kept;
  const shorten = (change: (policy: TlsReportPolicy) => TlsReportPolicy) => {
    const policies = report.policies.slice(0, POLICIES_KEPT).map(change);
    return JSON.stringify({ ...kept, report: { ...report, policies } });
  };
  for (const json of [
    JSON.stringify(kept),
    shorten((policy) => ({ ...policy, failures: policy.failures.slice(0, FAILURES_KEPT) })),
    shorten((policy) => ({ ...policy, failures: [] })),
  ]) {
    if (json.length <= KEPT_CHARS_MAX) return json;
  }
  return shorten((policy) => ({ ...policy, text: [], mxHosts: [], failures: [] }));
}
