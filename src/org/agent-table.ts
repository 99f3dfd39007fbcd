import { SECOND } from "../base/units.ts";
import type { AgentFailMode } from "./transport-agent-settings.ts";

/** A point of a message's way at which agents act. */
export interface PipelineEvent {
  /** As the agent log writes it (reference §1.5). */
  readonly name: string;
  /** When that is. */
  readonly doc: string;
}

/** The points, in the order in which a message comes to them. */
export const PIPELINE_EVENTS = [
  { name: "OnConnect", doc: "A client connects." },
  { name: "OnHeloCommand", doc: "HELO." },
  { name: "OnEhloCommand", doc: "EHLO." },
  { name: "OnStartTlsCommand", doc: "STARTTLS." },
  { name: "OnAuthCommand", doc: "AUTH." },
  { name: "OnEndOfAuthentication", doc: "The client has logged on, or failed to." },
  { name: "OnMailCommand", doc: "MAIL: the sender is known." },
  { name: "OnRcptCommand", doc: "RCPT: a recipient is known." },
  { name: "OnDataCommand", doc: "DATA or BDAT." },
  { name: "OnEndOfHeaders", doc: "The header has come, the body has not." },
  { name: "OnEndOfData", doc: "The whole message has come; no 250 has been given." },
  { name: "OnReject", doc: "The client gets a 4xx or 5xx." },
  { name: "OnRsetCommand", doc: "A transaction is forgotten: RSET, or a message is answered." },
  { name: "OnDisconnect", doc: "The session ends." },
  { name: "OnSubmittedMessage", doc: "The message is in the Submission queue." },
  { name: "OnResolvedMessage", doc: "Its recipients are resolved; no next hop is chosen." },
  { name: "OnRoutedMessage", doc: "Groups are expanded and next hops chosen." },
  { name: "OnCategorizedMessage", doc: "It is about to join its delivery queues." },
] as const satisfies readonly PipelineEvent[];

/** The name of a point. */
export type PipelineEventName = (typeof PIPELINE_EVENTS)[number]["name"];

/** What judges messages on their way. */
export interface TransportAgent {
  /** As the agent log names it. */
  readonly name: string;
  /** At one event, the lower number acts first. */
  readonly priority: number;
  readonly events: readonly PipelineEventName[];
  readonly doc: string;
  /** What becomes of mail that it cannot judge; absent: FAIL_MODE_DEFAULT. */
  readonly failMode?: AgentFailMode;
  /** How long one answer may take; absent: TIME_LIMIT_DEFAULT_MS. */
  readonly timeLimitMs?: number;
  /** What is logged in its name is the server's own, and done also when it is switched off. */
  readonly permanent?: string;
}

/** Unchecked mail does not get in, and none is lost. */
export const FAIL_MODE_DEFAULT: AgentFailMode = "Defer";
/** Clients wait ten minutes for the answer to their content (RFC 5321 §4.5.3.2.6). */
export const TIME_LIMIT_DEFAULT_MS = 60 * SECOND;
/** Installed agents act after those of the server. */
export const INSTALLED_PRIORITY_DEFAULT = 100;

/** The agents that are part of the server, in their order. */
export const TRANSPORT_AGENTS = {
  transportRule: {
    name: "Transport Rule Agent",
    priority: 30,
    events: ["OnResolvedMessage"],
    doc: "Asks the mail flow rules, and does what those say that hold.",
  },
  connectionFiltering: {
    name: "Connection Filtering Agent",
    priority: 1,
    events: ["OnConnect", "OnMailCommand", "OnRcptCommand", "OnEndOfHeaders"],
    doc:
      "Refuses connections that no receive connector is for, and those past a limit; clients on " +
      "the IP Block list or a list in DNS. Lets those on the IP Allow list pass.",
    permanent: "connections that no receive connector is for, and those past a limit, are refused",
    // DNS that says nothing blocks nobody.
    failMode: "Accept",
  },
  senderFilter: {
    name: "Sender Filter Agent",
    priority: 2,
    events: ["OnMailCommand", "OnRcptCommand", "OnEndOfHeaders"],
    doc: "Refuses senders, and authors in the header, that are blocked or the client may not use.",
    permanent: "senders and authors that the client may not use are refused",
    failMode: "Accept",
  },
  recipientFilter: {
    name: "Recipient Filter Agent",
    priority: 3,
    events: ["OnRcptCommand"],
    doc: "Refuses recipients that nobody has, that are blocked, and those we do not relay for.",
    permanent: "recipients that nobody has, and those we do not relay for, are refused",
    failMode: "Accept",
  },
  senderId: {
    name: "Sender Id Agent",
    priority: 9,
    events: ["OnEndOfData"],
    doc: "Checks SPF, DKIM, DMARC and ARC of strangers' mail; refuses what the connector says.",
    // What it cannot find out is a temporary error, never a pass.
    failMode: "Accept",
  },
  messageClassification: {
    name: "Message Classification Agent",
    priority: 21,
    events: ["OnEndOfHeaders"],
    doc: "Lets users who have logged on say what classification their message has.",
  },
  addressRewritingInbound: {
    name: "Address Rewriting Inbound Agent",
    priority: 20,
    events: ["OnRcptCommand", "OnEndOfHeaders"],
    doc: "Gives recipients, To and Cc the addresses that they have in here.",
  },
  journaling: {
    name: "Journaling Agent",
    priority: 60,
    events: ["OnRoutedMessage"],
    doc: "Sends journal reports on messages that journal rules are about.",
  },
  variableEnvelope: {
    name: "Variable Envelope Agent",
    priority: 80,
    events: ["OnCategorizedMessage"],
    doc: "Names the recipient in the envelope sender of mail that leaves (VERP), where wanted.",
    failMode: "Accept",
  },
  addressRewritingOutbound: {
    name: "Address Rewriting Outbound Agent",
    priority: 90,
    events: ["OnCategorizedMessage"],
    doc: "As mail leaves by SMTP, gives our senders the addresses that they have outside.",
  },
  backscatter: {
    name: "Backscatter Agent",
    priority: 4,
    events: ["OnMailCommand", "OnRcptCommand", "OnEndOfHeaders"],
    doc: "Takes the tags off addresses that notices come back to; refuses notices without one.",
    failMode: "Accept",
  },
  greylisting: {
    name: "Greylisting Agent",
    priority: 5,
    events: ["OnRcptCommand"],
    doc: "Puts off mail of sources that have not been seen before.",
    failMode: "Accept",
  },
  attachmentFilter: {
    name: "Attachment Filtering Agent",
    priority: 13,
    events: ["OnEndOfData"],
    doc: "Refuses, removes or deletes attachments by their names, types and what is in them.",
  },
  protocolAnalysis: {
    name: "Protocol Analysis Agent",
    priority: 12,
    events: ["OnEndOfData", "OnReject", "OnRsetCommand"],
    doc: "Counts what each source does, and puts those with a bad name on the IP Block list.",
    failMode: "Accept",
  },
  contentFilter: {
    name: "Content Filter Agent",
    priority: 10,
    events: ["OnEndOfData"],
    doc: "Has mail rated as spam, by rspamd, SpamAssassin or rules of our own, and acts on that.",
    timeLimitMs: 310 * SECOND,
    // A filter for spam that is down is no reason to keep all mail out.
    failMode: "Accept",
  },
  malware: {
    name: "Malware Agent",
    priority: 11,
    events: ["OnEndOfData"],
    doc: "Has mail scanned for malware by clamd or ICAP services.",
    timeLimitMs: 570 * SECOND,
  },
  milter: {
    name: "Milter Agent",
    priority: 15,
    events: [
      ...["OnConnect", "OnHeloCommand", "OnEhloCommand", "OnMailCommand", "OnRcptCommand"],
      ...["OnDataCommand", "OnEndOfData", "OnRsetCommand", "OnDisconnect"],
    ] as const,
    doc: "Tells sessions to milters, each with a fail mode of its own.",
    timeLimitMs: 570 * SECOND,
  },
} as const satisfies Readonly<Record<string, TransportAgent>>;
