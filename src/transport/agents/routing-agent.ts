import type { Address } from "../../mail/address.ts";
import type { BodyType } from "../../mail/envelope.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { TransportAgent } from "../../org/agent-table.ts";
import type { Organization } from "../../org/organization.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QuarantineType } from "../../store/quarantine-mark.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { Route } from "../queue/categorization.ts";
import type { Fault } from "../queue/outcome.ts";
import type { StagedContent } from "../queue/staged-content.ts";

/** How an address came to get the message. */
export interface RecipientStep {
  readonly kind: "forward" | "copy" | "group";
  /** Address key of the recipient that was passed. */
  readonly key: string;
}

/** One recipient as agents of the categorizer see it. */
export interface RoutingRecipient {
  readonly recipient: QueuedRecipient;
  /** What the sender wrote. */
  readonly asWritten: Address;
  /** From what was written to `recipient.address`; empty: straight. */
  readonly steps: readonly RecipientStep[];
  /** `undefined` at OnSubmittedMessage, where addresses are as they were written. */
  readonly route: Route | undefined;
}

/** A message in the categorizer. */
export interface RoutingMessage {
  readonly organization: Organization;
  readonly message: QueuedMessage;
  readonly recipients: readonly RoutingRecipient[];
  /** The content as it is stored: `message.edits` are not applied to it. */
  readonly content: ContentReader;
}

/** What becomes of the message on its way to some recipients. */
export interface RoutingChanges {
  /** Added to those that the message has. */
  readonly edits?: readonly HeaderEdit[];
  /** Another envelope sender. */
  readonly sender?: Address | "";
  readonly scl?: number;
  /** As it stands in views and logs from then on. */
  readonly subject?: string;
  /** Only over TLS that is checked, or not at all (RFC 8689). */
  readonly requireTls?: true;
  /** Its header has an address now that is not ASCII (RFC 6531). */
  readonly smtpUtf8?: true;
  /**
   * The whole message anew, with the same header fields in the same order apart from values.
   */
  readonly content?: readonly Uint8Array[];
}

/** What becomes of some recipients. */
export type Fate =
  /** They get the message with these changes. */
  | { readonly kind: "deliver"; readonly changes: RoutingChanges }
  /** The sender gets a notice. */
  | { readonly kind: "reject"; readonly fault: Fault }
  /** Nobody is told. */
  | { readonly kind: "discard"; readonly reason: string }
  | {
      readonly kind: "quarantine";
      readonly type: QuarantineType;
      readonly reason: string;
      /** Who was asked to approve it. */
      readonly moderators?: readonly Address[];
    }
  /** They get nothing, these addresses do. */
  | {
      readonly kind: "redirect";
      readonly to: readonly Address[];
      readonly changes: RoutingChanges;
    }
  /** The whole is tried again later. */
  | { readonly kind: "defer"; readonly fault: Fault };

/** Recipients, by position in the message, and what becomes of them. */
export interface RoutingDecision {
  readonly positions: readonly number[];
  readonly fate: Fate;
}

/** A message of ours that an agent has sent beside the one at hand; durable with its decision. */
export interface AgentSubmission {
  /** "" but for messages that want notices. */
  readonly sender: Address | "";
  readonly recipients: readonly Address[];
  /** Whole message, header first, CRLF line ends; at most a few MiB, or pieces that are shared. */
  readonly content: readonly Uint8Array[];
  readonly subject: string;
  /** For the tracking log: `Journaling`, `IncidentReport`. */
  readonly purpose: string;
  /** Absent: 8BITMIME. */
  readonly body?: BodyType;
  /** Set: whatever its addresses are, its content needs it. */
  readonly smtpUtf8?: boolean;
  /** Limits of size go by it, where the content has another message in it. */
  readonly originalBytes?: number;
  /** Who gets it when a recipient cannot have it. */
  readonly alternateRecipient?: Address | undefined;
  /** In place of `content`: what is too large for memory and stands in the store already. */
  readonly staged?: StagedContent & {
    /** The content's beginning, with its whole header. */
    readonly head: Uint8Array;
  };
}

/** What an agent makes of a message in the categorizer; recipients that it leaves out go on. */
export interface RoutingAnswer {
  readonly decisions?: readonly RoutingDecision[];
  /** Recipients besides; they get what the `changes` say. */
  readonly added?: readonly {
    readonly address: Address;
    readonly changes: RoutingChanges;
  }[];
  readonly submissions?: readonly AgentSubmission[];
  /** For the tracking log (event AGENTINFO): what has been found, one line. */
  readonly info?: string;
  /** No later agent is asked at this event. */
  readonly stop?: true;
}

/** The events of the categorizer, in order (reference §1.5). */
export type RoutingEvent =
  | "OnSubmittedMessage"
  | "OnResolvedMessage"
  | "OnRoutedMessage"
  | "OnCategorizedMessage";

/** What is called at each event; `undefined`: it has nothing to say, and costs no turn. */
export type RoutingHandlers = {
  readonly [Event in RoutingEvent]?: (
    message: RoutingMessage,
  ) => Promise<RoutingAnswer> | RoutingAnswer | undefined;
};

/**
 * Judges messages in the categorizer. What it answers is written in one transaction with the
 * categorization; after a crash before that, it is asked again, so it must not act by itself.
 * Recipients that an earlier pass has settled are not shown again.
 */
export interface RoutingAgent {
  readonly agent: TransportAgent;
  readonly on: RoutingHandlers;
  /** Whether it cares for messages at all under this organization: no rules, no cost. */
  hears(organization: Organization): boolean;
}
