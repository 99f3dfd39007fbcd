import type { Clock } from "../base/clock.ts";
import type { Count } from "../base/metrics.ts";
import { createSessionIds } from "../base/session-ids.ts";
import { SECOND } from "../base/units.ts";
import { formatRecording } from "../logs/session-recording.ts";
import type { Organization } from "../org/organization.ts";
import type { TapeDesk } from "../smtp/session-tape.ts";
import { type AgentDecision, formatAgentDecision } from "../transport/tracking/agent-line.ts";
import { formatProtocolLine } from "../transport/tracking/protocol-line.ts";
import type { LogWriter } from "./log-writer.ts";

/** A flood of bad sessions must not wash away what was recorded before it. */
const RECORDINGS_PER_SECOND_MAX = 20;

/** What the sessions of one transport thread leave in the logs. */
export interface SessionLogs {
  readonly desk: TapeDesk;
  readonly agentDecision: (decision: AgentDecision) => void;
}

/** Joins sessions with the log thread, as the settings in force say. */
export function createSessionLogs(parts: {
  readonly clock: Clock;
  readonly index: number;
  readonly organization: () => Organization;
  readonly logs: Pick<LogWriter, "append">;
  readonly count: Count;
}): SessionLogs {
  const { clock, organization, logs, count } = parts;
  let secondMs = 0;
  let keptCount = 0;
  const desk: TapeDesk = {
    clock,
    nextId: createSessionIds(clock, parts.index),
    isKeeping: () => organization().transportService.sessionRecordingEnabled,
    keep(recording) {
      const nowMs = clock.monotonicMs();
      if (nowMs - secondMs >= SECOND) {
        secondMs = nowMs;
        keptCount = 0;
      }
      keptCount += 1;
      if (keptCount > RECORDINGS_PER_SECOND_MAX) {
        count("postrider_session_recordings_total:dropped");
        return;
      }
      count("postrider_session_recordings_total:kept");
      logs.append("session", formatRecording(recording));
    },
    write(session, line, sequence) {
      const kind = session.direction === "Receive" ? "smtpReceive" : "smtpSend";
      const { id: sessionId, connector, localEndpoint, remoteEndpoint } = session;
      const place = { connector, sessionId, sequence, localEndpoint, remoteEndpoint };
      logs.append(kind, formatProtocolLine({ ...line, ...place }));
    },
  };
  return {
    desk,
    agentDecision(decision) {
      if (!organization().transportService.agentLogEnabled) return;
      logs.append("agent", formatAgentDecision(decision, clock.nowMs()));
    },
  };
}
