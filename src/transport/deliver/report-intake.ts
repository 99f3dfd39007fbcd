import { hash } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { DAY, MiB } from "../../base/units.ts";
import { parseDomain } from "../../mail/address.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { looksLikeTlsReport, readTlsReportMail } from "../../mail/tls-report-mail.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import { RECORD_JSON_CHARS_MAX, type RecordStore } from "../../store/record-store.ts";
import { parseTlsReport, type TlsReport } from "../../tls/tls-report.ts";
import type { Courier, Delivery, Lane } from "../queue/courier.ts";

/** Kind of the records that hold reports of others; keys are `domain end hash`. */
const REPORT_KIND = "tls-report";
const KEPT_MS = 366 * DAY;
/** Larger mail is no report, or one that we do without. */
const CONTENT_BYTES_MAX = 4 * MiB;

/** What the intake works with. */
export interface ReportIntakeParts {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly organization: () => Organization;
}

/** A report as it is kept. */
export interface KeptTlsReport {
  /** Who the mail says it is from; not proved. */
  readonly headerFrom: string;
  readonly receivedMs: number;
  readonly report: TlsReport;
}

/**
 * The courier, with an eye on what it delivers: TLS reports about domains of ours (RFC 8460) are
 * read, told in the diagnostics and kept. Delivery never waits for it, and never fails of it.
 */
export function withReportIntake(courier: Courier, parts: ReportIntakeParts): Courier {
  return { run: (lane) => courier.run(watched(lane, parts)) };
}

function watched(lane: Lane, parts: ReportIntakeParts): Lane {
  // Read while it is delivered: afterwards the store no longer has it.
  const contents = new Map<Delivery, Promise<Buffer | undefined>>();
  const look = (delivery: Delivery | undefined) => {
    if (delivery !== undefined && looksLikeTlsReport(delivery.message.subject)) {
      contents.set(delivery, readContent(delivery));
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
      contents.delete(delivery);
      const isThere = outcomes.some(
        ({ outcome }) => outcome.kind === "delivered" || outcome.kind === "relayed",
      );
      if (content !== undefined && isThere) void keep(delivery, content, parts);
    },
    giveBack(delivery) {
      contents.delete(delivery);
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
    return Buffer.concat(pieces);
  } catch {
    // The courier meets the same failure, and says so.
    return undefined;
  }
}

async function keep(
  { message }: Delivery,
  reading: Promise<Buffer | undefined>,
  parts: ReportIntakeParts,
): Promise<void> {
  const { records, clock, diagnostics, organization } = parts;
  const content = await reading;
  const json = content && (await readTlsReportMail(content));
  if (json === undefined) return;
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

/** Sums stay whatever the size; the single failures only as far as they fit. */
function formatKept(kept: KeptTlsReport): string {
  const json = JSON.stringify(kept);
  if (json.length <= RECORD_JSON_CHARS_MAX) return json;
  const policies = kept.report.policies.map((policy) => ({ ...policy, failures: [] }));
  return JSON.stringify({ ...kept, report: { ...kept.report, policies } });
}
