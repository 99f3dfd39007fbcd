import { randomUUID } from "node:crypto";
import { DAY } from "../base/units.ts";
import type { Address } from "../mail/address.ts";
import { formatDate } from "../mail/date.ts";
import { newMessageId } from "../mail/message-id.ts";
import type { Organization } from "../org/organization.ts";
import { postmasterOf } from "../org/postmaster.ts";
import type { QueuedMessage } from "../store/queue-store.ts";
import type { Submission, SubmissionQueue } from "../transport/queue/submission.ts";
import { formatTrackingEvent } from "../transport/tracking/tracking-line.ts";

/** A probe that has been taken over by the queue. */
export interface SentProbe {
  readonly messageId: number;
  readonly networkMessageId: string;
  readonly subject: string;
}

/** Puts a probe into the Submission queue; resolves once it is durable (reference §15.1). */
export async function submitProbe(
  to: Address,
  by: {
    readonly queue: Pick<SubmissionQueue, "submit" | "nextMessageId">;
    readonly organization: Organization;
    readonly nowMs: number;
  },
): Promise<SentProbe> {
  const id = await by.queue.nextMessageId();
  const submission = composeProbe(to, { ...by, id });
  await by.queue.submit(submission);
  const { networkMessageId, subject } = submission.message;
  return { messageId: id, networkMessageId, subject };
}

/** The probe: from our postmaster, with nobody to be told when it fails. */
export function composeProbe(
  to: Address,
  by: { readonly organization: Organization; readonly nowMs: number; readonly id: number },
): Submission {
  const { organization, nowMs, id } = by;
  const { server, transportService: service } = organization;
  const from = postmasterOf(organization);
  const subject = `Test-Mailflow ${randomUUID()}`;
  const internetMessageId = newMessageId(server.fqdn);
  const content = Buffer.from(
    [
      `From: <${from}>`,
      `To: <${to}>`,
      `Subject: ${subject}`,
      `Date: ${formatDate(nowMs)}`,
      `Message-ID: ${internetMessageId}`,
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=us-ascii",
      "",
      "This is a Test-Mailflow probe message",
      "",
    ].join("\r\n"),
  );
  const message: QueuedMessage = {
    id,
    networkMessageId: randomUUID(),
    contentId: id,
    contentBytes: content.length,
    envelope: { sender: "", body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined },
    edits: [],
    internetMessageId,
    subject,
    headerFrom: from,
    receivedMs: nowMs,
    priority: "Normal",
    origin: {
      source: "ADMIN",
      connector: "",
      clientAddress: "",
      clientName: server.fqdn,
      serverAddress: "",
      directionality: "Originating",
    },
  };
  const recipient = {
    position: 0,
    address: to,
    originalRecipient: undefined,
    notify: [],
    attemptCount: 0,
    expiresMs: nowMs + DAY,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
  };
  const recipients = [{ address: to, status: "To" }];
  const events = service.messageTrackingLogEnabled
    ? formatTrackingEvent({ event: "RECEIVE", source: "ADMIN", message, recipients }, nowMs, {
        subjectLogging: service.messageTrackingLogSubjectLoggingEnabled,
        serverName: server.fqdn,
      })
    : "";
  const pieces = [Uint8Array.from(content)];
  return { message, recipients: [recipient], content: pieces, firstChunk: 0, events };
}
