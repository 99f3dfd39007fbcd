/** Kinds of reasons for which a message is held back, as Get-QuarantineMessage names them. */
export const QUARANTINE_TYPES = [
  "Spam",
  "HighConfPhish",
  "Malware",
  "FileTypeBlock",
  "TransportRule",
  "Dmarc",
  "Policy",
] as const;

/** @see QUARANTINE_TYPES */
export type QuarantineType = (typeof QUARANTINE_TYPES)[number];

/** Why a message is in the quarantine. */
export interface QuarantineMark {
  readonly type: QuarantineType;
  /** The agent that has put it there. */
  readonly agent: string;
  /** What it says: a rule's name, a virus, a policy. Printable, bounded by who writes it. */
  readonly reason: string;
}
