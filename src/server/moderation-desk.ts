import type { ModerationDesk } from "../cmdlets/quarantine/services.ts";
import { QUARANTINE_KEY } from "../transport/queue/fixed-queues.ts";
import { createHeldMessages, type HeldMessageParts } from "./held-messages.ts";

/** What waits for approval: read from the database, decided by the thread that owns it. */
export function createModerationDesk(parts: HeldMessageParts): ModerationDesk {
  return {
    ...createHeldMessages(parts, "moderated"),
    decide: ({ messageId, by, decision }) =>
      parts.queues.actOnMessages({
        messageIds: [messageId],
        queue: QUARANTINE_KEY,
        by,
        act: decision,
      }),
  };
}
