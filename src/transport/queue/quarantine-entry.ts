import type { Organization } from "../../org/organization.ts";
import {
  isModeration,
  type QuarantineMark,
  type QuarantineType,
  quarantineSince,
} from "../../store/quarantine-mark.ts";
import {
  type PlacedRecipient,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
} from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";

/** Recipients of a message that are to be kept from it; the message is theirs alone. */
export interface Quarantining {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly mark: QuarantineMark;
  /** Its own content, where an agent has given it another; absent: it is stored already. */
  readonly content?: readonly Uint8Array[];
}

/** What of the organization says how long messages are kept. */
interface KeepingTimes {
  readonly quarantinePolicy: Pick<Organization["quarantinePolicy"], "quarantineRetentionPeriodMs">;
  readonly transportConfig: Pick<Organization["transportConfig"], "moderationExpirationTimeoutMs">;
}

/** A message as it enters the quarantine, with the tracking event that tells of it. */
export interface QuarantineEntry {
  readonly message: QueuedMessage;
  readonly recipients: readonly PlacedRecipient[];
  readonly event: TrackingEvent;
}

/** X-MS-Exchange-Organization-Quarantine: what a server of ours has let out bears it. */
const MARKED = "x-ms-exchange-organization-quarantine";

/** Opinions about one and the same thing: who has let it out has heard them all. */
const OPINIONS: ReadonlySet<QuarantineType> = new Set([
  ...(["Spam", "Bulk", "Phish", "HighConfPhish", "Dmarc", "Policy"] as const),
]);

/**
 * Whether it has been released, here or by a server that we trust, from what it would be kept for:
 * then it is not kept again. A user who has let out what was taken for spam has not thereby decided
 * about malware, or what a mail flow rule or a moderator has to.
 */
export function isReleasedFrom(
  type: QuarantineType,
  { quarantine, firewalledNames }: Pick<QueuedMessage, "quarantine" | "firewalledNames">,
): boolean {
  const before = quarantine === undefined ? [] : [...(quarantine.earlier ?? []), quarantine.type];
  if (before.includes(type)) return true;
  if (!OPINIONS.has(type)) return false;
  return before.some((one) => OPINIONS.has(one)) || firewalledNames?.includes(MARKED) === true;
}

/**
 * Places a message in the quarantine, for as long as the organization of this moment says, or as it
 * says that one waits for moderators (reference §17.2). Pure.
 */
export function enterQuarantine(
  { message, recipients, mark }: Quarantining,
  at: {
    readonly nowMs: number;
    readonly organization: KeepingTimes;
  },
): QuarantineEntry {
  const { quarantine: before } = message;
  const quarantine = {
    ...quarantineSince(mark, at.nowMs),
    ...(before && { earlier: [...(before.earlier ?? []), before.type] }),
  };
  const held = { ...message, quarantine };
  const isModerated = isModeration(mark.type);
  const { quarantinePolicy, transportConfig } = at.organization;
  const keptMs = isModerated
    ? transportConfig.moderationExpirationTimeoutMs
    : quarantinePolicy.quarantineRetentionPeriodMs;
  const placement = { queueId: QUARANTINE_QUEUE_ID, dueMs: at.nowMs + keptMs };
  const status = `550 5.2.1 ${quarantine.agent} quarantined this message`;
  const scl = message.scl === undefined ? "" : `;S:SCL=${message.scl}`;
  return {
    message: held,
    recipients: recipients.map((recipient) => ({ messageId: message.id, recipient, placement })),
    event: {
      event: isModerated ? "INITMESSAGECREATED" : "FAIL",
      source: isModerated ? "APPROVAL" : "AGENT",
      message: held,
      recipients: recipients.map(({ address }) => ({
        address,
        status: isModerated ? "" : status,
      })),
      sourceContext: quarantine.reason,
      customData: `S:Quarantine=${quarantine.type}${scl}`,
    },
  };
}
