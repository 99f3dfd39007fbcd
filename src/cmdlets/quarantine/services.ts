import type { Address } from "../../mail/address.ts";
import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";

/** What the cmdlets of this room ask the server for. */
export interface QuarantineServices {
  readonly quarantine: QuarantineDesk;
  /** Where mailboxes have the senders that their users want to hear from. */
  readonly organization: OrganizationEditor;
}

/** A message in quarantine. */
export interface KeptMessage {
  readonly message: QueuedMessage;
  /** Those from whom it is kept; at most some thousand of them. */
  readonly recipients: readonly QueuedRecipient[];
  readonly recipientCount: number;
  /** Epoch ms; then it is removed. */
  readonly expiresMs: number;
}

/** The quarantine of this server. */
export interface QuarantineDesk {
  /** All that is there, page by page, what came last first. */
  readonly messages: (signal: AbortSignal) => AsyncIterable<readonly KeptMessage[]>;
  /** By its internal message id; `undefined` when it is not, or no more, in quarantine. */
  readonly find: (messageId: number) => Promise<KeptMessage | undefined>;
  /** Rejects with CmdletFault when it has gone meanwhile. */
  readonly content: (message: QueuedMessage) => ContentReader;
  /**
   * Sends messages on to all from whom they are kept, or to those in `to`; resolves with how many
   * these were, once that is durable.
   */
  readonly release: (order: {
    readonly messageIds: readonly number[];
    readonly to?: readonly Address[];
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
