import { createTimestampFormat } from "../../base/timestamp.ts";
import type { PipelineEventName } from "../../org/agent-table.ts";
import { csvField, formatLogHeader } from "./csv.ts";

/** The fields of the agent log, in order (reference §7.5). */
export const AGENT_FIELDS = [
  "Timestamp",
  "SessionId",
  "LocalEndpoint",
  "RemoteEndpoint",
  "EnteredOrgFromIP",
  "MessageId",
  "P1FromAddress",
  "P2FromAddresses",
  "Recipient",
  "NumRecipients",
  "Agent",
  "Event",
  "Action",
  "SmtpResponse",
  "Reason",
  "ReasonData",
  "Diagnostics",
  "NetworkMsgID",
  "TenantID",
  "Directionality",
] as const;

/** The events of which the log tells (reference §7.5). */
export type AgentLogEvent = PipelineEventName;

/** What agents do (reference §7.5). */
export type AgentLogAction =
  | "AcceptMessage"
  | "DeleteMessage"
  | "DeleteRecipients"
  | "Disconnect"
  | "ModifyHeaders"
  | "QuarantineMessage"
  | "QuarantineRecipients"
  | "RejectAuthentication"
  | "RejectCommand"
  | "RejectConnection"
  | "RejectMessage"
  | "RejectRecipients";

/** One decision of an agent. */
export interface AgentDecision {
  /** As in the protocol log; "" before there is a session. */
  readonly sessionId: string;
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  /** The address from which the mail came to us. */
  readonly enteredOrgFromIp: string;
  readonly messageId?: string;
  /** MAIL FROM; "<>" for the null sender. */
  readonly p1FromAddress?: string;
  /** Addresses of From and Sender. */
  readonly p2FromAddresses?: readonly string[];
  /** One line each; empty: one line without a recipient. */
  readonly recipients: readonly string[];
  readonly agent: string;
  readonly event: AgentLogEvent;
  readonly action: AgentLogAction;
  readonly smtpResponse: string;
  readonly reason: string;
  readonly reasonData: string;
  readonly diagnostics?: string;
  readonly networkMessageId?: string;
  readonly directionality?: "Incoming" | "Originating";
}

const formatTime = createTimestampFormat();

/** The lines of a decision with their CRLFs, one for each recipient; twenty fields in each. */
export function formatAgentDecision(decision: AgentDecision, nowMs: number): string {
  const { recipients } = decision;
  const front = [
    formatTime(nowMs),
    decision.sessionId,
    decision.localEndpoint,
    decision.remoteEndpoint,
    decision.enteredOrgFromIp,
    decision.messageId ?? "",
    decision.p1FromAddress ?? "",
    (decision.p2FromAddresses ?? []).join(";"),
  ].map(csvField);
  const back = [
    String(recipients.length),
    decision.agent,
    decision.event,
    decision.action,
    decision.smtpResponse,
    decision.reason,
    decision.reasonData,
    decision.diagnostics ?? "",
    decision.networkMessageId ?? "",
    "",
    decision.directionality ?? "Incoming",
  ].map(csvField);
  return (recipients.length === 0 ? [""] : recipients)
    .map((recipient) => `${[...front, csvField(recipient), ...back].join(",")}\r\n`)
    .join("");
}

/** The lines that open an agent log file. */
export function formatAgentHeader(nowMs: number): string {
  return formatLogHeader({ type: "Agent Log", fields: AGENT_FIELDS, date: formatTime(nowMs) });
}
