import { addressKey } from "../../mail/address.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import { type Candidate, joinNotify } from "./candidate.ts";
import type { Restrictions } from "./restrictions.ts";

/** A recipient to whom the message goes once a moderator has approved it. */
export interface Held {
  /** Its address key. */
  readonly key: string;
  readonly candidate: Candidate;
  readonly found: OrganizationRecipient;
}

/**
 * Which moderated recipients a message has to wait for (reference §17.2). One per expansion; asks
 * the directory only about those, and rejects with its StoreFailure.
 */
export class ModeratedRecipients {
  readonly #restrictions: Restrictions;
  readonly #held = new Map<string, Held>();
  readonly #passes = new Map<string, Promise<boolean>>();

  constructor(restrictions: Restrictions) {
    this.#restrictions = restrictions;
  }

  /** All of which that was said so far, each once. */
  get held(): readonly Held[] {
    return [...this.#held.values()];
  }

  /** Whether mail to a recipient with `moderationEnabled` waits; then it is in `held`. */
  async holds(candidate: Candidate, found: OrganizationRecipient): Promise<boolean> {
    if (this.#isApproved(candidate, found)) return false;
    const key = addressKey(found.primarySmtpAddress);
    const passes = this.#passes.get(key) ?? this.#restrictions.passesModeration(found);
    this.#passes.set(key, passes);
    if (await passes) return false;
    const earlier = this.#held.get(key)?.candidate;
    const notify = joinNotify(earlier?.notify ?? candidate.notify, candidate.notify);
    this.#held.set(key, { key, found, candidate: { ...(earlier ?? candidate), notify } });
    return true;
  }

  #isApproved(candidate: Candidate, found: Held["found"]): boolean {
    const { top, isTop, address, trail, isPostmaster, isApproved } = candidate;
    // An earlier pass has led it here; a postmaster's mail is always taken (RFC 5321 §4.5.1).
    if ((isTop && top.resolved) || isPostmaster) return true;
    if (isApproved && found.kind === "group") return true;
    // Its moderators have decided about those that the message was held back from, themselves.
    return trail === undefined && top.approved === true && address === top.address;
  }
}
