import type { HeldMessages, KeptMessage } from "../cmdlets/quarantine/services.ts";
import type { QueueDesk } from "../cmdlets/queues/services.ts";
import {
  decodeMessageRows,
  type MessageRows,
  type QuarantineCursor,
} from "../store/queue-reader.ts";
import { QUARANTINE_QUEUE_ID } from "../store/queue-store.ts";
import { isModerated } from "../transport/queue/moderation-keeper.ts";
import type { LogHost } from "./log-host.ts";

/** Messages that one page of a search reads. */
const PAGE_MESSAGES = 200;
const PAGE_PLACES = 2_000;

/** What is read of them. */
export interface HeldMessageParts {
  readonly queues: Pick<QueueDesk, "actOnMessages" | "content">;
  readonly logs: Pick<LogHost, "remote">;
}

/** What is in the quarantine's queue, read from the database: quarantined, or to be approved. */
export function createHeldMessages(
  { queues, logs }: HeldMessageParts,
  which: "quarantined" | "moderated",
): HeldMessages {
  const shown = (rows: MessageRows) => keptMessage(rows, which);
  return {
    async *messages(signal) {
      let before: QuarantineCursor | undefined;
      do {
        signal.throwIfAborted();
        const page = { limit: PAGE_MESSAGES, ...(before && { before }) };
        const { messages, next } = await logs.remote.ask("storedQuarantine", page);
        yield messages.flatMap(shown);
        before = next;
      } while (before !== undefined);
    },
    async *places(signal) {
      let before: QuarantineCursor | undefined;
      do {
        signal.throwIfAborted();
        const page = { limit: PAGE_PLACES, ...(before && { before }) };
        const { places, next } = await logs.remote.ask("quarantinePlaces", page);
        yield places.filter(({ isModerated: is }) => is === (which === "moderated"));
        before = next;
      } while (before !== undefined);
    },
    find: async (messageIds) => {
      const rows = await logs.remote.ask("storedMessages", messageIds);
      return rows.flatMap(shown);
    },
    content: (message) => queues.content(message),
  };
}

/** None when it has gone from there since. */
function keptMessage(
  rows: MessageRows,
  which: "quarantined" | "moderated",
): readonly KeptMessage[] {
  const { message, recipients: all, recipientCount } = decodeMessageRows(rows);
  if (isModerated(message) !== (which === "moderated")) return [];
  const kept = all.filter(({ queueId }) => queueId === QUARANTINE_QUEUE_ID);
  const [first] = kept;
  if (first === undefined) return [];
  const recipients = kept.map(({ recipient }) => recipient);
  return [{ message, recipients, recipientCount, expiresMs: first.dueMs }];
}
