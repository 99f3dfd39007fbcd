import { type Address, addressKey } from "../../mail/address.ts";
import type { Directory } from "../../org/directory.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { RoutingChanges } from "../agents/routing-agent.ts";
import { type LinkTo, requestApproval } from "../moderation/approval-request.ts";
import { withoutAlternate } from "../queue/alternate-recipient.ts";
import type { Categorization } from "../queue/categorization.ts";
import type { Quarantining } from "../queue/quarantine-entry.ts";
import type { Uncategorized } from "../queue/submission.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import { composeAgentMail } from "./agent-mail.ts";
import { forkMessage } from "./bifurcate.ts";
import type { Candidate } from "./candidate.ts";
import type { Held } from "./moderated-recipients.ts";
import { isAuthenticated } from "./restrictions.ts";
import { piecesReader } from "./routing-hearing.ts";

/** What holds mail to moderated recipients back, in logs and in the quarantine's queue. */
const AGENT = "Moderation";
/** Who writes the requests, as moderators see it. */
const AUTHOR = "Approval Assistant";
/** Bytes that the requests about one message attach of it, all together. */
const ATTACHED_BYTES_MAX = 64 * 1024 * 1024;
/** Addresses in one question to the directory. */
const BATCH = 1000;

/** Recipients whose mail waits for the same moderators, in the same form. */
export interface ApprovalHold {
  readonly moderators: readonly Address[];
  /** Nobody hears of it when they reject. */
  readonly isSilent: boolean;
  readonly changes: RoutingChanges | undefined;
  readonly held: readonly Held[];
}

/** Those that wait, and those about whom nobody could decide. */
export interface ApprovalPlan {
  readonly holds: readonly ApprovalHold[];
  readonly unapprovable: readonly Candidate[];
}

/**
 * Puts recipients together whose moderators are the same: these get one request for all of them.
 * Who is not in the directory, or is a group, moderates nothing. Rejects with StoreFailure.
 */
export async function planHolds(
  held: readonly Held[],
  { message, directory }: { readonly message: QueuedMessage; readonly directory: Directory },
): Promise<ApprovalPlan> {
  const known = await findModerators(held.flatMap(({ found }) => namedModerators(found)));
  const holds = new Map<RoutingChanges | undefined, Map<string, ApprovalHold & { held: Held[] }>>();
  const unapprovable: Candidate[] = [];
  for (const one of held) {
    const { changes } = one.candidate;
    const moderators = known(namedModerators(one.found));
    if (moderators.length === 0) {
      unapprovable.push(one.candidate);
      continue;
    }
    const isSilent = isSilentFor(one.found, message);
    const key = `${isSilent} ${moderators.map(addressKey).toSorted().join(" ")}`;
    const byModerators = holds.get(changes) ?? new Map<string, ApprovalHold & { held: Held[] }>();
    holds.set(changes, byModerators);
    const others = byModerators.get(key);
    if (others === undefined) byModerators.set(key, { moderators, isSilent, changes, held: [one] });
    else others.held.push(one);
  }
  return { holds: [...holds.values()].flatMap((some) => [...some.values()]), unapprovable };

  async function findModerators(named: readonly Address[]) {
    const unique = [...new Map(named.map((one) => [addressKey(one), one])).values()];
    const present = new Set<string>();
    for (let first = 0; first < unique.length; first += BATCH) {
      const batch = unique.slice(first, first + BATCH);
      const answers = await directory.findRecipients(batch);
      for (const [index, address] of batch.entries()) {
        const kind = answers[index]?.kind;
        if (kind !== undefined && kind !== "group") present.add(addressKey(address));
      }
    }
    return (some: readonly Address[]) => some.filter((one) => present.has(addressKey(one)));
  }
}

/** A group without moderators is its owner's to moderate, as in Exchange. */
function namedModerators(found: OrganizationRecipient): readonly Address[] {
  if (found.moderatedBy.length > 0 || found.kind !== "group") return found.moderatedBy;
  return found.managedBy === undefined ? [] : [found.managedBy];
}

function isSilentFor(found: OrganizationRecipient, message: QueuedMessage): boolean {
  switch (found.sendModerationNotifications) {
    case "Always":
      return false;
    case "Internal":
      return !isAuthenticated(message);
    case "Never":
      return true;
  }
}

/** What is stored of holds: the message for each, and its request. */
export interface StoredHolds {
  readonly quarantined: readonly Quarantining[];
  readonly submissions: NonNullable<Categorization["submissions"]>;
  readonly events: readonly TrackingEvent[];
}

/** Makes the copies that wait, each with its request. Rejects with StoreFailure. */
export async function storeHolds(
  holds: readonly ApprovalHold[],
  parts: {
    readonly input: Uncategorized;
    readonly organization: Organization;
    readonly nowMs: number;
    readonly linkTo: LinkTo;
    readonly nextMessageId: () => number | Promise<number>;
  },
): Promise<StoredHolds> {
  const { input, nextMessageId, ...at } = parts;
  const bytesMax = Math.floor(ATTACHED_BYTES_MAX / Math.max(holds.length, 1));
  const quarantined: Quarantining[] = [];
  const submissions: StoredHolds["submissions"][number][] = [];
  const events: TrackingEvent[] = [];
  for (const hold of holds) {
    const { changes, isSilent, moderators } = hold;
    const { sender } = input.message.envelope;
    const form = { sender, changes, routed: [] };
    const message = forkMessage(input.message, form, await nextMessageId());
    const recipients = hold.held.map(heldRecipient);
    const mark: QuarantineMark = {
      ...{ type: "RecipientModeration", agent: AGENT, reason: nameOf(hold) },
      // Agents that are asked before recipients are resolved have been heard.
      event: "OnResolvedMessage",
      moderators,
      ...(isSilent && { isSilent }),
    };
    const content = changes?.content;
    quarantined.push({ message, recipients, mark, ...(content && { content }) });
    const reader = content === undefined ? input.content : piecesReader(content);
    const request = await requestApproval(
      {
        ...{ moderators, mark, recipients, author: AUTHOR, subject: message.subject },
        networkMessageId: message.networkMessageId,
        from: message.headerFrom || sender,
        original: { content: reader, envelope: message.envelope, bytesMax },
      },
      at,
    );
    const about = { ...at, id: await nextMessageId(), about: message, agent: AGENT };
    const mail = composeAgentMail(request, about);
    submissions.push(mail.submission);
    events.push(...mail.events);
  }
  return { quarantined, submissions, events };
}

/**
 * As it is kept: it is resolved once it is approved. What it came through is not kept, and reports
 * about it go to the sender again.
 */
function heldRecipient({ candidate }: Held, position: number): QueuedRecipient {
  const { top, isTop, address, notify, originalRecipient } = candidate;
  const { unheard: _, approved: __, ...kept } = isTop ? top : withoutAlternate(top);
  return { ...kept, position, address, notify, originalRecipient, resolved: false };
}

/** What the moderators are asked about; its first recipient tells it from the message's others. */
function nameOf({ held }: ApprovalHold): string {
  const [first] = held;
  const more = held.length - 1;
  return `${first?.candidate.address ?? ""}${more > 0 ? ` and ${more} more` : ""}`;
}
