import type { TransportConfig } from "../../org/organization.ts";
import type { Keeping, QueuedMessage } from "../../store/queue-store.ts";
import type { Ending } from "./settle.ts";

/**
 * Whether a recipient that has its message goes into the Safety Net (reference §12); `undefined`:
 * it is off, or the message has come out of it.
 */
export function keepingOf(
  ending: Ending,
  { origin }: Pick<QueuedMessage, "origin">,
  at: {
    readonly config: Pick<TransportConfig, "safetyNetHoldTimeMs">;
    readonly nowMs: number;
    readonly destination: string;
  },
): Keeping | undefined {
  const { config, nowMs, destination } = at;
  if (config.safetyNetHoldTimeMs === 0 || origin.isResubmitted === true) return undefined;
  if (ending.kind !== "delivered" && ending.kind !== "relayed") return undefined;
  return { keptMs: nowMs, destination };
}
