import type { QueuedMessage } from "../../store/queue-store.ts";

/** Event ids of the message tracking log (reference §7.2) that this server writes. */
export type EventId =
  | "RECEIVE"
  | "SEND"
  | "DELIVER"
  | "FAIL"
  | "DEFER"
  | "EXPAND"
  | "DUPLICATEEXPAND"
  | "RESOLVE"
  | "REDIRECT"
  | "DUPLICATEREDIRECT"
  | "TRANSFER"
  | "DSN"
  | "AGENTINFO"
  | "BADMAIL"
  | "INITMESSAGECREATED"
  | "MODERATORAPPROVE"
  | "MODERATORREJECT"
  | "MODERATORSALLNDR"
  | "MODERATIONEXPIRE"
  | "DROP"
  | "RESUBMIT"
  | "POISONMESSAGE"
  | "LOAD";

/** Sources of the message tracking log (reference §7.2). */
export type EventSource =
  | "ADMIN"
  | "AGENT"
  | "APPROVAL"
  | "BOOTLOADER"
  | "DNS"
  | "DSN"
  | "PICKUP"
  | "POISONMESSAGE"
  | "QUEUE"
  | "RESOLVER"
  | "REPLAY"
  | "ROUTING"
  | "SAFETYNET"
  | "SMTP"
  | "STOREDRIVER";

/** One event of a message's story. What the message itself knows is taken from `message`. */
export interface TrackingEvent {
  readonly event: EventId;
  readonly source: EventSource;
  readonly message: QueuedMessage;
  readonly recipients: readonly { readonly address: string; readonly status: string }[];
  readonly sourceContext?: string;
  readonly connector?: string;
  /** Default: as in the message's origin for RECEIVE, ours and the next hop's for SEND. */
  readonly clientAddress?: string;
  readonly clientName?: string;
  readonly serverAddress?: string;
  readonly serverName?: string;
  readonly relatedRecipient?: string;
  readonly reference?: string;
  readonly messageInfo?: string;
  readonly customData?: string;
}
