import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count } from "../base/metrics.ts";
import type { KeptMessage, QuarantineDesk } from "../cmdlets/quarantine/services.ts";
import type { QueueDesk } from "../cmdlets/queues/services.ts";
import {
  decodeMessageRows,
  type MessageRows,
  type QuarantineCursor,
} from "../store/queue-reader.ts";
import { QUARANTINE_QUEUE_ID } from "../store/queue-store.ts";
import { QUARANTINE_KEY } from "../transport/queue/fixed-queues.ts";
import { isModerated } from "../transport/queue/moderation-keeper.ts";
import type { LogHost } from "./log-host.ts";

/** Messages that one page of a search reads. */
const PAGE_MESSAGES = 200;

/** The quarantine: read from the database, acted on by the thread that owns it. */
export function createQuarantineDesk(parts: {
  readonly queues: Pick<QueueDesk, "actOnMessages" | "content">;
  readonly logs: Pick<LogHost, "remote">;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
}): QuarantineDesk {
  const { queues, logs, diagnostics, count } = parts;
  return {
    async *messages(signal) {
      let before: QuarantineCursor | undefined;
      do {
        signal.throwIfAborted();
        const page = { limit: PAGE_MESSAGES, ...(before && { before }) };
        const { messages, next } = await logs.remote.ask("storedQuarantine", page);
        yield messages.flatMap((rows) => keptMessage(rows));
        before = next;
      } while (before !== undefined);
    },
    async find(messageId) {
      const [rows] = await logs.remote.ask("storedMessages", [messageId]);
      return rows && keptMessage(rows)[0];
    },
    content: (message) => queues.content(message),
    release: ({ messageIds, to, by }) =>
      queues.actOnMessages({
        messageIds,
        queue: QUARANTINE_KEY,
        by,
        act: { kind: "release", ...(to && { to }) },
      }),
    delete: ({ messageIds, by }) =>
      queues.actOnMessages({ messageIds, queue: QUARANTINE_KEY, by, act: { kind: "delete" } }),
    reportFalsePositive({ message }, by) {
      const { type = "Policy", agent = "", reason = "" } = message.quarantine ?? {};
      count(`postrider_quarantine_false_positives_total:${type}`);
      const { networkMessageId, headerFrom: from } = message;
      diagnostics.info("quarantine-false-positive", {
        ...{ networkMessageId, type, agent, reason, from, by },
        scl: message.scl,
      });
    },
  };
}

/** None when it has gone from there since. */
export function keptMessage(
  rows: MessageRows,
  which: "quarantined" | "moderated" = "quarantined",
): readonly KeptMessage[] {
  const { message, recipients: all, recipientCount } = decodeMessageRows(rows);
  if (isModerated(message) !== (which === "moderated")) return [];
  const kept = all.filter(({ queueId }) => queueId === QUARANTINE_QUEUE_ID);
  const [first] = kept;
  if (first === undefined) return [];
  const recipients = kept.map(({ recipient }) => recipient);
  return [{ message, recipients, recipientCount, expiresMs: first.dueMs }];
}
