import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { getMessageTrace } from "./message-trace.ts";
import { getMessageTraceDetail } from "./message-trace-detail.ts";
import { newMessageTraceLink } from "./message-trace-link.ts";
import { getMessageTrackingIndex, updateMessageTrackingIndex } from "./message-tracking-index.ts";
import { getMessageTrackingLog } from "./message-tracking-log.ts";
import type { LogServices } from "./services.ts";

/** The cmdlets of this room. */
export const LOG_CMDLETS: readonly Cmdlet<LogServices>[] = [
  getMessageTrace,
  getMessageTraceDetail,
  getMessageTrackingIndex,
  getMessageTrackingLog,
  newMessageTraceLink,
  updateMessageTrackingIndex,
];
