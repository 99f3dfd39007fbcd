import type { ClientPhase } from "./client-phase.ts";
import type { TransactionProgress } from "./client-transaction.ts";

/** The phase in which each reply is waited for. */
export const PHASE_OF = {
  greeting: "greeting",
  ehlo: "hello",
  helo: "hello",
  starttls: "starttls",
  auth: "logon",
  mail: "mail",
  rcpt: "rcpt",
  data: "data",
  chunk: "final",
  final: "final",
  "lone-dot": "final",
  rset: "rset",
  quit: "quit",
} as const satisfies Record<string, ClientPhase>;

/** What was written and waits for its reply. */
export interface Expected {
  readonly step: keyof typeof PHASE_OF;
  /** Recipient, for `rcpt`. */
  readonly index: number;
  /** The transaction it belongs to, if any. */
  readonly progress: TransactionProgress | undefined;
  /** The `receive` in which the command was written: its reply cannot be in the same bytes. */
  readonly round: number;
}

/** A reply to be expected. */
export type AwaitedReply = Pick<Expected, "step"> & Partial<Pick<Expected, "index" | "progress">>;

/** How many of the replies that come first belong to the transaction. */
export function outstandingOf(
  expected: readonly Expected[],
  progress: TransactionProgress,
): number {
  let count = 0;
  while (expected[count]?.progress === progress) count += 1;
  return count;
}
