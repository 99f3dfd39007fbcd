import { type DmarcReports, openDmarcReports } from "./dmarc-reports.ts";
import { openTlsReports, type TlsReportParts, type TlsReports } from "./tls-reports.ts";

/** Daily reports to others: on TLS with them, and on mail in their name. */
export type Reports = TlsReports & DmarcReports;

/** Opens both for one thread. */
export function openReports(parts: TlsReportParts): Reports {
  const [tls, dmarc] = [openTlsReports(parts), openDmarcReports(parts)];
  return {
    attempt: tls.attempt,
    judged: dmarc.judged,
    start(queue) {
      tls.start(queue);
      dmarc.start(queue);
    },
    async stop() {
      await Promise.all([tls.stop(), dmarc.stop()]);
    },
  };
}
