import { randomUUID } from "node:crypto";
import { DAY } from "../../base/units.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
import type { Organization } from "../../org/organization.ts";
import { inPieces } from "../../store/content.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import { formatTrackingEvent } from "../tracking/tracking-line.ts";
import type { Submission, SubmissionQueue } from "./submission.ts";

/** What TXT records a name has; `failed`: not known just now. */
export type TextLookup = (
  name: string,
) => Promise<
  { readonly kind: "texts"; readonly texts: readonly string[] } | { readonly kind: "failed" }
>;

/** A report to another domain as a mail. */
export interface ReportMessage {
  readonly content: Buffer;
  readonly subject: string;
  readonly from: string;
  /** With angle brackets. */
  readonly messageId: string;
  readonly nowMs: number;
  /** As its header says (RFC 8689 §3). */
  readonly tlsNotRequired?: true;
}

/**
 * Puts a report of ours into the Submission queue, from the null sender; false when the address is
 * none. No agent, rule or journal looks at it, and nobody gets a notice about it.
 */
export async function submitReport(
  to: string,
  report: ReportMessage,
  tools: {
    readonly queue: Pick<SubmissionQueue, "submit" | "nextMessageId">;
    readonly organization: Organization;
  },
): Promise<boolean> {
  const address = parseAddress(to, { smtpUtf8: false });
  if (address === undefined) return false;
  const { queue, organization } = tools;
  const message = queuedReport(await queue.nextMessageId(), report, organization);
  await queue.submit(ownSubmission(message, { address, content: report.content, organization }));
  return true;
}

/**
 * One of our own messages to one address, with its tracking line. Nobody waits for it: it is not
 * worth a notice to anybody, and a day is enough.
 */
export function ownSubmission(
  message: QueuedMessage,
  parts: {
    readonly address: Address;
    readonly content: Buffer;
    readonly organization: Organization;
  },
): Submission {
  const { address, content, organization } = parts;
  const { transportService: service, server } = organization;
  const { source } = message.origin;
  const told = [{ address, status: "To" }];
  const events = service.messageTrackingLogEnabled
    ? formatTrackingEvent(
        { event: "RECEIVE", source, message, recipients: told },
        message.receivedMs,
        {
          subjectLogging: service.messageTrackingLogSubjectLoggingEnabled,
          serverName: server.fqdn,
        },
      )
    : "";
  const recipient = {
    position: 0,
    address,
    originalRecipient: undefined,
    notify: [],
    attemptCount: 0,
    expiresMs: message.receivedMs + DAY,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
  };
  return { message, recipients: [recipient], content: inPieces([content]), firstChunk: 0, events };
}

function queuedReport(
  id: number,
  { content, subject, from, messageId, nowMs, tlsNotRequired }: ReportMessage,
  { server }: Organization,
): QueuedMessage {
  return {
    id,
    networkMessageId: randomUUID(),
    contentId: id,
    contentBytes: content.length,
    envelope: { sender: "", body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined },
    edits: [],
    internetMessageId: messageId,
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
      isReport: true,
    },
    ...(tlsNotRequired && { tlsNotRequired }),
  };
}
