import { randomUUID } from "node:crypto";
import { HeaderScanner } from "../../mail/header.ts";
import { newMessageId } from "../../mail/message-id.ts";
import type { Organization } from "../../org/organization.ts";
import { byteCount, inPieces } from "../../store/content.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { AgentSubmission } from "../agents/routing-agent.ts";
import type { Categorization } from "../queue/categorization.ts";
import type { TrackingEvent } from "../tracking/event.ts";

/** A message of ours, ready to be stored beside the one that it is about. */
export interface AgentMail {
  readonly submission: NonNullable<Categorization["submissions"]>[number];
  readonly events: readonly TrackingEvent[];
}

/** Makes the queue's message of what an agent sends. Pure but for its ids. */
export function composeAgentMail(
  submission: AgentSubmission,
  at: {
    readonly id: number;
    readonly nowMs: number;
    readonly organization: Organization;
    readonly about: QueuedMessage;
    readonly agent: string;
  },
): AgentMail {
  const { nowMs, organization, about, agent } = at;
  const { sender, recipients, subject, purpose, staged, originalBytes } = submission;
  const id = staged?.contentId ?? at.id;
  const pieces = staged === undefined ? inPieces(submission.content) : [staged.rest];
  const { messageId, from, firewalledNames } = readHeader(staged ? [staged.head] : pieces);
  const message: QueuedMessage = {
    id,
    networkMessageId: randomUUID(),
    contentId: id,
    contentBytes: staged?.bytes ?? byteCount(pieces),
    envelope: {
      sender,
      body: submission.body ?? "8BITMIME",
      smtpUtf8: [...recipients, sender].some(isInternational) || submission.smtpUtf8 === true,
      ret: undefined,
      envid: undefined,
      // What it quotes is as worthy of protection as the message was (RFC 8689 §5).
      ...(about.envelope.requireTls === true && { requireTls: true }),
    },
    edits: [],
    internetMessageId: messageId || newMessageId(organization.server.fqdn),
    subject,
    headerFrom: from,
    receivedMs: nowMs,
    priority: "Normal",
    origin: {
      source: "AGENT",
      connector: "",
      clientAddress: "",
      clientName: organization.server.fqdn,
      serverAddress: "",
      directionality: "Originating",
      ...(originalBytes !== undefined && { originalBytes }),
    },
    ...(firewalledNames.length > 0 && { firewalledNames }),
  };
  const placed = placedRecipients(submission, nowMs, organization);
  const told = recipients.map((address) => ({ address, status: "" }));
  const events: readonly TrackingEvent[] = [
    {
      event: "RECEIVE",
      source: "AGENT",
      message,
      recipients: told,
      reference: about.internetMessageId,
      sourceContext: `${agent}: ${purpose}`,
    },
  ];
  const { firstChunk = 0 } = staged ?? {};
  return { submission: { message, recipients: placed, content: pieces, firstChunk }, events };
}

function placedRecipients(
  { sender, recipients, alternateRecipient }: AgentSubmission,
  nowMs: number,
  { transportService: { messageExpirationTimeoutMs } }: Organization,
): readonly QueuedRecipient[] {
  return recipients.map((address, position) => ({
    position,
    address,
    originalRecipient: undefined,
    notify: sender === "" ? [] : undefined,
    attemptCount: 0,
    expiresMs: nowMs + messageExpirationTimeoutMs,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
    ...(alternateRecipient !== undefined && { alternateRecipient }),
  }));
}

const HEADER_LIMITS = { bytesMax: 1024 * 1024, fieldsMax: 1000, localHosts: [], isBinary: false };

function readHeader(pieces: readonly Uint8Array[]) {
  const scanner = new HeaderScanner(HEADER_LIMITS);
  for (const piece of pieces) if (scanner.state === "open") scanner.write(piece);
  scanner.end();
  return scanner.summary();
}

function isInternational(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}
