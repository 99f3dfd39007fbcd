import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import { defaultAcceptedDomain, findAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Directory } from "../../org/directory.ts";
import type { DistributionGroup, OrganizationRecipient } from "../../org/organization.ts";
import { findRemoteDomain } from "../../org/remote-domain.ts";
import type { MemberSlice } from "../../store/organization-store.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { Route } from "../queue/categorization.ts";
import type { Fault } from "../queue/outcome.ts";
import {
  type Candidate,
  candidateKey,
  findLoop,
  forwardedCandidate,
  joinNotify,
  memberCandidate,
  originalRecipientOf,
} from "./candidate.ts";
import type { Ended, Expansion, ExpansionLimits, Resolved } from "./expansion.ts";
import { FAULT, failed, faultOf } from "./fault-table.ts";
import { ModeratedRecipients } from "./moderated-recipients.ts";
import type { ResolutionStory } from "./resolution-story.ts";
import {
  mailboxRoute,
  needsLookup,
  type Resolution,
  resolveAddress,
  withoutDetail,
} from "./resolve.ts";
import type { Restrictions } from "./restrictions.ts";
import type { Router } from "./router.ts";

/** Addresses in one question to the directory, members in one page of a group. */
const BATCH = 1000;

interface PendingGroup {
  readonly candidate: Candidate;
  readonly group: DistributionGroup;
}

/**
 * Resolves and expands one message's recipients (reference §4.4): the ones given first, then group
 * by group, a page of members at a time. Every address gets the message once. Use one per message;
 * rejects with the directory's StoreFailure.
 */
export class Expander {
  readonly #directory: Directory;
  readonly #router: Router;
  readonly #limits: ExpansionLimits;
  readonly #message: QueuedMessage;
  readonly #story: ResolutionStory;
  readonly #restrictions: Restrictions;
  /** Made once it is needed: most messages have no moderated recipient. */
  #moderated: ModeratedRecipients | undefined;
  readonly #resolved = new Map<string, Resolved>();
  readonly #ended: Ended[] = [];
  readonly #failed = new Set<string>();
  readonly #groups: PendingGroup[] = [];
  readonly #seenGroups = new Set<string>();
  /** Positions of recipients that have come to something. */
  readonly #fruitful = new Set<number>();
  readonly #openedGroups: Candidate[] = [];
  #duplicates: Address[] = [];
  #memberCount = 0;

  constructor(parts: {
    readonly directory: Directory;
    readonly router: Router;
    readonly limits: ExpansionLimits;
    readonly message: QueuedMessage;
    readonly story: ResolutionStory;
    readonly restrictions: Restrictions;
  }) {
    this.#directory = parts.directory;
    this.#router = parts.router;
    this.#limits = parts.limits;
    this.#message = parts.message;
    this.#story = parts.story;
    this.#restrictions = parts.restrictions;
  }

  /** @param candidates as `topCandidate` makes them, or led elsewhere since */
  async expand(candidates: readonly Candidate[]): Promise<Expansion> {
    await this.#resolveAll(candidates);
    let excessive: QueuedRecipient | undefined;
    for (let index = 0; index < this.#groups.length && excessive === undefined; index += 1) {
      const pending = this.#groups[index];
      if (pending !== undefined && !(await this.#openGroup(pending))) {
        excessive = pending.candidate.top;
      }
    }
    for (const candidate of this.#openedGroups) {
      const isFruitful = this.#fruitful.has(candidate.top.position);
      const outcome = isFruitful ? ({ kind: "expanded" } as const) : failed(FAULT.groupLoop);
      this.#ended.push({ candidate, outcome });
    }
    const held = this.#moderated === undefined ? [] : this.#heldBy(this.#moderated);
    return { resolved: [...this.#resolved.values()], ended: this.#ended, held, excessive };
  }

  /** Follows every candidate to its end, or to the groups that are opened later. */
  async #resolveAll(candidates: readonly Candidate[]): Promise<void> {
    let pending = candidates;
    while (pending.length > 0) {
      const next: Candidate[] = [];
      for (let first = 0; first < pending.length; first += BATCH) {
        const batch = pending.slice(first, first + BATCH);
        const found = await this.#lookUp(batch);
        for (const candidate of batch) {
          const answer = found.get(candidate);
          const refusal = this.#refusalOf(candidate, answer);
          const fault = refusal instanceof Promise ? await refusal : refusal;
          if (fault !== undefined) this.#fail(candidate, faultOf(fault));
          else if (answer?.moderationEnabled && (await this.#holds(candidate, answer))) {
            this.#fruitful.add(candidate.top.position);
          } else this.#take(candidate, answer, next);
        }
      }
      pending = next;
    }
  }

  #holds(candidate: Candidate, found: OrganizationRecipient): Promise<boolean> {
    this.#moderated ??= new ModeratedRecipients(this.#restrictions);
    return this.#moderated.holds(candidate, found);
  }

  /** Who gets the message in another way needs nobody's word. */
  #heldBy({ held }: ModeratedRecipients): Expansion["held"] {
    return held.filter(({ key }) => !this.#resolved.has(key) && !this.#seenGroups.has(key));
  }

  /** The address as it is written first; only when nobody has it, the one without `+detail`. */
  async #lookUp(
    batch: readonly Candidate[],
  ): Promise<ReadonlyMap<Candidate, OrganizationRecipient>> {
    const found = new Map<Candidate, OrganizationRecipient>();
    const { contentBytes } = this.#message;
    const local = batch.filter(({ address }) => needsLookup(this.#router, address, contentBytes));
    if (local.length === 0) return found;
    const answers = await this.#directory.findRecipients(local.map(({ address }) => address));
    const shortened: { readonly candidate: Candidate; readonly address: Address }[] = [];
    for (const [index, candidate] of local.entries()) {
      const answer = answers[index];
      const address = answer === undefined ? withoutDetail(candidate.address) : undefined;
      if (answer !== undefined) found.set(candidate, answer);
      else if (address !== undefined) shortened.push({ candidate, address });
    }
    if (shortened.length === 0) return found;
    const more = await this.#directory.findRecipients(shortened.map(({ address }) => address));
    for (const [index, { candidate }] of shortened.entries()) {
      const answer = more[index];
      if (answer !== undefined) found.set(candidate, answer);
    }
    return found;
  }

  /** Everybody that the message is led to is asked, but only once: not in a later pass. */
  #refusalOf(candidate: Candidate, found: OrganizationRecipient | undefined) {
    if (found === undefined || (candidate.isTop && candidate.top.resolved)) return undefined;
    return this.#restrictions.refuses(found);
  }

  #take(candidate: Candidate, found: OrganizationRecipient | undefined, next: Candidate[]): void {
    const by = { router: this.#router, messageBytes: this.#message.contentBytes };
    const resolution = resolveAddress(candidate.address, found, by);
    if (candidate.isTop && candidate.top.resolved) this.#takeResolved(candidate, resolution);
    else if (resolution.kind === "mailbox") this.#takeMailbox(candidate, resolution, next);
    else if (resolution.kind === "contact") this.#takeContact(candidate, resolution, next);
    else if (resolution.kind === "group") this.#takeGroup(candidate, resolution.group);
    else if (resolution.kind === "external") this.#takeExternal(candidate, resolution.route);
    else if (resolution.kind === "too-large") this.#fail(candidate, FAULT.tooLarge);
    else if (resolution.kind === "postmaster") this.#takePostmaster(candidate, next);
    else this.#fail(candidate, FAULT.unknown);
  }

  #takeExternal(candidate: Candidate, route: Route): void {
    const { outside } = this.#restrictions;
    if (outside === undefined) this.#deliver(candidate, route);
    else this.#fail(candidate, faultOf(outside));
  }

  /** A final address from an earlier pass is routed again, never forwarded or expanded again. */
  #takeResolved(candidate: Candidate, resolution: Resolution): void {
    if (resolution.kind === "mailbox" || resolution.kind === "external") {
      this.#deliver(candidate, resolution.route);
    } else if (resolution.kind === "too-large") this.#fail(candidate, FAULT.tooLarge);
    else if (resolution.kind === "postmaster") this.#deliver(candidate, this.#postmasterRoute());
    else if (resolution.kind === "contact" && resolution.external === candidate.address) {
      this.#takeOwnAddress(candidate);
    } else this.#fail(candidate, FAULT.unknown);
  }

  #takeMailbox(
    candidate: Candidate,
    mailbox: Extract<Resolution, { kind: "mailbox" }>,
    next: Candidate[],
  ): void {
    const key = addressKey(mailbox.address);
    const { forward, keepsCopy } = mailbox;
    const isRefused = forward !== undefined && !this.#mayForwardTo(forward);
    if (keepsCopy) {
      const isFirst = !this.#resolved.has(key);
      const renamed = this.#rename(candidate, mailbox.address);
      this.#deliver(renamed, mailbox.route);
      // It was here before: what it forwards is on its way.
      if (forward === undefined || !isFirst || isRefused) return;
      this.#forward(renamed, { address: forward, key, isCopy: true }, next);
    } else if (isRefused) this.#fail(candidate, FAULT.forwardingRefused);
    else if (forward !== undefined) {
      this.#forward(candidate, { address: forward, key, isCopy: false }, next);
    }
  }

  /** A remote domain may refuse what mailboxes forward (reference §4.2); a copy then stays here. */
  #mayForwardTo(forward: Address): boolean {
    const { organization } = this.#router;
    const domain = domainOf(forward);
    if (findAcceptedDomain(organization, domain) !== undefined) return true;
    return findRemoteDomain(organization, domain)?.autoForwardEnabled !== false;
  }

  #takeContact(
    candidate: Candidate,
    contact: Extract<Resolution, { kind: "contact" }>,
    next: Candidate[],
  ): void {
    if (addressKey(contact.external) === candidateKey(candidate)) {
      this.#takeOwnAddress(candidate);
      return;
    }
    const key = addressKey(contact.address);
    this.#forward(candidate, { address: contact.external, key, isCopy: false }, next);
  }

  /** A contact that is its own external address: out, unless its domain must have it here. */
  #takeOwnAddress(candidate: Candidate): void {
    const { contentBytes } = this.#message;
    const decision = this.#router.decide(domainOf(candidate.address), contentBytes);
    if (decision.acceptedDomain?.domainType === "Authoritative") {
      this.#fail(candidate, FAULT.forwardingLoop);
    } else if (decision.external === undefined) this.#fail(candidate, FAULT.tooLarge);
    else this.#takeExternal(candidate, decision.external);
  }

  #forward(
    from: Candidate,
    to: { readonly address: Address; readonly key: string; readonly isCopy: boolean },
    next: Candidate[],
  ): void {
    const onward = forwardedCandidate(from, to);
    const loop = findLoop(from.trail, to.key);
    if (loop === "broken") this.#fail(from, FAULT.forwardingLoop);
    else if (loop === "harmless") this.#story.became("DUPLICATEREDIRECT", from.address, to.address);
    else if (from.forwardCount >= this.#limits.forwardCountMax) {
      this.#fail(to.isCopy ? onward : from, FAULT.chainTooLong);
    } else {
      this.#story.became("REDIRECT", from.address, to.address);
      next.push(onward);
    }
  }

  #takeGroup(candidate: Candidate, group: DistributionGroup): void {
    const key = addressKey(group.primarySmtpAddress);
    if (this.#seenGroups.has(key)) {
      // Inside itself it adds nobody; reached in another way, its members have the message.
      if (findLoop(candidate.trail, key) === "none") this.#fruitful.add(candidate.top.position);
      this.#tellDuplicate(candidate);
      return;
    }
    if (candidate.groupCount >= this.#limits.groupDepthMax) {
      this.#fail(candidate, FAULT.groupTooDeep);
      return;
    }
    this.#seenGroups.add(key);
    this.#groups.push({ candidate, group });
  }

  /** False when the message has grown past its limit. */
  async #openGroup({ candidate, group }: PendingGroup): Promise<boolean> {
    const { primarySmtpAddress } = group;
    if (candidate.isTop) this.#openedGroups.push(candidate);
    const like = memberCandidate(candidate, group, this.#message.envelope.sender);
    let isEmpty = true;
    for (let from: number | undefined = 0; from !== undefined; ) {
      const page = { from, limit: BATCH };
      const slice: MemberSlice = await this.#directory.readMembers(primarySmtpAddress, page);
      const { members } = slice;
      from = slice.next;
      if (members.length === 0) break;
      isEmpty = false;
      this.#memberCount += members.length;
      if (this.#memberCount > this.#limits.memberCountMax) return false;
      this.#story.listed("EXPAND", primarySmtpAddress, members);
      await this.#resolveAll(members.map((address) => ({ ...like, address })));
      this.#story.listed("DUPLICATEEXPAND", primarySmtpAddress, this.#duplicates);
      this.#duplicates = [];
    }
    if (isEmpty) {
      this.#story.dropped(primarySmtpAddress, "The group has no members");
      this.#fruitful.add(candidate.top.position);
    }
    return true;
  }

  /**
   * RFC 5321 §4.5.1: mail for a postmaster is always taken. Whoever has postmaster@ the default
   * domain gets it, else ExternalPostmasterAddress, else a Maildir of that name on this server.
   */
  #takePostmaster(candidate: Candidate, next: Candidate[]): void {
    const key = candidateKey(candidate);
    const main = this.#mainPostmaster(candidate.address);
    const { externalPostmasterAddress } = this.#router.organization.transportConfig;
    for (const address of [main, externalPostmasterAddress]) {
      if (address === undefined || addressKey(address) === key) continue;
      if (findLoop(candidate.trail, addressKey(address)) !== "none") continue;
      this.#forward({ ...candidate, isPostmaster: true }, { address, key, isCopy: false }, next);
      return;
    }
    this.#deliver(this.#rename(candidate, main), this.#postmasterRoute());
  }

  #mainPostmaster(address: Address): Address {
    const domain = defaultAcceptedDomain(this.#router.organization)?.domainName;
    // Both halves come from parsed values.
    return `postmaster@${domain ?? domainOf(address)}` as Address;
  }

  #postmasterRoute(): Route {
    return mailboxRoute(defaultAcceptedDomain(this.#router.organization)?.lmtpHost);
  }

  /** The candidate under its primary address, and what the sender wrote kept as ORCPT. */
  #rename(candidate: Candidate, address: Address): Candidate {
    if (address === candidate.address) return candidate;
    this.#story.became("RESOLVE", candidate.address, address);
    const originalRecipient = candidate.originalRecipient ?? originalRecipientOf(candidate.address);
    return { ...candidate, address, originalRecipient };
  }

  #deliver(candidate: Candidate, route: Route): void {
    const key = candidateKey(candidate);
    this.#fruitful.add(candidate.top.position);
    const earlier = this.#resolved.get(key);
    if (earlier === undefined) {
      this.#resolved.set(key, { candidate, route });
      return;
    }
    this.#tellDuplicate(candidate);
    if (!candidate.isTop) return;
    const notify = joinNotify(earlier.candidate.notify, candidate.notify);
    if (notify !== earlier.candidate.notify) {
      this.#resolved.set(key, { ...earlier, candidate: { ...earlier.candidate, notify } });
    }
  }

  #tellDuplicate({ address, trail, top }: Candidate): void {
    if (trail?.kind === "group") this.#duplicates.push(address);
    else this.#story.became("DUPLICATEREDIRECT", top.address, address);
  }

  #fail(candidate: Candidate, fault: Fault): void {
    this.#fruitful.add(candidate.top.position);
    if (candidate.isPostmaster) {
      const main = this.#mainPostmaster(candidate.address);
      this.#deliver(this.#rename(candidate, main), this.#postmasterRoute());
    } else if (fault === FAULT.unknown && candidate.sender !== this.#message.envelope.sender) {
      // Its notice goes to the group's manager, who is the sender of that copy only: so it travels
      // with the copy, and mailbox delivery finds again that nobody has the address.
      this.#deliver(candidate, mailboxRoute(undefined));
    } else if (candidate.isTop || !this.#failed.has(candidateKey(candidate))) {
      this.#failed.add(candidateKey(candidate));
      this.#ended.push({ candidate, outcome: failed(fault) });
    }
  }
}
