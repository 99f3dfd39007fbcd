import type { LogLimits } from "../base/log-directory.ts";
import type { TransportService } from "../org/organization.ts";
import { formatConnectivityHeader } from "../transport/tracking/connectivity-line.ts";

/** One log of the log thread (reference §7.1). */
interface LogKindRow {
  /** Below `logs` of the data directory. */
  readonly folder: string;
  readonly prefix: string;
  /** The lines that open each file. */
  readonly header: (nowMs: number) => string;
  readonly limits: (service: TransportService) => LogLimits;
}

/**
 * The logs that no mail waits for. The message tracking log is not among them: it is written by the
 * store thread, in step with the queue.
 */
export const LOG_KINDS = {
  connectivity: {
    folder: "Connectivity",
    prefix: "CONNECTLOG",
    header: formatConnectivityHeader,
    limits: (service) => ({
      maxFileBytes: service.connectivityLogMaxFileSize,
      maxDirectoryBytes: service.connectivityLogMaxDirectorySize,
      maxAgeMs: service.connectivityLogMaxAgeMs,
    }),
  },
} as const satisfies Record<string, LogKindRow>;

/** A name out of LOG_KINDS. */
export type LogKind = keyof typeof LOG_KINDS;

/** All of them, in the order of the table. */
export const LOG_KIND_NAMES: readonly LogKind[] = Object.keys(LOG_KINDS) as LogKind[];

/** Lines as they travel to the log thread. */
export interface LogBatch {
  readonly kind: LogKind;
  /** Whole lines, each ending in CRLF. */
  readonly text: string;
}
