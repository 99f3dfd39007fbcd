import { randomBytes, randomUUID } from "node:crypto";
import { type Address, domainOf } from "../../mail/address.ts";
import { newMessageId } from "../../mail/message-id.ts";
import { type ComposedNotice, composeNotice } from "../../mail/notice.ts";
import type { NoticeKind } from "../../mail/notice-decision.ts";
import type { NoticeRecipient } from "../../mail/notice-input.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { editsFor } from "../../mail/outgoing-firewall.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import { postmasterOf } from "../../org/postmaster.ts";
import { findRemoteDomain } from "../../org/remote-domain.ts";
import { customTextsFor } from "../../org/system-messages.ts";
import { type ContentReader, inPieces } from "../../store/content.ts";
import {
  CONTENT_CHUNK_BYTES,
  type QueuedMessage,
  type QueuedRecipient,
} from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import type { Ending } from "./settle.ts";

/** One recipient of whose end the sender is to be told. */
export interface NoticeItem {
  readonly kind: NoticeKind;
  readonly recipient: QueuedRecipient;
  readonly ending: Ending;
}

/**
 * What comes of outcomes, ready to be stored with them: a notice that tells of them, or instead of
 * it the message itself, to an alternate recipient; then `content` is empty, being stored already.
 */
export interface Notice {
  readonly kind: NoticeKind | "redirected";
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly content: readonly Uint8Array[];
  readonly events: readonly TrackingEvent[];
}

/** What notices are made of. */
export interface NoticeJob {
  readonly message: QueuedMessage;
  readonly content: ContentReader;
  readonly items: readonly NoticeItem[];
  readonly organization: Organization;
  readonly nowMs: number;
  readonly nextMessageId: () => number | Promise<number>;
}

const HEADER_END = Buffer.from("\r\n\r\n");
/** A longer header is cut. */
const HEADER_BYTES_MAX = CONTENT_CHUNK_BYTES;
const SENDER_NAME = "Mail Delivery System";

/**
 * Writes one notice for each kind among the items. Rejects with StoreFailure when the original
 * can't be read.
 */
export async function buildNotices(job: NoticeJob): Promise<readonly Notice[]> {
  const kinds = [...new Set(job.items.map(({ kind }) => kind))];
  const notices: Notice[] = [];
  for (const kind of kinds) {
    const items = job.items.filter((item) => item.kind === kind);
    notices.push(await buildNotice(job, kind, items));
  }
  return notices;
}

async function buildNotice(
  job: NoticeJob,
  kind: NoticeKind,
  items: readonly NoticeItem[],
): Promise<Notice> {
  const { message, organization, nowMs } = job;
  const sender = message.envelope.sender as Address;
  const internetMessageId = newMessageId(organization.server.fqdn);
  const composed = await compose(job, { kind, items, internetMessageId });
  const id = await job.nextMessageId();
  const notice: QueuedMessage = {
    id,
    networkMessageId: randomUUID(),
    contentId: id,
    contentBytes: composed.content.reduce((bytes, piece) => bytes + piece.byteLength, 0),
    envelope: {
      sender: "",
      body: composed.body,
      smtpUtf8: composed.smtpUtf8,
      ret: undefined,
      envid: undefined,
      // What the notice quotes is as worthy of protection as the message was (RFC 8689 §5).
      ...(message.envelope.requireTls === true && { requireTls: true }),
    },
    edits: [],
    internetMessageId,
    subject: composed.subject,
    headerFrom: postmasterOf(organization),
    receivedMs: nowMs,
    priority: "Normal",
    origin: {
      source: "DSN",
      connector: "",
      clientAddress: "",
      clientName: organization.server.fqdn,
      serverAddress: "",
      directionality: "Originating",
    },
  };
  const told = items.map(({ recipient: { address } }) => ({ address, status: kind }));
  const events: readonly TrackingEvent[] = [
    { event: "DSN", source: "DSN", message, recipients: told, reference: internetMessageId },
    {
      event: "RECEIVE",
      source: "DSN",
      message: notice,
      recipients: [{ address: sender, status: "" }],
      reference: message.internetMessageId,
    },
  ];
  const recipients = [noticeRecipient(sender, organization, nowMs)];
  return { kind, message: notice, recipients, content: inPieces(composed.content), events };
}

async function compose(
  job: NoticeJob,
  notice: {
    readonly kind: NoticeKind;
    readonly items: readonly NoticeItem[];
    readonly internetMessageId: string;
  },
): Promise<ComposedNotice> {
  const { message, organization, nowMs } = job;
  const { envelope } = message;
  const sender = envelope.sender as Address;
  const { transportConfig: config } = organization;
  const isInternal = findAcceptedDomain(organization, domainOf(sender)) !== undefined;
  const remote = isInternal ? undefined : findRemoteDomain(organization, domainOf(sender));
  const tellsDiagnostics = remote?.ndrDiagnosticInfoEnabled !== false;
  const attachMax = isInternal
    ? config.internalDsnMaxMessageAttachSize
    : config.externalDsnMaxMessageAttachSize;
  const returnsAll =
    notice.kind === "failed" &&
    envelope.ret === "FULL" &&
    // RFC 8689 §5: as if RET=HDRS had been said.
    envelope.requireTls !== true &&
    message.contentBytes <= attachMax;
  return composeNotice({
    kind: notice.kind,
    recipients: notice.items.map((item) => {
      const told = describe(item, nowMs);
      return tellsDiagnostics ? told : { ...told, diagnostic: "", hop: undefined };
    }),
    reportingMta: organization.server.fqdn,
    from: { name: SENDER_NAME, address: postmasterOf(organization) },
    sender,
    envid: envelope.envid,
    ret: envelope.ret,
    arrivalMs: message.receivedMs,
    original: {
      subject: message.subject,
      internetMessageId: message.internetMessageId,
      smtpUtf8: envelope.smtpUtf8,
      body: envelope.body,
      ...(await readOriginal(job, returnsAll)),
    },
    html: isInternal ? config.internalDsnSendHtml : config.externalDsnSendHtml,
    language: "en",
    customTexts: customTextsFor(organization, isInternal ? "Internal" : "External"),
    diagnostics: tellsDiagnostics ? "shown" : "withheld",
    nowMs,
    internetMessageId: notice.internetMessageId,
    boundaryKey: randomBytes(12).toString("hex"),
  });
}

function noticeRecipient(
  sender: Address,
  organization: Organization,
  nowMs: number,
): QueuedRecipient {
  return {
    position: 0,
    address: sender,
    originalRecipient: undefined,
    notify: [],
    attemptCount: 0,
    expiresMs: nowMs + organization.transportService.messageExpirationTimeoutMs,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: false,
  };
}

function describe({ recipient, ending }: NoticeItem, nowMs: number): NoticeRecipient {
  const base = {
    address: recipient.address,
    originalRecipient: recipient.originalRecipient,
    lastAttemptMs: nowMs,
    retryUntilMs: recipient.expiresMs,
  };
  switch (ending.kind) {
    case "failed":
    case "deferred": {
      const { status, diagnostic, hop } = ending.fault;
      return { ...base, status, diagnostic, hop };
    }
    case "expanded":
      return { ...base, status: "2.0.0", diagnostic: "", hop: undefined };
    default:
      return { ...base, status: "2.0.0", diagnostic: ending.reply, hop: ending.hop };
  }
}

/** The original as its sender may see it: without what is for servers only (reference §4.7). */
async function readOriginal(
  { message, content, organization }: NoticeJob,
  returnsAll: boolean,
): Promise<{ readonly header: Uint8Array; readonly content: readonly Uint8Array[] | undefined }> {
  const to = { audience: "notice", serverName: organization.server.fqdn } as const;
  const pieces: Uint8Array[] = [];
  let start = Buffer.alloc(0);
  let end = -1;
  for await (const piece of openOutgoing(content, editsFor(message, to))) {
    if (returnsAll) pieces.push(piece);
    if (end === -1 && start.length < HEADER_BYTES_MAX) {
      start = Buffer.concat([start, piece]);
      end = start.indexOf(HEADER_END);
    } else if (!returnsAll) break;
  }
  const header = end === -1 ? start : start.subarray(0, end + HEADER_END.length);
  return { header, content: returnsAll ? pieces : undefined };
}

/** The store's pieces have one length, all but the last. */
