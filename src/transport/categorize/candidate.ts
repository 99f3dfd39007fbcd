import { type Address, addressKey } from "../../mail/address.ts";
import type { NotifyCondition, OriginalRecipient } from "../../mail/envelope.ts";
import type { DistributionGroup } from "../../org/organization.ts";
import type { QueuedRecipient } from "../../store/queue-store.ts";
import type { RoutingChanges } from "../agents/routing-agent.ts";

/** How one address led to the next. A `copy` stayed behind with the mailbox that forwards. */
export interface Step {
  readonly kind: "forward" | "copy" | "group";
  /** Address key of the recipient that was passed. */
  readonly key: string;
  readonly before: Step | undefined;
}

/** An address on its way to becoming a recipient. */
export interface Candidate {
  /** The recipient of the stored message that it comes from. */
  readonly top: QueuedRecipient;
  /** It is that recipient itself, wherever it has been led, not one that was added beside it. */
  readonly isTop: boolean;
  readonly address: Address;
  readonly notify: readonly NotifyCondition[] | undefined;
  readonly originalRecipient: OriginalRecipient | undefined;
  /** Whom notices about it go to: the envelope sender of its copy. */
  readonly sender: Address | "";
  readonly trail: Step | undefined;
  /** Forwardings since the last group, and groups in all. */
  readonly forwardCount: number;
  readonly groupCount: number;
  /** What an agent has changed of the message for it; absent: nothing. */
  readonly changes?: RoutingChanges;
  /** An agent has added it: the sender knows nothing of it. */
  readonly isAdded?: true;
  /** Came through a group whose approval counts for the moderated groups inside it. */
  readonly isApproved?: true;
  /** Mail for a postmaster without a mailbox: it must not fail. */
  readonly isPostmaster: boolean;
}

/** The start: one recipient as the session took it. */
export function topCandidate(top: QueuedRecipient, sender: Address | ""): Candidate {
  return {
    top,
    isTop: true,
    address: top.address,
    notify: top.notify,
    originalRecipient: top.originalRecipient,
    sender,
    trail: undefined,
    forwardCount: 0,
    groupCount: 0,
    isPostmaster: false,
  };
}

/**
 * The address that mail is led to. What the sender wrote is kept for his notices (RFC 3461
 * §5.2.7.1); one that comes beside a copy promises no success of its own.
 */
export function forwardedCandidate(
  from: Candidate,
  to: { readonly address: Address; readonly key: string; readonly isCopy: boolean },
): Candidate {
  return {
    ...from,
    isTop: from.isTop && !to.isCopy,
    address: to.address,
    notify: to.isCopy ? withoutSuccess(from.notify) : from.notify,
    originalRecipient: from.originalRecipient ?? originalRecipientOf(from.address),
    trail: { kind: to.isCopy ? "copy" : "forward", key: to.key, before: from.trail },
    forwardCount: from.forwardCount + 1,
  };
}

/**
 * What the members of a group have in common (reference §4.5). Reports to the manager make him the
 * sender; a message without a sender keeps none, or its notices could go round (RFC 5321 §4.5.5).
 */
export function memberCandidate(
  candidate: Candidate,
  group: DistributionGroup,
  messageSender: Address | "",
): Candidate {
  const key = addressKey(group.primarySmtpAddress);
  const common: Candidate = {
    ...candidate,
    isTop: false,
    notify: withoutSuccess(candidate.notify),
    originalRecipient: candidate.originalRecipient ?? originalRecipientOf(candidate.address),
    trail: { kind: "group", key, before: candidate.trail },
    forwardCount: 0,
    groupCount: candidate.groupCount + 1,
    isPostmaster: false,
    ...(group.moderationEnabled && group.bypassNestedModerationEnabled && { isApproved: true }),
  };
  if (group.reportToOriginatorEnabled) return common;
  const { managedBy } = group;
  if (!group.reportToManagerEnabled || managedBy === undefined) return { ...common, notify: [] };
  if (messageSender === "") return common;
  return { ...common, sender: managedBy, notify: undefined };
}

/** ORCPT for an address that is about to be replaced: what the sender wrote (RFC 3461 §4.2). */
export function originalRecipientOf(address: Address): OriginalRecipient {
  // RFC 6533 §3: rfc822 is ASCII only.
  const isAscii = /^[\0-\x7f]*$/.test(address);
  return { type: isAscii ? "rfc822" : "utf-8", address };
}

/** Delivery to a group's members is not delivery to the group (RFC 3461 §5.2.7). */
export function withoutSuccess(
  notify: readonly NotifyCondition[] | undefined,
): readonly NotifyCondition[] | undefined {
  return notify?.includes("SUCCESS")
    ? notify.filter((condition) => condition !== "SUCCESS")
    : notify;
}

/** The reports of two recipients that turn out to be one. */
export function joinNotify(
  left: readonly NotifyCondition[] | undefined,
  right: readonly NotifyCondition[] | undefined,
): readonly NotifyCondition[] | undefined {
  if (left === right || (left === undefined && right === undefined)) return left;
  const joined = new Set([...(left ?? DEFAULT_NOTIFY), ...(right ?? DEFAULT_NOTIFY)]);
  return joined.size === left?.length ? left : [...joined];
}

/** What a server reports when it was not told (RFC 3461 §4.1). */
const DEFAULT_NOTIFY: readonly NotifyCondition[] = ["FAILURE", "DELAY"];

/** What a candidate that comes by a recipient for the second time has run into. */
export type LoopKind =
  | "none"
  /** Forwarding only, round and round: nobody gets it. */
  | "broken"
  /** Somebody on the way has his copy, or a group's other members have. */
  | "harmless";

/** Looks along the way that the candidate came. */
export function findLoop(trail: Step | undefined, key: string): LoopKind {
  let kind: LoopKind = "broken";
  let isClosed = false;
  for (let step = trail; step !== undefined; step = step.before) {
    // A copy anywhere on the way was delivered; a group only explains a loop that it is part of.
    if (step.kind === "copy" || (step.kind === "group" && !isClosed)) kind = "harmless";
    if (step.key === key) isClosed = true;
  }
  return isClosed ? kind : "none";
}

/** The key by which candidates and recipients are compared. */
export function candidateKey(candidate: Candidate): string {
  return addressKey(candidate.address);
}
