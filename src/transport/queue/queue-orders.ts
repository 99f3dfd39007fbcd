import { unreachable } from "../../base/assert.ts";
import type { Address } from "../../mail/address.ts";
import type { QueueKey } from "../../store/queue-store.ts";
import type { MessageSelection } from "./act-runner.ts";
import type { ReleaseTo } from "./quarantine-keeper.ts";
import type { QueueActResult, QueueAdministration } from "./queue-administration.ts";

/** What an administrator does to a queue; `resubmit` sends its mail back to the categorizer. */
export type QueueAct = "suspend" | "resume" | "retry" | "resubmit";

/** An act on a queue, as it goes to the threads. */
export interface QueueOrder {
  readonly act: QueueAct;
  readonly key: QueueKey;
  readonly by: string;
}

/** What an administrator does to messages. */
export type MessageAct =
  | { readonly kind: "suspend" | "resume" }
  | { readonly kind: "remove"; readonly withNdr: boolean }
  /** Out of the quarantine. */
  | ({ readonly kind: "release" } & ReleaseTo)
  /** Out of moderation: on to its recipients, with the moderator's words, "" for none. */
  | { readonly kind: "approve"; readonly text: string }
  /** Out of moderation: back to its sender, with the moderator's words, "" for none. */
  | { readonly kind: "deny"; readonly text: string }
  /** Out of the quarantine, for good. */
  | { readonly kind: "delete" }
  /** `from` limits it to recipients with that address. */
  | { readonly kind: "redirect"; readonly address: Address; readonly from?: Address };

/** An act on messages, as it goes to the threads. */
export interface MessageOrder extends MessageSelection {
  readonly act: MessageAct;
}

/** Carries an order out in the thread of that administration. Rejects with StoreFailure. */
export async function actOnQueue(
  administration: QueueAdministration,
  { act, key, by }: QueueOrder,
): Promise<QueueActResult> {
  switch (act) {
    case "suspend":
      return administration.suspendQueue(key, by);
    case "resume":
      return administration.resumeQueue(key, by);
    case "retry":
    case "resubmit":
      return administration.retryQueue(key, { by, resubmits: act === "resubmit" });
    default:
      return unreachable(act);
  }
}

/** Carries an order out; resolves with how many recipients it concerned in this thread. */
export function actOnMessages(
  administration: QueueAdministration,
  { act, ...selection }: MessageOrder,
): Promise<number> {
  switch (act.kind) {
    case "suspend":
      return administration.suspendMessages(selection);
    case "resume":
      return administration.resumeMessages(selection);
    case "remove":
      return administration.removeMessages({ ...selection, withNdr: act.withNdr });
    case "release":
      return administration.quarantine.release(selection, act);
    case "approve":
      return administration.quarantine.moderation.approve(selection, act.text);
    case "deny":
      return administration.quarantine.moderation.deny(selection, act.text);
    case "delete":
      return administration.quarantine.delete(selection);
    case "redirect":
      return administration.redirectRecipients(selection, act);
    default:
      return unreachable(act);
  }
}
