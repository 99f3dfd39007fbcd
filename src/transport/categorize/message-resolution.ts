import { type Address, addressKey } from "../../mail/address.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import type { RoutingEvent } from "../agents/routing-agent.ts";
import type { Categorization, RoutedRecipient } from "../queue/categorization.ts";
import type { Fault } from "../queue/outcome.ts";
import type { Uncategorized } from "../queue/submission.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import { composeAgentMail } from "./agent-mail.ts";
import { planHolds, type StoredHolds, storeHolds } from "./approval-holds.ts";
import {
  bifurcate,
  forkMessage,
  type Numbered,
  RecipientNumbering,
  type Share,
} from "./bifurcate.ts";
import { type Candidate, topCandidate } from "./candidate.ts";
import { type CategorizeDependencies, DEFAULT_LIMITS } from "./categorize-dependencies.ts";
import { candidatesOf, withChanges } from "./diversion-candidates.ts";
import { Expander } from "./expand.ts";
import type { Ended, Expansion, Resolved } from "./expansion.ts";
import { FAULT, failed, faultOf } from "./fault-table.ts";
import { keptRecipient, sharesOf } from "./heard-shares.ts";
import type { Held } from "./moderated-recipients.ts";
import { onwardSender } from "./onward-sender.ts";
import { ResolutionStory } from "./resolution-story.ts";
import { openRestrictions, type Restrictions } from "./restrictions.ts";
import type { Router } from "./router.ts";
import {
  type HeardRecipient,
  type HeardShare,
  isOpen,
  type RoutingHearing,
} from "./routing-hearing.ts";

const NONE: readonly never[] = [];
const AFTER_RESOLUTION: readonly RoutingEvent[] = [
  "OnResolvedMessage",
  "OnRoutedMessage",
  "OnCategorizedMessage",
];

/**
 * One message on its way through the categorizer when that takes more than a look: its recipients
 * resolved and expanded, agents asked, copies made. Use one per message; rejects with StoreFailure.
 */
export class MessageResolution {
  readonly #dependencies: CategorizeDependencies;
  readonly #router: Router;
  readonly #input: Uncategorized;
  readonly #hearing: RoutingHearing | undefined;
  readonly #numbering = new RecipientNumbering();
  readonly #story: ResolutionStory;
  #restrictions: Promise<Restrictions> | undefined;
  /** Recipients that agents have nothing to say of. */
  #settled: readonly Numbered[] = [];
  readonly #ended: Categorization["ended"][number][] = [];
  /** Those whose mail waits for approval. */
  #held: readonly Held[] = NONE;

  constructor(
    dependencies: CategorizeDependencies,
    router: Router,
    input: Uncategorized,
    hearing: RoutingHearing | undefined,
  ) {
    this.#dependencies = dependencies;
    this.#router = router;
    this.#input = input;
    this.#hearing = hearing;
    this.#story = new ResolutionStory(input.message);
  }

  /** Resolves everything, asks agents about it, and says what comes of it. */
  async run(): Promise<Categorization> {
    const hearing = this.#hearing;
    if (hearing?.result.deferral !== undefined) return this.#putOff(hearing.result.deferral);
    const resolved = await this.#expand(await this.#start());
    if (hearing === undefined) {
      this.#settled = resolved.map(({ candidate, route }) => this.#number(candidate, route));
    } else {
      this.#takeUp(hearing, resolved);
      await this.#ask(hearing, AFTER_RESOLUTION);
    }
    return this.categorization();
  }

  /** Agents are asked about routed recipients. `undefined`: nobody has anything to say. */
  hearUnchanged(routed: readonly RoutedRecipient[]): Promise<void> | undefined {
    const hearing = this.#hearing;
    if (hearing === undefined) return undefined;
    const { sender } = this.#input.message.envelope;
    const members = routed.map(({ recipient, route }) => ({
      ...{ candidate: topCandidate(recipient, sender), recipient, route },
    }));
    hearing.takeUp([{ changes: undefined, members }]);
    for (const [index, event] of AFTER_RESOLUTION.entries()) {
      const asked = hearing.ask(event);
      if (asked === undefined) continue;
      return asked
        .then(() => this.#divert(hearing))
        .then(() => this.#ask(hearing, AFTER_RESOLUTION.slice(index + 1)));
    }
    return undefined;
  }

  /** What comes of it all. */
  async categorization(): Promise<Categorization> {
    const { message, recipients } = this.#input;
    const hearing = this.#hearing;
    if (hearing?.result.deferral !== undefined) return this.#putOff(hearing.result.deferral);
    const holds = this.#held.length === 0 ? undefined : await this.#hold();
    const rejected = hearing?.result.rejected ?? [];
    const ended = [
      ...this.#ended,
      ...rejected.map(({ member, fault }) => ({
        recipient: member.recipient,
        outcome: failed(fault),
      })),
    ];
    const judged = (hearing?.shares ?? []).flatMap((share) => this.#numberShare(share));
    const numbered = [...this.#settled, ...judged];
    const stored = new Set(recipients);
    const isAsStored =
      hearing?.isTouched !== true &&
      holds === undefined &&
      this.#story.events.length + ended.length === 0 &&
      numbered.length === stored.size &&
      numbered.every(({ routed }) => stored.has(routed.recipient) && routed.route.kind === "queue");
    if (isAsStored) {
      const routed = numbered.map((one) => one.routed);
      return { routed, ended, deferred: NONE, forks: NONE, events: NONE, changed: false };
    }
    const [own, ...others] = bifurcate(numbered, {
      sender: message.envelope.sender,
      recipientCountMax: this.#router.organization.transportService.expansionSizeLimit,
    });
    const forks = await this.#forks(others);
    const decided = hearing === undefined ? [] : [await this.#decide(hearing)];
    const beside = [...(holds === undefined ? [] : [holds]), ...decided];
    return {
      routed: own.routed.map(asResolved),
      ended,
      deferred: NONE,
      forks,
      ...(beside.length > 0 && {
        quarantined: beside.flatMap(({ quarantined }) => quarantined),
        submissions: beside.flatMap(({ submissions }) => submissions),
      }),
      events: [...this.#story.events, ...beside.flatMap(({ events }) => events)],
      changed: true,
    };
  }

  /** Candidates as agents have left them at OnSubmittedMessage, and those they don't judge. */
  async #start(): Promise<readonly Candidate[]> {
    const { message, recipients } = this.#input;
    const { sender } = message.envelope;
    const hearing = this.#hearing;
    if (hearing === undefined) return recipients.map((one) => topCandidate(one, sender));
    const judged = recipients.filter((recipient) => !isOpen(recipient));
    const diverted = hearing.takeDiversions().flatMap((diversion) => candidatesOf(diversion));
    return [
      ...judged.map((one) => topCandidate(one, sender)),
      ...hearing.shares.flatMap(({ members, changes }) =>
        members.map(({ candidate }) => withChanges(candidate, changes)),
      ),
      ...diverted,
    ];
  }

  async #expand(all: readonly Candidate[]): Promise<readonly Resolved[]> {
    const restrictions = await this.#openRestrictions();
    const refusal = restrictions.refusesAll(all.map(({ top }) => top));
    // Those that an earlier pass has let through are on their way.
    const candidates = refusal === undefined ? all : all.filter(({ top }) => top.resolved);
    if (refusal !== undefined) {
      for (const candidate of all) {
        if (candidate.top.resolved) continue;
        this.#end({ candidate, outcome: failed(faultOf(refusal)) });
      }
    }
    const expansion = await this.#fit(candidates, restrictions);
    for (const one of expansion.ended) this.#end(one);
    this.#held = expansion.held;
    return expansion.resolved;
  }

  /** Starts again without those whose groups are too much, so that the others still go. */
  async #fit(all: readonly Candidate[], restrictions: Restrictions): Promise<Expansion> {
    let candidates = all;
    for (;;) {
      const story = new ResolutionStory(this.#input.message);
      const expansion = await this.#expander(story, restrictions).expand(candidates);
      const tooMuch = expansion.excessive;
      if (tooMuch === undefined) {
        this.#story.goOn(story);
        return expansion;
      }
      for (const candidate of candidates.filter(({ top }) => top === tooMuch)) {
        this.#fail({ candidate, outcome: failed(FAULT.groupTooLarge) });
      }
      candidates = candidates.filter(({ top }) => top !== tooMuch);
    }
  }

  #expander(story: ResolutionStory, restrictions: Restrictions): Expander {
    const { directory, limits = DEFAULT_LIMITS } = this.#dependencies;
    const { message } = this.#input;
    const router = this.#router;
    return new Expander({ directory, router, limits, message, story, restrictions });
  }

  #end({ candidate, outcome }: Ended): void {
    this.#ended.push({ recipient: this.#numbering.recipientOf(candidate), outcome });
  }

  /** The sender knows nothing of those that a rule has added. */
  #fail(ended: Ended): void {
    const { isAdded, address } = ended.candidate;
    if (isAdded) this.#story.dropped(address, "not deliverable");
    else this.#end(ended);
  }

  #openRestrictions(): Promise<Restrictions> {
    const { directory } = this.#dependencies;
    const { organization } = this.#router;
    const { message } = this.#input;
    this.#restrictions ??= openRestrictions({ directory, organization, message });
    return this.#restrictions;
  }

  #number(candidate: Candidate, route: Resolved["route"]): Numbered {
    const recipient = this.#numbering.recipientOf(candidate);
    const { changes } = candidate;
    return { sender: this.#senderTo(candidate), changes, routed: { recipient, route } };
  }

  #numberShare({ changes, members }: HeardShare): readonly Numbered[] {
    return members.flatMap(({ candidate, recipient, route }) => {
      if (route === undefined) return [];
      return [{ sender: this.#senderTo(candidate), changes, routed: { recipient, route } }];
    });
  }

  #senderTo(candidate: Candidate): Address | "" {
    return onwardSender(candidate, this.#router.organization, this.#dependencies.rewriting);
  }

  /** Recipients as they are resolved become those whose fates agents decide. */
  #takeUp(hearing: RoutingHearing, resolved: readonly Resolved[]): void {
    const settled: Numbered[] = [];
    const open: HeardRecipient[] = [];
    for (const { candidate, route } of resolved) {
      if (candidate.isTop && !isOpen(candidate.top)) {
        settled.push(this.#number(candidate, route));
        continue;
      }
      open.push({ candidate, recipient: this.#numbering.recipientOf(candidate), route });
    }
    this.#settled = settled;
    hearing.takeUp(sharesOf(open));
  }

  async #ask(hearing: RoutingHearing, events: readonly RoutingEvent[]): Promise<void> {
    for (const event of events) {
      if (hearing.result.deferral !== undefined) return;
      const asked = hearing.ask(event);
      if (asked !== undefined) await asked;
      await this.#divert(hearing);
    }
  }

  /** Resolves where recipients have been sent, and those that have come to them. */
  async #divert(hearing: RoutingHearing): Promise<void> {
    const diversions = hearing.takeDiversions();
    if (diversions.length === 0 || hearing.result.deferral !== undefined) return;
    const known = new Set(
      hearing.shares.flatMap(({ members }) => members.map(({ candidate }) => keyOf(candidate))),
    );
    const candidates = diversions.flatMap((diversion) => candidatesOf(diversion));
    for (const { isAdded, top, address } of candidates) {
      if (!isAdded) this.#story.became("REDIRECT", top.address, address);
    }
    const restrictions = await this.#openRestrictions();
    const { resolved, ended, held } = await this.#fit(candidates, restrictions);
    const come: HeardRecipient[] = [];
    for (const { candidate, route } of resolved) {
      if (known.has(keyOf(candidate))) continue;
      known.add(keyOf(candidate));
      come.push({ candidate, recipient: this.#numbering.recipientOf(candidate), route });
    }
    for (const one of ended) this.#fail(one);
    for (const { key } of this.#held) known.add(key);
    this.#held = [...this.#held, ...held.filter(({ key }) => !known.has(key))];
    hearing.takeUp([...hearing.shares, ...sharesOf(come)]);
  }

  async #forks(shares: readonly Share[]): Promise<Categorization["forks"]> {
    const { message } = this.#input;
    const forks: Categorization["forks"][number][] = [];
    for (const share of shares) {
      const fork = forkMessage(message, share, await this.#dependencies.nextMessageId());
      const routed = share.routed.map(asResolved);
      this.#story.transferred(
        fork,
        routed.map(({ recipient }) => recipient),
      );
      const content = share.changes?.content;
      forks.push({ message: fork, routed, ...(content !== undefined && { content }) });
    }
    return forks;
  }

  /** Copies for those whose mail waits, and the requests about them. */
  async #hold(): Promise<StoredHolds> {
    const { directory, nextMessageId, moderation } = this.#dependencies;
    const input = this.#input;
    const { message } = input;
    const { organization } = this.#router;
    const { holds, unapprovable } = await planHolds(this.#held, { message, directory });
    for (const candidate of unapprovable) {
      this.#story.unapprovable(candidate.address);
      this.#fail({ candidate, outcome: failed(FAULT.noModerator) });
    }
    const { clock, linkTo = () => undefined } = moderation ?? {};
    const nowMs = clock?.nowMs() ?? message.receivedMs;
    return storeHolds(holds, { input, organization, nowMs, linkTo, nextMessageId });
  }

  /** What agents have decided beside the recipients that are left. */
  async #decide({ result }: RoutingHearing): Promise<
    Required<Pick<Categorization, "quarantined" | "submissions">> & {
      readonly events: readonly TrackingEvent[];
    }
  > {
    const { message } = this.#input;
    const { nextMessageId, agents } = this.#dependencies;
    const nowMs = agents?.clock.nowMs() ?? message.receivedMs;
    const { organization } = this.#router;
    for (const { member, reason } of result.dropped) {
      this.#story.dropped(member.recipient.address, reason);
    }
    const quarantined: NonNullable<Categorization["quarantined"]>[number][] = [];
    for (const { share, mark } of result.quarantined) {
      const { changes, members } = share;
      const form = { sender: message.envelope.sender, changes, routed: NONE };
      const copy = forkMessage(message, form, await nextMessageId());
      const recipients = members.map(keptRecipient);
      const content = changes?.content;
      quarantined.push({ message: copy, recipients, mark, ...(content && { content }) });
    }
    const submissions: NonNullable<Categorization["submissions"]>[number][] = [];
    const events = result.infos.map(({ agent, text }) => agentInfo(message, agent, text));
    for (const { agent, submission } of result.submissions) {
      const id = await nextMessageId();
      const at = { id, nowMs, organization, about: message, agent };
      const mail = composeAgentMail(submission, at);
      submissions.push(mail.submission);
      events.push(...mail.events);
    }
    return { quarantined, submissions, events };
  }

  /** Everything waits, as if nobody had been asked. */
  #putOff(fault: Fault): Categorization {
    this.#hearing?.discardStaged(this.#dependencies.agents?.discardContent);
    const deferred = this.#input.recipients.map((recipient) => ({ recipient, fault }));
    return { routed: NONE, ended: NONE, deferred, forks: NONE, events: NONE, changed: true };
  }
}

function agentInfo(message: QueuedMessage, agent: string, text: string): TrackingEvent {
  return {
    event: "AGENTINFO",
    source: "AGENT",
    message,
    recipients: [],
    sourceContext: `${agent}: ${text}`,
  };
}

function keyOf({ address }: Candidate): string {
  return addressKey(address);
}

/** What is written is final: a group or a forwarding is not followed a second time. */
function asResolved(routed: RoutedRecipient): RoutedRecipient {
  const { recipient, route } = routed;
  if (recipient.resolved && recipient.unheard === undefined) return routed;
  const { unheard: _, ...heard } = recipient;
  return { recipient: { ...heard, resolved: true }, route };
}
