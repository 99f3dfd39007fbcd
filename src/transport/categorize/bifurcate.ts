import type { Address } from "../../mail/address.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { RoutingChanges } from "../agents/routing-agent.ts";
import { withoutAlternate } from "../queue/alternate-recipient.ts";
import type { RoutedRecipient } from "../queue/categorization.ts";
import type { Candidate } from "./candidate.ts";
import { changedMessage } from "./message-changes.ts";

/** Recipients that share a copy of the message. */
export interface Share {
  readonly sender: Address | "";
  /** What an agent has changed of it; absent: nothing. */
  readonly changes?: RoutingChanges | undefined;
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

/** A recipient with the form in which it gets the message. */
export interface Numbered extends Omit<Share, "routed"> {
  readonly routed: RoutedRecipient;
}

/**
 * Divides recipients into copies: by what agents have changed, by sender, and by
 * `recipientCountMax` (ExpansionSizeLimit, reference §4.4). The first share stays with the message
 * and may be empty.
 */
export function bifurcate(
  numbered: readonly Numbered[],
  message: { readonly sender: Address | ""; readonly recipientCountMax: number },
): readonly [Share, ...Share[]] {
  const own: RoutedRecipient[] = [];
  const groups: { readonly share: Omit<Share, "routed">; readonly routed: RoutedRecipient[] }[] =
    [];
  const byForm = new Map<RoutingChanges | undefined, Map<Address | "", RoutedRecipient[]>>([
    [undefined, new Map([[message.sender, own]])],
  ]);
  for (const { sender, changes, routed } of numbered) {
    const bySender = byForm.get(changes) ?? new Map<Address | "", RoutedRecipient[]>();
    byForm.set(changes, bySender);
    const others = bySender.get(sender);
    if (others !== undefined) others.push(routed);
    else {
      const group = [routed];
      bySender.set(sender, group);
      groups.push({ share: { sender, changes }, routed: group });
    }
  }
  const countMax = Math.max(message.recipientCountMax, 1);
  const shares: [Share, ...Share[]] = [{ sender: message.sender, routed: own.slice(0, countMax) }];
  const further = { share: { sender: message.sender }, routed: own.slice(countMax) };
  for (const { share, routed } of [further, ...groups]) {
    for (let first = 0; first < routed.length; first += countMax) {
      shares.push({ ...share, routed: routed.slice(first, first + countMax) });
    }
  }
  return shares;
}

/**
 * A copy for one share: the same story, an id of its own, and the same content unless an agent has
 * given it another.
 */
export function forkMessage(message: QueuedMessage, share: Share, id: number): QueuedMessage {
  const { sender, changes } = share;
  const { envelope } = message;
  // ENVID and RET are between the first sender and us (RFC 3461 §5.2.7): not the manager's.
  const own =
    sender === envelope.sender
      ? envelope
      : { ...envelope, sender, ret: undefined, envid: undefined };
  const fork = { ...message, id, envelope: own };
  if (changes === undefined) return fork;
  // A group's manager stays the sender of his copy.
  const { sender: _other, ...rest } = changes;
  const changed = changedMessage(fork, sender === envelope.sender ? changes : rest);
  return changes.content === undefined ? changed : { ...changed, contentId: id };
}
