import type { TrackingLog } from "../../logs/tracking-log.ts";
import type { Address } from "../../mail/address.ts";
import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";

/** What the cmdlets of this room ask the server for. */
export interface QuarantineServices {
  readonly quarantine: QuarantineDesk;
  readonly moderation: ModerationDesk;
  /** Where mailboxes have the senders that their users want to hear from. */
  readonly organization: OrganizationEditor;
  /** It tells what became of what is there no more. */
  readonly tracking: { readonly log: Pick<TrackingLog, "search"> };
}

/** A message that is held back: in quarantine, or until somebody approves it. */
export interface KeptMessage {
  readonly message: QueuedMessage;
  /** Those from whom it is kept; at most some thousand of them. */
  readonly recipients: readonly QueuedRecipient[];
  readonly recipientCount: number;
  /** Epoch ms; then it is removed, or goes back to its sender. */
  readonly expiresMs: number;
}

/** What names a message that is held back. */
export type HeldPlace = Pick<QueuedMessage, "id" | "networkMessageId">;

/** Messages of this server that are held back for one kind of reasons. */
export interface HeldMessages {
  /** All that is there, page by page, what came last first. */
  readonly messages: (signal: AbortSignal) => AsyncIterable<readonly KeptMessage[]>;
  /** The same, but nothing is read of them except which they are. */
  readonly places: (signal: AbortSignal) => AsyncIterable<readonly HeldPlace[]>;
  /** By their internal message ids, in this order; without those that are not there, or no more. */
  readonly find: (messageIds: readonly number[]) => Promise<readonly KeptMessage[]>;
  /** Rejects with CmdletFault when it has gone meanwhile. */
  readonly content: (message: QueuedMessage) => ContentReader;
}

/** The quarantine of this server. */
export interface QuarantineDesk extends HeldMessages {
  /**
   * Sends messages on to all from whom they are kept, or to those in `to`, and to those in `copyTo`
   * besides; resolves with how many these were in all, once that is durable.
   */
  readonly release: (order: {
    readonly messageIds: readonly number[];
    readonly to?: readonly Address[];
    readonly copyTo?: readonly Address[];
    readonly by: string;
  }) => Promise<number>;
  /** Removes messages; resolves with how many recipients that concerned. */
  readonly delete: (order: {
    readonly messageIds: readonly number[];
    readonly by: string;
  }) => Promise<number>;
  /** Somebody says that it was no spam: for the counts and the server's own log. */
  readonly reportFalsePositive: (kept: KeptMessage, by: string) => void;
}

/** What somebody has decided about a message. */
export type ModerationDecision =
  /** `text`: for the tracking log, "" for none. */
  | { readonly kind: "approve"; readonly text: string }
  /** `text`: for the sender, "" for none. */
  | { readonly kind: "deny"; readonly text: string };

/** Messages that wait for approval on this server. */
export interface ModerationDesk extends HeldMessages {
  /** Resolves with how many recipients that concerned, once it is durable; 0: it has gone. */
  readonly decide: (order: {
    readonly messageId: number;
    readonly by: string;
    readonly decision: ModerationDecision;
  }) => Promise<number>;
}
