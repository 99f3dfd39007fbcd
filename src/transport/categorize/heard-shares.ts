import type { QueuedRecipient } from "../../store/queue-store.ts";
import type { RoutingChanges } from "../agents/routing-agent.ts";
import type { HeardRecipient, HeardShare } from "./routing-hearing.ts";

/** As it is kept from the message: what is resolved stays so, and agents have yet to be asked. */
export function keptRecipient({ recipient, route }: HeardRecipient): QueuedRecipient {
  const { resolved } = recipient;
  return { ...recipient, resolved: resolved || route !== undefined, unheard: true };
}

/** Those who get the message in one form share it. */
export function sharesOf(all: readonly HeardRecipient[]): readonly HeardShare[] {
  const byChanges = new Map<RoutingChanges | undefined, HeardRecipient[]>();
  for (const member of all) {
    const { changes } = member.candidate;
    const others = byChanges.get(changes);
    if (others === undefined) byChanges.set(changes, [member]);
    else others.push(member);
  }
  return [...byChanges].map(([changes, members]) => ({ changes, members }));
}
