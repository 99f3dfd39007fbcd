import { TRANSPORT_AGENTS, type TransportAgent } from "../../org/agent-table.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { AgentLogAction, AgentLogEvent } from "../tracking/agent-line.ts";
import { AUTHORS_REPLY, POLICY_REPLY, RECIPIENT_REPLY } from "./policy-reply.ts";

/** What in Exchange would be the decision of an agent, and is one of ours (reference §7.5). */
export interface PolicyDecision {
  readonly agent: string;
  readonly event: AgentLogEvent;
  readonly action: AgentLogAction;
  readonly reason: string;
  /** What the reason is about; the connector's name where there is nothing to say. */
  readonly data?: string;
  readonly diagnostics?: string;
}

/** When a reply is given. */
export type Moment = "connect" | "mail" | "recipient" | "content";

interface Row {
  readonly reply: Reply;
  readonly reason: string;
}

const CONNECTION: readonly Row[] = [
  { reply: POLICY_REPLY.noConnector, reason: "NoReceiveConnector" },
  { reply: POLICY_REPLY.tooManyConnections, reason: "ConnectionLimit" },
];
const SENDER: readonly Row[] = [
  { reply: POLICY_REPLY.senderNotAllowed, reason: "SenderNotAllowed" },
  { reply: POLICY_REPLY.notAuthenticated, reason: "NotAuthenticated" },
  { reply: POLICY_REPLY.certificateInvalid, reason: "CertificateMissing" },
];
const RECIPIENT: readonly Row[] = [
  { reply: POLICY_REPLY.recipientNotFound, reason: "RecipientDoesNotExist" },
  { reply: RECIPIENT_REPLY["relay-denied"], reason: "RelayDenied" },
  { reply: RECIPIENT_REPLY["reserved-top-level"], reason: "ReservedDomain" },
  { reply: RECIPIENT_REPLY["reserved-second-level"], reason: "ReservedDomain" },
  { reply: RECIPIENT_REPLY["single-label"], reason: "SingleLabelDomain" },
  { reply: RECIPIENT_REPLY["rewritten-sender"], reason: "RewrittenSender" },
];
const AUTHORS: readonly Row[] = [
  { reply: AUTHORS_REPLY.sender, reason: "SenderNotAllowed" },
  { reply: AUTHORS_REPLY.malformed, reason: "AuthorsMalformed" },
  { reply: AUTHORS_REPLY["no-sender-field"], reason: "SenderFieldMissing" },
];

/** An agent at an event of its own. */
function at<Agent extends TransportAgent, Event extends Agent["events"][number]>(
  { name }: Agent,
  event: Event,
): { readonly agent: string; readonly event: Event } {
  return { agent: name, event };
}

const TABLE = {
  connect: {
    ...at(TRANSPORT_AGENTS.connectionFiltering, "OnConnect"),
    action: "RejectConnection",
    rows: CONNECTION,
  },
  mail: {
    ...at(TRANSPORT_AGENTS.senderFilter, "OnMailCommand"),
    action: "RejectCommand",
    rows: SENDER,
  },
  recipient: {
    ...at(TRANSPORT_AGENTS.recipientFilter, "OnRcptCommand"),
    action: "RejectCommand",
    rows: RECIPIENT,
  },
  content: {
    ...at(TRANSPORT_AGENTS.senderFilter, "OnEndOfHeaders"),
    action: "RejectMessage",
    rows: AUTHORS,
  },
} as const satisfies Readonly<
  Record<Moment, Omit<PolicyDecision, "reason"> & { readonly rows: readonly Row[] }>
>;

/** The decision behind a reply; `undefined`: it is nobody's (limits, protocol, our own faults). */
export function decisionOf(reply: Reply, moment: Moment): PolicyDecision | undefined {
  const { rows, ...rest } = TABLE[moment];
  // Some replies are copies with further lines: code and status are what they have in common.
  const row =
    rows.find(({ reply: one }) => one === reply) ??
    rows.find(({ reply: one }) => one.code === reply.code && one.status === reply.status);
  return row && { ...rest, reason: row.reason };
}
