import type { Address } from "../../mail/address.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import { withoutAlternate } from "../queue/alternate-recipient.ts";
import type { RoutedRecipient } from "../queue/categorization.ts";
import type { Candidate } from "./candidate.ts";

/** Recipients that share a copy of the message. */
export interface Share {
  readonly sender: Address | "";
  readonly routed: readonly RoutedRecipient[];
}

/**
 * Added recipients are numbered within a range of the recipient they come from, far above any that
 * a session gives. So numbers stay unique in a message of which we see only some recipients.
 */
const POSITIONS_PER_RECIPIENT = 2 ** 20;

/** Gives every candidate of one message its place as a stored recipient. Use one per message. */
export class RecipientNumbering {
  readonly #addedCounts = new Map<number, number>();

  /** The stored recipient itself when nothing about it has changed. */
  recipientOf(candidate: Candidate): QueuedRecipient {
    const { top, address, notify, originalRecipient } = candidate;
    if (!candidate.isTop) {
      const position = this.#nextPosition(top.position);
      return {
        ...withoutAlternate(top),
        position,
        address,
        notify,
        originalRecipient,
        attemptCount: 0,
        lastError: undefined,
        resolved: true,
      };
    }
    const isSame =
      address === top.address &&
      notify === top.notify &&
      originalRecipient === top.originalRecipient;
    return isSame ? top : { ...top, address, notify, originalRecipient, resolved: true };
  }

  #nextPosition(topPosition: number): number {
    const count = this.#addedCounts.get(topPosition) ?? 0;
    this.#addedCounts.set(topPosition, count + 1);
    return (topPosition + 1) * POSITIONS_PER_RECIPIENT + count;
  }
}

/**
 * Divides recipients into copies: by sender, and by `recipientCountMax` (ExpansionSizeLimit,
 * reference §4.4). The first share stays with the message and may be empty.
 */
export function bifurcate(
  numbered: readonly { readonly sender: Address | ""; readonly routed: RoutedRecipient }[],
  message: { readonly sender: Address | ""; readonly recipientCountMax: number },
): readonly [Share, ...Share[]] {
  const own: RoutedRecipient[] = [];
  const bySender = new Map<Address | "", RoutedRecipient[]>([[message.sender, own]]);
  for (const { sender, routed } of numbered) {
    const others = bySender.get(sender);
    if (others === undefined) bySender.set(sender, [routed]);
    else others.push(routed);
  }
  const countMax = Math.max(message.recipientCountMax, 1);
  const shares: [Share, ...Share[]] = [{ sender: message.sender, routed: own.slice(0, countMax) }];
  for (const [sender, routed] of bySender) {
    const from = sender === message.sender ? countMax : 0;
    for (let first = from; first < routed.length; first += countMax) {
      shares.push({ sender, routed: routed.slice(first, first + countMax) });
    }
  }
  return shares;
}

/** A copy for one share: the same content and story, an id of its own. */
export function forkMessage(message: QueuedMessage, share: Share, id: number): QueuedMessage {
  const { envelope } = message;
  if (share.sender === envelope.sender) return { ...message, id };
  // ENVID and RET are between the first sender and us (RFC 3461 §5.2.7): not the manager's.
  const own = { ...envelope, sender: share.sender, ret: undefined, envid: undefined };
  return { ...message, id, envelope: own };
}
