import { addressKey } from "../../mail/address.ts";
import type { RoutingChanges } from "../agents/routing-agent.ts";
import { type Candidate, forwardedCandidate } from "./candidate.ts";
import type { Diversion } from "./routing-hearing.ts";

/** A candidate that gets the message as agents have changed it. */
export function withChanges(candidate: Candidate, changes: RoutingChanges | undefined): Candidate {
  if (changes === undefined) return candidate;
  return { ...candidate, changes };
}

/** Where a diversion leads, as addresses to be resolved. */
export function candidatesOf({ from, to, isRedirect, changes }: Diversion): readonly Candidate[] {
  const key = addressKey(from.recipient.address);
  // Where it is sent now, nobody has resolved yet.
  const top = { ...from.candidate.top, resolved: false };
  return to.map((address, index): Candidate => {
    const candidate = { ...withChanges(from.candidate, changes), top };
    if (isRedirect) return forwardedCandidate(candidate, { address, key, isCopy: index > 0 });
    return {
      ...candidate,
      isTop: false,
      address,
      // Nobody has asked for reports about it.
      notify: [],
      originalRecipient: undefined,
      trail: { kind: "copy", key, before: undefined },
      isPostmaster: false,
      isAdded: true,
    };
  });
}
