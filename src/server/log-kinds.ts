import type { LogLimits } from "../base/log-directory.ts";
import type { LogForm } from "../logs/log-search.ts";
import { formatRecordingHeader } from "../logs/session-recording.ts";
import type { TransportService } from "../org/organization.ts";
import { formatAgentHeader } from "../transport/tracking/agent-line.ts";
import { formatConnectivityHeader } from "../transport/tracking/connectivity-line.ts";
import { formatProtocolHeader } from "../transport/tracking/protocol-line.ts";
import { formatQueueHeader } from "../transport/tracking/queue-line.ts";

/** One log of the log thread (reference §7.1). */
interface LogKindRow {
  /** Below `logs` of the data directory. */
  readonly folder: string;
  readonly prefix: string;
  readonly form: LogForm;
  /** The lines that open each file. */
  readonly header: (nowMs: number) => string;
  readonly limits: (service: TransportService) => LogLimits;
}

/**
 * The logs that no mail waits for. The message tracking log is not among them: it is written by the
 * store thread, in step with the queue. Nor is the routing table log, which is a file a snapshot.
 */
export const LOG_KINDS = {
  connectivity: {
    folder: "Connectivity",
    prefix: "CONNECTLOG",
    form: "csv",
    header: formatConnectivityHeader,
    limits: (service) => ({
      maxFileBytes: service.connectivityLogMaxFileSize,
      maxDirectoryBytes: service.connectivityLogMaxDirectorySize,
      maxAgeMs: service.connectivityLogMaxAgeMs,
    }),
  },
  smtpReceive: {
    folder: "ProtocolLog/SmtpReceive",
    prefix: "RECV",
    form: "csv",
    header: (nowMs) => formatProtocolHeader("Receive", nowMs),
    limits: (service) => ({
      maxFileBytes: service.receiveProtocolLogMaxFileSize,
      maxDirectoryBytes: service.receiveProtocolLogMaxDirectorySize,
      maxAgeMs: service.receiveProtocolLogMaxAgeMs,
    }),
  },
  smtpSend: {
    folder: "ProtocolLog/SmtpSend",
    prefix: "SEND",
    form: "csv",
    header: (nowMs) => formatProtocolHeader("Send", nowMs),
    limits: (service) => ({
      maxFileBytes: service.sendProtocolLogMaxFileSize,
      maxDirectoryBytes: service.sendProtocolLogMaxDirectorySize,
      maxAgeMs: service.sendProtocolLogMaxAgeMs,
    }),
  },
  agent: {
    folder: "AgentLog",
    prefix: "AGENTLOG",
    form: "csv",
    header: formatAgentHeader,
    limits: (service) => ({
      maxFileBytes: service.agentLogMaxFileSize,
      maxDirectoryBytes: service.agentLogMaxDirectorySize,
      maxAgeMs: service.agentLogMaxAgeMs,
    }),
  },
  queue: {
    folder: "QueueViewer",
    prefix: "QUEUELOG",
    form: "csv",
    header: formatQueueHeader,
    limits: (service) => ({
      maxFileBytes: service.queueLogMaxFileSize,
      maxDirectoryBytes: service.queueLogMaxDirectorySize,
      maxAgeMs: service.queueLogMaxAgeMs,
    }),
  },
  session: {
    folder: "SessionRecording",
    prefix: "SESSION",
    form: "recording",
    header: formatRecordingHeader,
    limits: (service) => ({
      maxFileBytes: service.sessionRecordingMaxFileSize,
      maxDirectoryBytes: service.sessionRecordingMaxDirectorySize,
      maxAgeMs: service.sessionRecordingMaxAgeMs,
      maxLines: service.sessionRecordingMaxCount,
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
