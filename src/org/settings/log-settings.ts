import { DAY, HOUR, SECOND } from "../../base/units.ts";
import type { ProtocolLoggingLevel } from "../log-settings.ts";
import { type Setting, setting } from "./setting.ts";
import { bool, bytes, INTEGER_MAX, integer, oneOf, span } from "./setting-types.ts";

function maxAge(initial: string): Setting<number, "Ms"> {
  const doc = "Files older than this are removed; 00:00:00: never by age.";
  return setting(span({ min: 0, max: DAY * 24_855 }), initial, doc);
}

function maxDirectorySize(initial: string): Setting<number> {
  const doc = "The oldest files are removed beyond this.";
  return setting(bytes({ min: 1, max: 2 ** 50, unlimited: true }), initial, doc);
}

function maxFileSize(initial = "10MB"): Setting<number> {
  const doc = "Then a new file begins.";
  return setting(bytes({ min: 1, max: 2 ** 40, unlimited: true }), initial, doc);
}

function isKept(what: string): Setting<boolean> {
  return setting(bool(), "true", `Whether ${what} is kept.`);
}

/** Of receive and send connectors (reference §2.4, §3.1). */
export const PROTOCOL_LOGGING_LEVEL: Setting<ProtocolLoggingLevel> = setting(
  oneOf(["None", "Verbose"]),
  "None",
  "Verbose: its sessions are written into the protocol log, without credentials and content.",
);

/** Reference §7.1. Protocol logs are switched on by connector. */
export const LOGS = {
  messageTrackingLogEnabled: isKept("the message tracking log"),
  messageTrackingLogMaxAge: maxAge("30.00:00:00"),
  messageTrackingLogMaxDirectorySize: maxDirectorySize("1000MB"),
  messageTrackingLogMaxFileSize: maxFileSize(),
  messageTrackingLogSubjectLoggingEnabled: setting(bool(), "true", "Whether it holds subjects."),
  messageTrackingIndexEnabled: setting(
    bool(),
    "true",
    "Whether the message tracking log is indexed in the background; without it searches read " +
      "the files.",
  ),
  connectivityLogEnabled: isKept("the connectivity log"),
  connectivityLogMaxAge: maxAge("30.00:00:00"),
  connectivityLogMaxDirectorySize: maxDirectorySize("1000MB"),
  connectivityLogMaxFileSize: maxFileSize(),
  receiveProtocolLogMaxAge: maxAge("30.00:00:00"),
  receiveProtocolLogMaxDirectorySize: maxDirectorySize("250MB"),
  receiveProtocolLogMaxFileSize: maxFileSize(),
  sendProtocolLogMaxAge: maxAge("30.00:00:00"),
  sendProtocolLogMaxDirectorySize: maxDirectorySize("250MB"),
  sendProtocolLogMaxFileSize: maxFileSize(),
  agentLogEnabled: isKept("the agent log"),
  agentLogMaxAge: maxAge("7.00:00:00"),
  agentLogMaxDirectorySize: maxDirectorySize("250MB"),
  agentLogMaxFileSize: maxFileSize(),
  routingTableLogEnabled: isKept("the routing table log"),
  routingTableLogMaxAge: maxAge("7.00:00:00"),
  routingTableLogMaxDirectorySize: maxDirectorySize("50MB"),
  queueLogEnabled: isKept("the queue log"),
  queueLogMaxAge: maxAge("7.00:00:00"),
  queueLogMaxDirectorySize: maxDirectorySize("200MB"),
  queueLogMaxFileSize: maxFileSize(),
  queueLoggingInterval: setting(
    span({ min: SECOND, max: HOUR * 24 }),
    "00:01:00",
    "How often the queue log gets the state of all queues.",
  ),
  sessionRecordingEnabled: setting(
    bool(),
    "true",
    "Whether sessions that ended in an error are kept, without credentials and content.",
  ),
  sessionRecordingMaxAge: maxAge("7.00:00:00"),
  sessionRecordingMaxDirectorySize: maxDirectorySize("100MB"),
  sessionRecordingMaxFileSize: maxFileSize("5MB"),
  sessionRecordingMaxCount: setting(
    integer({ min: 1, max: INTEGER_MAX, unlimited: true }),
    "10000",
    "Sessions kept; the oldest file of them goes beyond this.",
  ),
};
