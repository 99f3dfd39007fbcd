import type { Keeping, QueuedMessage } from "../../store/queue-store.ts";
import type { Ending } from "./settle.ts";

/**
 * How a recipient that is done goes into the Safety Net while that is on (reference §12);
 * `undefined`: it has not got the message, or that has come out of it.
 */
export function keepingOf(
  ending: Ending,
  { origin }: Pick<QueuedMessage, "origin">,
  { nowMs, destination }: { readonly nowMs: number; readonly destination: string },
): Keeping | undefined {
  if (origin.isResubmitted === true) return undefined;
  if (ending.kind !== "delivered" && ending.kind !== "relayed") return undefined;
  return { keptMs: nowMs, destination };
}
