import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { getAgentLog } from "./agent-log.ts";
import { getConnectivityLog } from "./connectivity-log.ts";
import { getMessageTrace } from "./message-trace.ts";
import { getMessageTraceDetail } from "./message-trace-detail.ts";
import {
  getMessageTraceLink,
  newMessageTraceLink,
  removeMessageTraceLink,
} from "./message-trace-link.ts";
import { getMessageTrackingIndex, updateMessageTrackingIndex } from "./message-tracking-index.ts";
import { getMessageTrackingLog } from "./message-tracking-log.ts";
import { getProtocolLog } from "./protocol-log.ts";
import { getQueueLog } from "./queue-log.ts";
import { getRoutingTableLog } from "./routing-table-log.ts";
import type { LogServices } from "./services.ts";
import { getSessionRecording } from "./session-recording.ts";

/** The cmdlets of this room. */
export const LOG_CMDLETS: readonly Cmdlet<LogServices>[] = [
  getAgentLog,
  getConnectivityLog,
  getMessageTrace,
  getMessageTraceDetail,
  getMessageTrackingIndex,
  getMessageTrackingLog,
  getProtocolLog,
  getQueueLog,
  getRoutingTableLog,
  getSessionRecording,
  getMessageTraceLink,
  newMessageTraceLink,
  removeMessageTraceLink,
  updateMessageTrackingIndex,
];
