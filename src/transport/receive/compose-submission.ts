import type { Address } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import { leftNames } from "../../mail/firewalled-names.ts";
import type { HeaderSummary } from "../../mail/header.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { SenderIdentity } from "../../mailauth/unproven-identities.ts";
import type { Organization } from "../../org/organization.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import type { Origin, QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import { isReleasedFrom } from "../queue/quarantine-entry.ts";
import type { Submission } from "../queue/submission.ts";
import type { EventSource } from "../tracking/event.ts";
import { formatTrackingEvent } from "../tracking/tracking-line.ts";
import type { WrittenContent } from "./content-writer.ts";
import { priorityOf, retentionOf, wantsDelayNotice } from "./retention.ts";

/** A recipient as it was accepted, with what the RECEIVE event says of it. */
export interface AcceptedRecipient extends EnvelopeRecipient {
  /** `250 2.1.5 Recipient OK`, or `To`, `Cc`, `Bcc`. */
  readonly status: string;
}

/** All that is known of a message when its content is complete. */
export interface AcceptedMessage {
  readonly networkMessageId: string;
  readonly internetMessageId: string;
  readonly envelope: Envelope;
  readonly recipients: readonly AcceptedRecipient[];
  readonly header: HeaderSummary;
  readonly edits: readonly HeaderEdit[];
  readonly origin: Origin;
  readonly receivedMs: number;
  readonly source: EventSource;
  readonly sourceContext?: string;
  /** An agent has had it put in quarantine. */
  readonly quarantine?: QuarantineMark;
  /** Spam confidence, where an agent has rated it. */
  readonly scl?: number;
  /** Where an agent has looked: what it says of whom it is from that nothing bears out. */
  readonly unproven?: readonly SenderIdentity[];
}

function toQueued(
  recipients: readonly AcceptedRecipient[],
  sender: Address | "",
  times: { readonly expiresMs: number; readonly delayNoticeMs: number },
): QueuedRecipient[] {
  return recipients.map(({ address, originalRecipient, notify, alternateRecipient }, position) => ({
    position,
    address,
    originalRecipient,
    notify,
    attemptCount: 0,
    expiresMs: times.expiresMs,
    delayNoticeMs: wantsDelayNotice(sender, notify) ? times.delayNoticeMs : undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
    ...(alternateRecipient !== undefined && { alternateRecipient }),
  }));
}

/** Makes the queue's message of an accepted one, with its recipients and RECEIVE event. Pure. */
export function composeSubmission(
  accepted: AcceptedMessage,
  written: WrittenContent,
  organization: Organization,
): Submission {
  const { envelope, header, receivedMs } = accepted;
  const { transportService: service } = organization;
  const priority = priorityOf(header.importance, written.bytes, service);
  const retention = retentionOf(priority, service);
  const firewalledNames = leftNames(header.firewalledNames, accepted.edits);
  const message: QueuedMessage = {
    id: written.contentId,
    networkMessageId: accepted.networkMessageId,
    contentId: written.contentId,
    contentBytes: written.bytes,
    envelope,
    edits: accepted.edits,
    internetMessageId: accepted.internetMessageId,
    subject: header.subject,
    headerFrom: header.sender === "" ? header.from : header.sender,
    receivedMs,
    priority,
    origin: accepted.origin,
    ...(firewalledNames.length > 0 && { firewalledNames }),
    ...(accepted.scl !== undefined && { scl: accepted.scl }),
    ...(accepted.unproven !== undefined && { unproven: unprovenOf(accepted.unproven, header) }),
    // RFC 8689 §4.1: with REQUIRETLS the field counts for nothing.
    ...(header.tlsNotRequired && envelope.requireTls !== true && { tlsNotRequired: true as const }),
  };
  const recipients = toQueued(accepted.recipients, envelope.sender, {
    expiresMs: receivedMs + retention.expirationMs,
    delayNoticeMs: receivedMs + retention.delayNoticeMs,
  });
  const { content, firstChunk } = written;
  const events = receiveEvent(accepted, message, organization);
  const { quarantine } = accepted;
  const kept = quarantine && !isReleasedFrom(quarantine.type, message) ? { quarantine } : {};
  return { message, recipients, content, firstChunk, events, ...kept };
}

/** What has been looked at is From; whoever wrote the field Sender is known by nothing. */
function unprovenOf(
  unproven: readonly SenderIdentity[],
  { sender, from }: HeaderSummary,
): readonly SenderIdentity[] {
  const isAnothers = sender !== "" && sender !== from && !unproven.includes("author");
  return isAnothers ? [...unproven, "author"] : unproven;
}

function receiveEvent(
  accepted: AcceptedMessage,
  message: QueuedMessage,
  organization: Organization,
): string {
  const { transportService: service, server } = organization;
  if (!service.messageTrackingLogEnabled) return "";
  const { source, recipients, sourceContext } = accepted;
  return formatTrackingEvent(
    {
      event: "RECEIVE",
      source,
      message,
      recipients,
      ...(sourceContext === undefined ? {} : { sourceContext }),
    },
    message.receivedMs,
    { subjectLogging: service.messageTrackingLogSubjectLoggingEnabled, serverName: server.fqdn },
  );
}
