import type { DailyReports } from "../transport/queue/daily-reports.ts";
import type { SubmissionQueue } from "../transport/queue/submission.ts";
import { DmarcDayCounts, type JudgedMessage } from "../transport/receive/dmarc-counts.ts";
import { createDmarcReporter } from "../transport/receive/dmarc-reporter.ts";
import { FailureReporter } from "../transport/receive/failure-reporter.ts";
import { createTextLookup } from "./text-lookup.ts";
import type { TlsReportParts } from "./tls-reports.ts";

/** Counts strangers' mail that DMARC has judged, and brings the counts into reports (RFC 9990). */
export interface DmarcReports {
  readonly judged: (message: JudgedMessage) => void;
  /** To be called once the queue takes mail. */
  start(queue: Pick<SubmissionQueue, "submit" | "nextMessageId">): void;
  stop(): Promise<void>;
}

/** Joins counts, DNS and the queue of one thread. */
export function openDmarcReports(parts: TlsReportParts): DmarcReports {
  const { clock, index, organization } = parts;
  const counts = new DmarcDayCounts();
  let reporter: DailyReports | undefined;
  let failures: FailureReporter | undefined;
  return {
    judged(message) {
      void failures?.take(message);
      if (!organization().transportConfig.dmarcReporting.enabled) return;
      counts.add(message, clock.nowMs());
    },
    start(queue) {
      const lookUpText = createTextLookup(parts);
      reporter = createDmarcReporter({
        ...parts,
        counts,
        queue,
        lookUpText,
        composes: index === 0,
      });
      reporter.start();
      failures = new FailureReporter({ ...parts, queue, lookUpText });
    },
    stop: async () => reporter?.stop(),
  };
}
