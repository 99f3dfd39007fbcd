import type { OrganizationEditor } from "../../org/organization-editor.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { ExplainedRule } from "../../transport/rules/explain-rules.ts";
import type { RuleHitReport } from "../../transport/rules/rule-hits.ts";
import type { RuleTrial } from "../../transport/rules/rule-inquiry.ts";

/** What the cmdlets of this room ask the server for. */
export interface RuleServices {
  readonly organization: OrganizationEditor;
  readonly rules: RuleDesk;
  readonly moderation: ModerationDesk;
}

/** A message that waits for approval. */
export interface ModeratedMessage {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly recipientCount: number;
  /** Epoch ms; then it goes back to its sender. */
  readonly expiresMs: number;
}

/** What somebody has decided about a message. */
export type ModerationDecision =
  | { readonly kind: "approve" }
  /** `text`: for the sender, "" for none. */
  | { readonly kind: "deny"; readonly text: string };

/** Messages that wait for approval on this server. */
export interface ModerationDesk {
  /** All of them, page by page, what came last first. */
  readonly messages: (signal: AbortSignal) => AsyncIterable<readonly ModeratedMessage[]>;
  /** By its internal message id; `undefined`: it does not wait, or no more. */
  readonly find: (messageId: number) => Promise<ModeratedMessage | undefined>;
  /** Resolves with how many recipients that concerned, once it is durable; 0: it has gone. */
  readonly decide: (order: {
    readonly messageId: number;
    readonly by: string;
    readonly decision: ModerationDecision;
  }) => Promise<number>;
}

/** Mail flow rules as they run on this server. */
export interface RuleDesk {
  /** Tries the rules in force on a message; nothing is sent. Rejects with CmdletFault. */
  readonly explain: (trial: RuleTrial) => Promise<readonly ExplainedRule[]>;
  /** For how many messages each rule has held, in all threads. Never rejects. */
  readonly hits: () => Promise<RuleHitReport>;
}
