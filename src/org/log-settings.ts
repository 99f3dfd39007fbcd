/** Whether a connector's sessions are written into its protocol log (reference §2.4, §3.1). */
export type ProtocolLoggingLevel = "None" | "Verbose";

/**
 * The logs' part of Set-TransportService (reference §7.1, §15.3). Ages are milliseconds, 0: files
 * are never removed for their age. Sizes are bytes.
 */
export interface LogSettings {
  readonly messageTrackingIndexEnabled: boolean;
  readonly messageTrackingLogEnabled: boolean;
  readonly messageTrackingLogMaxAgeMs: number;
  readonly messageTrackingLogMaxDirectorySize: number;
  readonly messageTrackingLogMaxFileSize: number;
  readonly messageTrackingLogSubjectLoggingEnabled: boolean;
  readonly connectivityLogEnabled: boolean;
  readonly connectivityLogMaxAgeMs: number;
  readonly connectivityLogMaxDirectorySize: number;
  readonly connectivityLogMaxFileSize: number;
  readonly receiveProtocolLogMaxAgeMs: number;
  readonly receiveProtocolLogMaxDirectorySize: number;
  readonly receiveProtocolLogMaxFileSize: number;
  readonly sendProtocolLogMaxAgeMs: number;
  readonly sendProtocolLogMaxDirectorySize: number;
  readonly sendProtocolLogMaxFileSize: number;
  readonly agentLogEnabled: boolean;
  readonly agentLogMaxAgeMs: number;
  readonly agentLogMaxDirectorySize: number;
  readonly agentLogMaxFileSize: number;
  readonly routingTableLogEnabled: boolean;
  readonly routingTableLogMaxAgeMs: number;
  readonly routingTableLogMaxDirectorySize: number;
  readonly queueLogEnabled: boolean;
  readonly queueLogMaxAgeMs: number;
  readonly queueLogMaxDirectorySize: number;
  readonly queueLogMaxFileSize: number;
  readonly queueLoggingIntervalMs: number;
  readonly sessionRecordingEnabled: boolean;
  readonly sessionRecordingMaxAgeMs: number;
  readonly sessionRecordingMaxDirectorySize: number;
  readonly sessionRecordingMaxFileSize: number;
  readonly sessionRecordingMaxCount: number;
}
