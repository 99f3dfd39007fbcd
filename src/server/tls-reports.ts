import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { fault, ok } from "../base/result.ts";
import { KiB, SECOND } from "../base/units.ts";
import type { DnsServer } from "../dns/transport.ts";
import { httpsExchange } from "../net/https-exchange.ts";
import type { Organization } from "../org/organization.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { DailyReports } from "../transport/queue/daily-reports.ts";
import type { SubmissionQueue } from "../transport/queue/submission.ts";
import type { TlsAttempt } from "../transport/send/tls-attempt.ts";
import { TlsReportCounts } from "../transport/send/tls-report-counts.ts";
import { createTlsReporter, TLS_REPORT_TYPE } from "../transport/send/tls-reporter.ts";
import { createTextLookup } from "./text-lookup.ts";

/** What reports of one transport thread are made of. */
export interface TlsReportParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly nameServers: readonly DnsServer[];
  readonly organization: () => Organization;
  readonly records: RecordStore;
  /** Only the first thread composes, for all. */
  readonly index: number;
}

/** Counts every attempt at TLS, and brings the counts into reports (RFC 8460). */
export interface TlsReports {
  readonly attempt: (attempt: TlsAttempt) => void;
  /** To be called once the queue takes mail. */
  start(queue: Pick<SubmissionQueue, "submit" | "nextMessageId">): void;
  stop(): Promise<void>;
}

const POST_TIMEOUT_MS = 20 * SECOND;
const ANSWER_BYTES_MAX = 64 * KiB;

/** Joins counts, DNS, HTTPS and the queue of one thread. */
export function openTlsReports(parts: TlsReportParts): TlsReports {
  const { clock, index } = parts;
  const counts = new TlsReportCounts();
  let reporter: DailyReports | undefined;
  return {
    attempt: (attempt) => counts.add(attempt, clock.nowMs()),
    start(queue) {
      reporter = createTlsReporter({
        ...parts,
        counts,
        queue,
        lookUpText: createTextLookup(parts),
        post: (url, body, signal) => post(url, { body, signal, clock }),
        composes: index === 0,
      });
      reporter.start();
    },
    stop: async () => reporter?.stop(),
  };
}

async function post(
  url: string,
  sent: { readonly body: Uint8Array; readonly signal: AbortSignal; readonly clock: Clock },
) {
  const { body, signal, clock } = sent;
  const answered = await httpsExchange(url, {
    clock,
    timeoutMs: POST_TIMEOUT_MS,
    bytesMax: ANSWER_BYTES_MAX,
    signal,
    post: { body, contentType: TLS_REPORT_TYPE },
  });
  if (!answered.ok) return fault(answered.fault.text);
  const { status } = answered.value;
  return status >= 200 && status < 300 ? ok(undefined) : fault(`status ${status}`);
}
