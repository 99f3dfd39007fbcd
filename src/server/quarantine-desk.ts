import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count } from "../base/metrics.ts";
import type { QuarantineDesk } from "../cmdlets/quarantine/services.ts";
import { QUARANTINE_KEY } from "../transport/queue/fixed-queues.ts";
import { createHeldMessages, type HeldMessageParts } from "./held-messages.ts";

/** What the quarantine's desk is made of. */
interface QuarantineDeskParts extends HeldMessageParts {
  readonly diagnostics: Diagnostics;
  readonly count: Count;
}

/** The quarantine: read from the database, acted on by the thread that owns it. */
export function createQuarantineDesk(parts: QuarantineDeskParts): QuarantineDesk {
  const { queues, diagnostics, count } = parts;
  return {
    ...createHeldMessages(parts, "quarantined"),
    release: ({ messageIds, by, ...to }) =>
      queues.actOnMessages({
        messageIds,
        queue: QUARANTINE_KEY,
        by,
        act: { kind: "release", ...to },
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
