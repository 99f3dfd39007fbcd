import { decodeHead } from "./queue-rows.ts";
import type { KeptRecipient, QueuedRecipient } from "./queue-store.ts";

/** A recipient in the Safety Net as it is read. */
export interface KeptRow {
  readonly head: string;
  readonly edits: string | null;
  readonly keptMs: number;
  readonly destination: string;
  readonly detail: string;
}

/** What a row says. */
export function decodeKept({ head, edits, keptMs, destination, detail }: KeptRow): KeptRecipient {
  // Written from a QueuedRecipient.
  const recipient = JSON.parse(detail) as QueuedRecipient;
  return { message: decodeHead({ head, edits }), recipient, keptMs, destination };
}
