import { DAY } from "../../base/units.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import type { KeptRecipient } from "../../store/queue-store.ts";
import type { StoredRecord } from "../../store/record-store.ts";

/** What of the Safety Net is to be delivered again. */
export interface ResubmitRequest {
  /** Also its place in time: no two have the same. */
  readonly id: number;
  /** When it was delivered first, epoch ms; the end is not included. */
  readonly startMs: number;
  readonly endMs: number;
  readonly recipient?: Address | undefined;
  readonly sender?: Address | undefined;
  /** The Message-ID field with its angle brackets. */
  readonly messageId?: string | undefined;
  /** Next hop. */
  readonly destination?: string | undefined;
  /** Who gets it, in place of the recipients. */
  readonly resubmitTo?: Address | undefined;
  readonly by: string;
  readonly createdMs: number;
  /** False: it waits where it is. */
  readonly enabled: boolean;
}

/** How far a request has come. */
export interface ResubmitProgress {
  readonly id: number;
  readonly state: "Running" | "Completed";
  /** Recipients who get the message again. */
  readonly done: number;
  readonly endedMs?: number;
  /** The last one looked at. */
  readonly after?: {
    readonly keptMs: number;
    readonly messageId: number;
    readonly position: number;
  };
}

/** Kinds of records: requests are the administrator's to write, progress the queue's. */
export const REQUEST_KIND = "resubmit-request";
/** @see REQUEST_KIND */
export const PROGRESS_KIND = "resubmit-progress";
/** How long a request can be looked at. */
const KEPT_MS = 90 * DAY;

/** A request, or how far it has come, as a record. */
export function recordOf(
  kind: typeof REQUEST_KIND | typeof PROGRESS_KIND,
  value: ResubmitRequest | ResubmitProgress,
): StoredRecord {
  // Its id is when it was made.
  const expiresMs = value.id + KEPT_MS;
  return { kind, key: String(value.id), json: JSON.stringify(value), expiresMs };
}

/** Whether the request is about a recipient in the Safety Net. */
export function concerns(
  { recipient, sender, messageId, destination }: ResubmitRequest,
  kept: KeptRecipient,
): boolean {
  const { envelope, headerFrom, internetMessageId } = kept.message;
  const senders = [envelope.sender, headerFrom].map((one) => one.toLowerCase());
  return (
    (recipient === undefined || addressKey(recipient) === addressKey(kept.recipient.address)) &&
    (sender === undefined || senders.includes(addressKey(sender))) &&
    (messageId === undefined || messageId === internetMessageId) &&
    (destination === undefined || destination.toLowerCase() === kept.destination.toLowerCase())
  );
}
