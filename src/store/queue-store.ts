import type { Address } from "../mail/address.ts";
import type { Envelope, NotifyCondition, OriginalRecipient } from "../mail/envelope.ts";
import type { HeaderEdit } from "../mail/header-edit.ts";
import type { SenderIdentity } from "../mailauth/unproven-identities.ts";
import type { Quarantine } from "./quarantine-mark.ts";

/** Content is stored in pieces of this many bytes, the last one shorter. */
export const CONTENT_CHUNK_BYTES = 256 * 1024;

/** Reference §5.9; High leaves a queue before Normal before Low. */
export type Priority = "High" | "Normal" | "Low";

/** Where a message entered (tracking fields `source`, `connector-id`, `client-ip`, …). */
export interface Origin {
  readonly source: "SMTP" | "PICKUP" | "REPLAY" | "DSN" | "ADMIN" | "AGENT";
  /** Receive connector, or "" */
  readonly connector: string;
  readonly clientAddress: string;
  readonly clientName: string;
  readonly serverAddress: string;
  /** Whether the sender proved who he is; anonymous mail is `Incoming`. */
  readonly directionality: "Incoming" | "Originating";
  /** X-MS-Exchange-Organization-AuthAs; absent is `Anonymous`, or our own mail (DSN, ADMIN). */
  readonly authAs?: AuthAs;
  /** Primary address, in lower case, of the mailbox whose user has logged on. */
  readonly account?: string;
  /** Nobody has logged on, but the session was let relay: a device or application of ours. */
  readonly mayRelay?: true;
  /** Size when it entered the organization, where a server of ours says so; limits go by it. */
  readonly originalBytes?: number;
  /** A copy out of the Safety Net, where it does not go again. */
  readonly isResubmitted?: true;
  /** A report of ours: no report tells of it, or two servers would go on for ever. */
  readonly isReport?: true;
}

/** What a sender counts as (reference §4.7): `Internal` passes RequireSenderAuthentication. */
export type AuthAs = "Anonymous" | "Internal" | "External" | "Partner";

/** A message in transit. Immutable but for `edits`; content is stored apart, under `contentId`. */
export interface QueuedMessage {
  /** The internal message id: unique on this server for ever. */
  readonly id: number;
  /** Kept by all copies of one message. */
  readonly networkMessageId: string;
  readonly contentId: number;
  readonly contentBytes: number;
  readonly envelope: Envelope;
  readonly edits: readonly HeaderEdit[];
  /** The Message-ID field with its angle brackets. */
  readonly internetMessageId: string;
  /** Decoded and cut for the tracking log. */
  readonly subject: string;
  /** Address in Sender or From, "" when there is none. */
  readonly headerFrom: string;
  readonly receivedMs: number;
  readonly priority: Priority;
  readonly origin: Origin;
  /**
   * Lower-case names of organization, forest and cross-premises headers that it still has: each way
   * out says which of them go along (reference §4.7). Absent: none.
   */
  readonly firewalledNames?: readonly string[];
  /**
   * Has the field `TLS-Required: No`, and not REQUIRETLS: what the recipients' domains publish
   * about TLS is passed over (RFC 8689 §3). Absent: it counts.
   */
  readonly tlsNotRequired?: true;
  /** Spam confidence, -1 to 9 (reference §9.6). Absent: nobody has rated it. */
  readonly scl?: number;
  /** What it says of whom it is from that nothing bears out. Absent: nobody has looked. */
  readonly unproven?: readonly SenderIdentity[];
  /**
   * It is in quarantine, or has been and was released: then nobody puts it there again for the same
   * reason. Recipients that are in quarantine have a message of their own.
   */
  readonly quarantine?: Quarantine;
}

/** One recipient of a message in transit. */
export interface QueuedRecipient {
  /** Unique within its message, never reused. */
  readonly position: number;
  readonly address: Address;
  readonly originalRecipient: OriginalRecipient | undefined;
  readonly notify: readonly NotifyCondition[] | undefined;
  /** Attempts that ended in a message-level deferral. */
  readonly attemptCount: number;
  /** Epoch ms after which the recipient fails with 4.4.7. */
  readonly expiresMs: number;
  /** Epoch ms of the delay notice; `undefined` once it has been sent or is not wanted. */
  readonly delayNoticeMs: number | undefined;
  /** What the last attempt said, for the queue view and the notices. */
  readonly lastError: string | undefined;
  /** Held by an administrator. */
  readonly suspended: boolean;
  /** An earlier attempt may have reached the next hop without our having learned or recorded it. */
  readonly attemptUnknown?: boolean;
  /**
   * Set once the categorizer has chosen the final address: groups and forwarding are not repeated.
   */
  readonly resolved: boolean;
  /** Its moderators have approved that it gets the message, and are not asked again. */
  readonly approved?: true;
  /**
   * It has been kept from the recipient before all agents of the categorizer were asked; once it is
   * let out, those that are left are. Absent: all have been, or none if it is not `resolved`.
   */
  readonly unheard?: true;
  /** Of a copy out of the Safety Net: who it was for, by which a mailbox may know it. */
  readonly keptAs?: RecipientKey;
  /** Who gets the message when this recipient fails for good (ORAR of XORAR). */
  readonly alternateRecipient?: Address;
}

/** What decides which delivery queue a recipient waits in (Exchange's NextHopSolutionKey). */
export interface QueueKey {
  readonly deliveryType:
    | "DnsConnectorDelivery"
    | "SmartHostConnectorDelivery"
    | "SmtpDeliveryToMailbox"
    | "LmtpDelivery"
    | "Undefined"
    | "Unreachable";
  readonly nextHopDomain: string;
  /** Name of the send connector, or "" */
  readonly nextHopConnector: string;
  /** As in `QueuedMessage`: such mail has connections of its own. */
  readonly tlsNotRequired?: true;
}

/** Identities of the queues that always exist. Delivery queues are numbered from 1. */
export const SUBMISSION_QUEUE_ID = 0;
/** @see SUBMISSION_QUEUE_ID */
export const UNREACHABLE_QUEUE_ID = -1;
/** @see SUBMISSION_QUEUE_ID */
export const POISON_QUEUE_ID = -2;
/** @see SUBMISSION_QUEUE_ID */
export const QUARANTINE_QUEUE_ID = -3;

/** What a queue remembers over a restart: the back-off belongs to the queue. */
export interface QueueState {
  readonly suspended: boolean;
  /** Who suspended it, and when (epoch ms); for the queue view. */
  readonly suspendedBy?: string | undefined;
  readonly suspendedMs?: number | undefined;
  /** Failed connection attempts in a row; 0 is a queue in good health. */
  readonly failureCount: number;
  readonly firstRetryMs: number | undefined;
  readonly lastRetryMs: number | undefined;
  readonly nextRetryMs: number | undefined;
  readonly lastError: string | undefined;
}

/** A queue as the store sees it. `recipientCount` counts stored recipients only. */
export interface StoredQueue {
  readonly id: number;
  readonly key: QueueKey;
  readonly state: QueueState;
  readonly recipientCount: number;
}

/**
 * Due time of a recipient that a thread has read back from its queue: leased. It sorts before all
 * others, and after a crash it tells which deliveries may have reached the next hop unrecorded.
 */
export const LEASED_DUE_MS = 0;
/** Due time of a recipient that may go as soon as its queue can. */
export const DUE_NOW_MS = 1;

/** Due time of a recipient that an administrator holds: never due, whatever its queue does. */
export const HELD_DUE_MS = Number.MAX_SAFE_INTEGER;

/** Where a recipient waits. */
export interface Placement {
  /** One of those that always exist, as SUBMISSION_QUEUE_ID, or one from `openQueue`. */
  readonly queueId: number;
  /**
   * Not before this epoch ms; LEASED_DUE_MS, DUE_NOW_MS and HELD_DUE_MS have meanings of their own.
   * In the quarantine: how long it is kept there.
   */
  readonly dueMs: number;
}

/** The cursor that skips what is leased. */
export const AFTER_LEASED = {
  dueMs: LEASED_DUE_MS,
  messageId: Number.MAX_SAFE_INTEGER,
  position: Number.MAX_SAFE_INTEGER,
} as const;

/** A recipient with its place. */
export interface PlacedRecipient {
  readonly messageId: number;
  readonly recipient: QueuedRecipient;
  readonly placement: Placement;
}

/**
 * A message to be stored; `content` only when this message brings content that is not stored yet.
 */
export interface NewMessage {
  readonly message: QueuedMessage;
  readonly recipients: readonly PlacedRecipient[];
  /** The pieces not yet stored by `appendContent`, from `firstChunk` on. Empty for a fork. */
  readonly content: readonly Uint8Array[];
  readonly firstChunk: number;
}

/** Names one recipient. */
export interface RecipientKey {
  readonly messageId: number;
  readonly position: number;
}

/** Where a recipient goes that has its message, while the Safety Net is on. */
export interface Keeping {
  readonly keptMs: number;
  /** The next hop, or the mailbox's domain. */
  readonly destination: string;
}

/** A recipient in the Safety Net, with its message. */
export interface KeptRecipient extends Keeping {
  readonly message: QueuedMessage;
  readonly recipient: QueuedRecipient;
}

/** A page of the Safety Net in order of time, without what `request` has resubmitted already. */
export interface SafetyNetPage {
  /** Epoch ms, the first included, the second not. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly request: number;
  readonly limit: number;
  /** The last one of the page before. */
  readonly after?: {
    readonly keptMs: number;
    readonly messageId: number;
    readonly position: number;
  };
}

/**
 * One transaction. A message whose last recipient is removed goes, and its content with the last
 * message.
 */
export interface Change {
  readonly messages?: readonly NewMessage[];
  readonly putRecipients?: readonly PlacedRecipient[];
  readonly removeRecipients?: readonly (RecipientKey & {
    /** It goes into the Safety Net, as it was stored last, and its message with it. */
    readonly keeping?: Keeping;
  })[];
  /** Recipients in the Safety Net of which a request has made copies. */
  readonly resubmitted?: readonly (RecipientKey & { readonly request: number })[];
  /** New header edits of messages (the whole list). */
  readonly edits?: readonly { readonly messageId: number; readonly edits: readonly HeaderEdit[] }[];
  readonly queueStates?: readonly { readonly queueId: number; readonly state: QueueState }[];
  /** Lines of the message tracking log, each ending in CRLF; they become durable with the rest. */
  readonly events?: string;
}

/** A stored message with those of its recipients that were asked for. */
export interface StoredMessage {
  readonly message: QueuedMessage;
  readonly recipients: readonly PlacedRecipient[];
}

/** The store could not do it. `full` when space ran out; either way nothing of the call remains. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
  readonly full: boolean;
  constructor(message: string, options: { readonly full: boolean }) {
    super(message);
    this.full = options.full;
  }
}

/**
 * Durable state of mail in transit. Each call is one transaction: once it has resolved, what it
 * wrote survives a power cut; when it throws StoreFailure, nothing of it remains.
 */
export interface QueueStore {
  /** Takes `count` internal ids that will never be handed out again; returns the first. */
  reserveIds(count: number): Promise<number>;
  /** Stores one piece ahead of its message; a crash before the message is stored removes it. */
  appendContent(contentId: number, index: number, bytes: Uint8Array): Promise<void>;
  /** Removes content whose message never came. */
  discardContent(contentId: number): Promise<void>;
  /** Writes one change. */
  commit(change: Change): Promise<void>;
  /** `undefined` past the last piece. */
  readContent(contentId: number, index: number): Promise<Uint8Array | undefined>;
  /** Finds or makes the queue of that key; its id stays the same until it is removed. */
  openQueue(key: QueueKey): Promise<StoredQueue>;
  /** Removes a queue without recipients that is not suspended; keeps it otherwise. */
  removeQueue(queueId: number): Promise<void>;
  /** All queues, the fixed ones with recipients included. */
  listQueues(): Promise<readonly StoredQueue[]>;
  /** Recipients of the queue due at `dueMs` or before, in order of due time, after the cursor. */
  readQueue(queueId: number, page: QueuePage): Promise<readonly StoredMessage[]>;
  /** One message with all its recipients wherever they wait; `undefined` when it is done. */
  readMessage(messageId: number): Promise<StoredMessage | undefined>;
  /** Epoch ms of the earliest due recipient of the queue past `afterMs`. */
  nextDueMs(queueId: number, afterMs: number): Promise<number | undefined>;
  /**
   * Recipients whose delay notice or expiry is due and that wait in a delivery queue or
   * Unreachable, neither leased nor suspended.
   */
  readNotices(page: {
    readonly dueMs: number;
    readonly limit: number;
  }): Promise<readonly StoredMessage[]>;
  /** What is in the Safety Net, in order of time. */
  readSafetyNet(page: SafetyNetPage): Promise<readonly KeptRecipient[]>;
  /** Removes up to `limit` that are there since then or before; returns how many. */
  expireSafetyNet(page: { readonly keptUntilMs: number; readonly limit: number }): Promise<number>;
  /** How often each message was being worked on when a thread died; counted up by one, returned. */
  recordCrash(
    messageIds: readonly number[],
  ): Promise<readonly { readonly messageId: number; readonly count: number }[]>;
}

/** A page of a queue; `after` is the last recipient of the page before. */
export interface QueuePage {
  readonly dueMs: number;
  readonly limit: number;
  readonly after?: {
    readonly dueMs: number;
    readonly messageId: number;
    readonly position: number;
  };
}
