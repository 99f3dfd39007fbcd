import type { QueueDesk } from "../cmdlets/queues/services.ts";
import type { ModerationDesk } from "../cmdlets/rules/services.ts";
import type { QuarantineCursor } from "../store/queue-reader.ts";
import { QUARANTINE_KEY } from "../transport/queue/fixed-queues.ts";
import type { LogHost } from "./log-host.ts";
import { keptMessage } from "./quarantine-desk.ts";

/** Messages that one page of a search reads. */
const PAGE_MESSAGES = 200;

/** What waits for approval: read from the database, decided by the thread that owns it. */
export function createModerationDesk(parts: {
  readonly queues: Pick<QueueDesk, "actOnMessages">;
  readonly logs: Pick<LogHost, "remote">;
}): ModerationDesk {
  const { queues, logs } = parts;
  return {
    async *messages(signal) {
      let before: QuarantineCursor | undefined;
      do {
        signal.throwIfAborted();
        const page = { limit: PAGE_MESSAGES, ...(before && { before }) };
        const { messages, next } = await logs.remote.ask("storedQuarantine", page);
        yield messages.flatMap((rows) => keptMessage(rows, "moderated"));
        before = next;
      } while (before !== undefined);
    },
    async find(messageId) {
      const [rows] = await logs.remote.ask("storedMessages", [messageId]);
      return rows && keptMessage(rows, "moderated")[0];
    },
    decide: ({ messageId, by, decision }) =>
      queues.actOnMessages({
        messageIds: [messageId],
        queue: QUARANTINE_KEY,
        by,
        act: decision.kind === "approve" ? decision : { kind: "deny", text: decision.text },
      }),
  };
}
