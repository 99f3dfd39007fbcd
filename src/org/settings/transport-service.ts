import { DAY, HOUR, KiB } from "../../base/units.ts";
import { LOGS } from "./log-settings.ts";
import { endpointText } from "./network-types.ts";
import { nullable, type Setting, setting } from "./setting.ts";
import {
  bool,
  bytes,
  INTEGER_MAX,
  integer,
  listOf,
  serverPath,
  share,
  span,
} from "./setting-types.ts";

/** Spans may be as short as this wherever a span may not be 0: tests want them so. */
const SPAN_MIN_MS = 1;

function retryInterval(initial: string, maxMs: number, doc: string): Setting<number, "Ms"> {
  return setting(span({ min: SPAN_MIN_MS, max: maxMs }), initial, doc);
}

/** Reference §5.8. */
const RETRY = {
  queueGlitchRetryCount: setting(
    integer({ min: 0, max: 15 }),
    "4",
    "Phase 1: attempts after a connection to a next hop failed.",
  ),
  queueGlitchRetryInterval: retryInterval("00:01:00", DAY, "Phase 1: time between them."),
  transientFailureRetryCount: setting(
    integer({ min: 0, max: 15 }),
    "6",
    "Phase 2: attempts after those; 0 skips the phase.",
  ),
  transientFailureRetryInterval: retryInterval(
    "00:05:00",
    HOUR * 12,
    "Phase 2: time between them.",
  ),
  outboundConnectionFailureRetryInterval: retryInterval(
    "00:10:00",
    DAY * 20,
    "Phase 3: time between attempts until the messages expire.",
  ),
  mailboxDeliveryQueueRetryInterval: retryInterval(
    "00:05:00",
    DAY,
    "Time between attempts of a queue to mailboxes.",
  ),
  messageRetryInterval: retryInterval(
    "00:15:00",
    DAY,
    "Time between attempts for a recipient that the next hop deferred (4xx).",
  ),
  resolverRetryInterval: retryInterval(
    "00:30:00",
    DAY,
    "Time until the categorizer tries again after a fault of the directory.",
  ),
  maxIdleTimeBeforeResubmit: retryInterval(
    "12:00:00",
    DAY * 90,
    "A queue without success for so long gives its messages back to the categorizer.",
  ),
  delayNotificationTimeout: retryInterval(
    "04:00:00",
    DAY * 30,
    "Age at which the sender is told of the delay. Must exceed transientFailureRetryCount × " +
      "transientFailureRetryInterval.",
  ),
  messageExpirationTimeout: retryInterval(
    "2.00:00:00",
    DAY * 90,
    "Age at which a message fails with 4.4.7.",
  ),
  queueMaxIdleTime: retryInterval("00:03:00", HOUR, "An empty queue is removed after so long."),
  retryJitter: setting(
    share(),
    "0.1",
    "Share by which each retry interval is varied, so that queues don't retry in step.",
  ),
};

/** Reference §11 and §5.10. */
const LIMITS = {
  maxOutboundConnections: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "1000",
    "Outgoing connections in all.",
  ),
  maxPerDomainOutboundConnections: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "20",
    "Outgoing connections to one domain or smart host. At most maxOutboundConnections.",
  ),
  maxConcurrentMailboxDeliveries: setting(
    integer({ min: 1, max: 256 }),
    "20",
    "Deliveries to mailboxes at one time.",
  ),
  maxConnectionRatePerMinute: nullable(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    { text: "1200, and no limit for clients on this machine" },
    "New incoming connections per minute over all connectors; more get 421 4.3.2. A number " +
      "that is given holds for everybody. Once three quarters are used up, a source gets in only " +
      "while it has had less than a tenth, or than 20.",
  ),
  externalDNSServers: setting(
    listOf(endpointText(53), { max: 16 }),
    [],
    "Resolvers of send connectors with useExternalDNSServersEnabled.",
  ),
  poisonMessageDetectionEnabled: setting(
    bool(),
    "true",
    "Whether a message that takes the server down is set aside.",
  ),
  poisonThreshold: setting(
    integer({ min: 1, max: 10 }),
    "2",
    "Crashes tied to one message before it goes to the Poison queue.",
  ),
  priorityQueuingEnabled: setting(
    bool(),
    "false",
    "Whether High leaves a queue before Normal, and Normal before Low.",
  ),
  expansionSizeLimit: setting(
    integer({ min: 1, max: INTEGER_MAX }),
    "1000",
    "Recipients of one copy when groups are expanded; more make further copies of the envelope.",
  ),
};

/** Reference §1.6. */
const PICKUP = {
  pickupDirectoryPath: nullable(
    serverPath(),
    { value: "pickup" },
    "Messages in files are picked up here; relative to the data directory, null: not at all.",
  ),
  replayDirectoryPath: nullable(
    serverPath(),
    { value: "replay" },
    "As pickupDirectoryPath, for messages with X-Sender and X-Receiver.",
  ),
  pickupDirectoryMaxMessagesPerMinute: setting(
    integer({ min: 1, max: 20_000 }),
    "100",
    "Messages per minute from each of the two directories.",
  ),
  pickupDirectoryMaxHeaderSize: setting(
    bytes({ min: 32 * KiB, max: INTEGER_MAX }),
    "64KB",
    "Size of the header of a message in the pickup directory.",
  ),
  pickupDirectoryMaxRecipientsPerMessage: setting(
    integer({ min: 1, max: 10_000 }),
    "100",
    "Recipients of a message in the pickup directory.",
  ),
};

/** Set-TransportService with the keys of its configuration file; conflicts as in reference §19. */
export const TRANSPORT_SERVICE = { ...RETRY, ...LIMITS, ...PICKUP, ...LOGS };
