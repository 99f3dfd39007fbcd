import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import type { TransportService } from "../../org/organization.ts";

/** The transport service with Exchange's defaults, for tests; no jitter. */
export function sampleTransportService(changes: Partial<TransportService> = {}): TransportService {
  return {
    queueGlitchRetryCount: 4,
    queueGlitchRetryIntervalMs: MINUTE,
    transientFailureRetryCount: 6,
    transientFailureRetryIntervalMs: 5 * MINUTE,
    outboundConnectionFailureRetryIntervalMs: 10 * MINUTE,
    mailboxDeliveryQueueRetryIntervalMs: 5 * MINUTE,
    messageRetryIntervalMs: 15 * MINUTE,
    resolverRetryIntervalMs: 30 * MINUTE,
    maxIdleTimeBeforeResubmitMs: 12 * HOUR,
    delayNotificationTimeoutMs: 4 * HOUR,
    messageExpirationTimeoutMs: 2 * DAY,
    queueMaxIdleTimeMs: 3 * MINUTE,
    retryJitter: 0,
    maxOutboundConnections: 1_000,
    maxPerDomainOutboundConnections: 20,
    maxConcurrentMailboxDeliveries: 20,
    poisonMessageDetectionEnabled: true,
    poisonThreshold: 2,
    priorityQueuingEnabled: false,
    expansionSizeLimit: 1_000,
    pickupDirectoryPath: undefined,
    replayDirectoryPath: undefined,
    pickupDirectoryMaxMessagesPerMinute: 100,
    pickupDirectoryMaxHeaderSize: 65_536,
    pickupDirectoryMaxRecipientsPerMessage: 100,
    messageTrackingLogEnabled: true,
    messageTrackingLogMaxAgeMs: 30 * DAY,
    messageTrackingLogMaxDirectorySize: 1_000_000_000,
    messageTrackingLogMaxFileSize: 10_000_000,
    messageTrackingLogSubjectLoggingEnabled: true,
    connectivityLogEnabled: true,
    connectivityLogMaxAgeMs: 30 * DAY,
    connectivityLogMaxDirectorySize: 1_000_000_000,
    connectivityLogMaxFileSize: 10_000_000,
    ...changes,
  };
}
