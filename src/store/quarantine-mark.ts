/** Kinds of reasons for which a message is held back, as Get-QuarantineMessage names them. */
export const QUARANTINE_TYPES = [
  "Spam",
  "Bulk",
  "Phish",
  "HighConfPhish",
  "Malware",
  "FileTypeBlock",
  "TransportRule",
  "Dmarc",
  "Policy",
] as const;

/** What waits in the same queue for somebody to approve it: for a rule, or for its recipients. */
type ModerationType = "Moderation" | "RecipientModeration";

/** @see QUARANTINE_TYPES */
export type QuarantineType = (typeof QUARANTINE_TYPES)[number] | ModerationType;

/** Whether what is kept for that waits for somebody to approve it, and is not quarantined. */
export function isModeration(type: QuarantineType | undefined): type is ModerationType {
  return type === "Moderation" || type === "RecipientModeration";
}

/** Why a message, or a share of its recipients, is to be kept in the quarantine. */
export interface QuarantineMark {
  readonly type: QuarantineType;
  /** The agent that has put it there. */
  readonly agent: string;
  /** What it says: a rule's name, a virus, a policy. Printable, bounded by who writes it. */
  readonly reason: string;
  /** The rule or policy by which it has. */
  readonly policy?: string;
  /** The event of the categorizer at which it has; absent: before it was ours. */
  readonly event?: string;
  /** Nobody is told when a moderator rejects it. */
  readonly isSilent?: true;
  /** Addresses of those who were asked to approve it. */
  readonly moderators?: readonly string[];
}

/** What a message tells of its quarantine, while it is there and ever after. */
export interface Quarantine extends QuarantineMark {
  /** Epoch ms. */
  readonly sinceMs: number;
  /** What it had been kept for before, and was released; absent: nothing. */
  readonly earlier?: readonly QuarantineType[];
}

const REASON_CHARACTERS_MAX = 500;
const NAME_CHARACTERS_MAX = 128;
const MODERATORS_MAX = 100;

/** As it is kept: texts that come from outside have an end, and are one line each. */
export function quarantineSince(mark: QuarantineMark, sinceMs: number): Quarantine {
  const { type, agent, reason, policy, event, isSilent, moderators } = mark;
  return {
    type,
    agent: cut(agent, NAME_CHARACTERS_MAX),
    reason: cut(reason, REASON_CHARACTERS_MAX),
    ...(policy !== undefined && { policy: cut(policy, NAME_CHARACTERS_MAX) }),
    ...(event !== undefined && { event }),
    ...(isSilent && { isSilent }),
    ...(moderators && { moderators: moderators.slice(0, MODERATORS_MAX) }),
    sinceMs,
  };
}

function cut(text: string, charactersMax: number): string {
  const line = text.slice(0, charactersMax).replace(/[\p{Cc}\u2028\u2029]/gu, " ");
  return line.toWellFormed();
}
