import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Address } from "../../mail/address.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Organization } from "../../org/organization.ts";
import { byteCount, type ContentReader } from "../../store/content.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import type { Guarded } from "../agents/agent-guard.ts";
import type { Seat } from "../agents/agent-roster.ts";
import type {
  AgentSubmission,
  Fate,
  RecipientStep,
  RoutingAgent,
  RoutingAnswer,
  RoutingChanges,
  RoutingEvent,
  RoutingMessage,
  RoutingRecipient,
} from "../agents/routing-agent.ts";
import type { Route } from "../queue/categorization.ts";
import type { Fault } from "../queue/outcome.ts";
import { isReleasedFrom } from "../queue/quarantine-entry.ts";
import type { Candidate, Step } from "./candidate.ts";
import { changedMessage, joinChanges } from "./message-changes.ts";

/** Whether agents have yet to be asked about a recipient. */
export function isOpen({ resolved, unheard }: QueuedRecipient): boolean {
  return !resolved || unheard === true;
}

/** A recipient whose fate agents may decide. */
export interface HeardRecipient {
  readonly candidate: Candidate;
  readonly recipient: QueuedRecipient;
  /** `undefined` before resolution. */
  readonly route: Route | undefined;
}

/** An agent, and what it is asked at. */
interface Asked {
  readonly seat: Seat<RoutingAgent>;
  readonly event: RoutingEvent;
}

/** Recipients that get the message in one form. */
export interface HeardShare {
  /** `undefined`: as it is. */
  readonly changes: RoutingChanges | undefined;
  readonly members: readonly HeardRecipient[];
}

/** A recipient that goes elsewhere, or one that comes to those there are. */
export interface Diversion {
  /** Where it comes from: itself, or the first of those whose message it is. */
  readonly from: HeardRecipient;
  readonly to: readonly Address[];
  /** Whether `from` gets nothing for that. */
  readonly isRedirect: boolean;
  readonly changes: RoutingChanges | undefined;
}

/** What agents have decided, beside the shares that are left. */
export interface HearingResult {
  readonly rejected: { readonly member: HeardRecipient; readonly fault: Fault }[];
  readonly dropped: { readonly member: HeardRecipient; readonly reason: string }[];
  readonly quarantined: { readonly share: HeardShare; readonly mark: QuarantineMark }[];
  readonly submissions: { readonly agent: string; readonly submission: AgentSubmission }[];
  /** For the tracking log. */
  readonly infos: { readonly agent: string; readonly text: string }[];
  /** Everything waits. */
  deferral: Fault | undefined;
}

/** What a hearing is about. */
export interface HearingParts {
  readonly seats: readonly Seat<RoutingAgent>[];
  readonly organization: Organization;
  readonly message: QueuedMessage;
  readonly content: ContentReader;
  readonly diagnostics: Pick<Diagnostics, "info">;
}

const EVENTS: readonly string[] = [
  "OnSubmittedMessage",
  "OnResolvedMessage",
  "OnRoutedMessage",
  "OnCategorizedMessage",
] satisfies readonly RoutingEvent[];

/**
 * Agents, and one message in the categorizer: asks them at each event, share by share, and keeps
 * what they decide. Changes nothing itself.
 */
export class RoutingHearing {
  readonly result: HearingResult = {
    rejected: [],
    dropped: [],
    quarantined: [],
    submissions: [],
    infos: [],
    deferral: undefined,
  };
  readonly #parts: HearingParts;
  #shares: readonly HeardShare[] = [];
  #diversions: Diversion[] = [];
  #isTouched = false;

  constructor(parts: HearingParts) {
    this.#parts = parts;
  }

  /** Whether any agent has decided anything. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** Recipients that are left, by the form in which they get the message. */
  get shares(): readonly HeardShare[] {
    return this.#shares;
  }

  /** Whose fates are decided from now on: those that `shares` had, resolved. */
  takeUp(shares: readonly HeardShare[]): void {
    this.#shares = shares.filter(({ members }) => members.length > 0);
  }

  /** Diversions that have been decided since the last call; they have to be resolved. */
  takeDiversions(): readonly Diversion[] {
    const taken = this.#diversions;
    this.#diversions = [];
    return taken;
  }

  /** Content that agents have staged goes nowhere. */
  discardStaged(discard: ((contentId: number) => void) | undefined): void {
    for (const { submission } of this.result.submissions) {
      if (submission.staged !== undefined) discard?.(submission.staged.contentId);
    }
  }

  /** Asks about an event. `undefined`: nobody had anything to say, and no turn was taken. */
  ask(event: RoutingEvent): Promise<void> | undefined {
    const seats = this.#seatsAt(event);
    for (const [index, seat] of seats.entries()) {
      for (const [at, share] of this.#shares.entries()) {
        const asked = this.#question(seat, event, share);
        if (asked !== undefined) return this.#goOn(event, { seats: seats.slice(index), at, asked });
      }
    }
    return undefined;
  }

  /**
   * Who is asked at an event. A message that was let out of the quarantine goes on where it was:
   * those before the agent that kept it have been heard, and what they changed is in it.
   */
  #seatsAt(event: RoutingEvent): readonly Seat<RoutingAgent>[] {
    const { seats, message } = this.#parts;
    const kept = message.quarantine;
    const since = EVENTS.indexOf(kept?.event ?? "");
    if (EVENTS.indexOf(event) < since) return [];
    if (kept === undefined || EVENTS[since] !== event) return seats;
    const index = seats.findIndex(({ name }) => name === kept.agent);
    return seats.slice(Math.max(index, 0));
  }

  async #goOn(
    event: RoutingEvent,
    from: {
      readonly seats: readonly Seat<RoutingAgent>[];
      readonly at: number;
      readonly asked: Promise<Guarded<RoutingAnswer>> | Guarded<RoutingAnswer>;
    },
  ): Promise<void> {
    const stopped: HeardShare[] = [];
    for (const [offset, seat] of from.seats.entries()) {
      const left: HeardShare[] = offset === 0 ? this.#shares.slice(0, from.at) : [];
      const open = offset === 0 ? this.#shares.slice(from.at) : this.#shares;
      for (const [at, share] of open.entries()) {
        const isFirst = offset === 0 && at === 0;
        const guarded = await (isFirst ? from.asked : this.#question(seat, event, share));
        const { shares, stops } = this.#apply({ seat, event }, guarded, share);
        if (this.result.deferral !== undefined) return;
        (stops ? stopped : left).push(...shares);
      }
      this.#shares = left;
    }
    this.#shares = [...this.#shares, ...stopped];
  }

  #question(
    { agent, guard, timeLimitMs }: Seat<RoutingAgent>,
    event: RoutingEvent,
    share: HeardShare,
  ): Promise<Guarded<RoutingAnswer>> | Guarded<RoutingAnswer> | undefined {
    const handler = agent.on[event];
    const how = { timeLimitMs, storeFailure: "throw" } as const;
    return handler && guard.ask(() => handler(this.#view(share)), how);
  }

  #view({ changes, members }: HeardShare): RoutingMessage {
    const { organization, message, content } = this.#parts;
    return {
      organization,
      message: changes === undefined ? message : changedMessage(message, changes),
      recipients: members.map(shown),
      content: changes?.content === undefined ? content : piecesReader(changes.content),
    };
  }

  #apply(
    asked: Asked,
    guarded: Guarded<RoutingAnswer> | undefined,
    share: HeardShare,
  ): { readonly shares: readonly HeardShare[]; readonly stops: boolean } {
    if (guarded === undefined) return { shares: [share], stops: false };
    const { seat } = asked;
    if (guarded.kind === "failed") {
      return { shares: this.#applyFailure(seat, guarded.fault, share), stops: false };
    }
    const { answer } = guarded;
    if (answer === undefined || seat.shadowRun) {
      if (answer !== undefined) this.#tellShadow(seat.name, answer);
      return { shares: [share], stops: false };
    }
    this.#isTouched ||= isSubstantial(answer);
    for (const submission of answer.submissions ?? []) {
      this.result.submissions.push({ agent: seat.name, submission });
    }
    if (answer.info !== undefined) this.result.infos.push({ agent: seat.name, text: answer.info });
    const [first] = share.members;
    for (const { address, changes } of answer.added ?? []) {
      if (first === undefined) break;
      const all = joinChanges(share.changes, changes);
      this.#diversions.push({ from: first, to: [address], isRedirect: false, changes: all });
    }
    return { shares: this.#decide(asked, answer, share), stops: answer.stop === true };
  }

  /** The share, divided by what becomes of its members. */
  #decide(
    asked: Asked,
    { decisions = [] }: RoutingAnswer,
    share: HeardShare,
  ): readonly HeardShare[] {
    const left = new Set(share.members);
    const shares: HeardShare[] = [];
    for (const { positions, fate } of decisions) {
      const wanted = new Set(positions);
      const members = [...left].filter(({ recipient }) => wanted.has(recipient.position));
      if (members.length === 0) continue;
      for (const member of members) left.delete(member);
      const kept = this.#seal(asked, fate, { ...share, members });
      if (kept !== undefined) shares.push(kept);
    }
    return left.size === 0 ? shares : [{ ...share, members: [...left] }, ...shares];
  }

  /** `undefined`: its members get nothing. */
  #seal(
    { seat: { name: agent }, event }: Asked,
    fate: Fate,
    share: HeardShare,
  ): HeardShare | undefined {
    const { members, changes } = share;
    const { result } = this;
    switch (fate.kind) {
      case "deliver":
        return { members, changes: joinChanges(changes, fate.changes) };
      case "reject":
        result.rejected.push(...members.map((member) => ({ member, fault: fate.fault })));
        return undefined;
      case "discard":
        result.dropped.push(...members.map((member) => ({ member, reason: fate.reason })));
        return undefined;
      case "quarantine": {
        // What an administrator has let out does not go back.
        if (isReleasedFrom(fate.type, this.#parts.message)) return share;
        const { type, reason, moderators } = fate;
        const more = {
          ...(type === "TransportRule" && { policy: reason }),
          ...(moderators && { moderators }),
        };
        result.quarantined.push({ share, mark: { type, agent, reason, event, ...more } });
        return undefined;
      }
      case "redirect": {
        if (fate.to.length === 0) {
          // Nothing would tell what has become of it.
          const reason = "redirected to nobody";
          result.dropped.push(...members.map((member) => ({ member, reason })));
          return undefined;
        }
        const all = joinChanges(changes, fate.changes);
        for (const from of members) {
          this.#diversions.push({ from, to: fate.to, isRedirect: true, changes: all });
        }
        return undefined;
      }
      case "defer":
        result.deferral ??= fate.fault;
        return share;
    }
  }

  /** As the fail mode says. */
  #applyFailure(
    { name, failMode, shadowRun }: Seat<RoutingAgent>,
    fault: string,
    share: HeardShare,
  ): readonly HeardShare[] {
    if (shadowRun) return [share];
    this.#isTouched = true;
    switch (failMode) {
      case "Defer":
        this.result.deferral ??= ours("4.3.0", `451 4.3.0 ${name}: ${fault}`);
        return [share];
      case "Reject": {
        const refused = ours("5.7.1", `550 5.7.1 ${name}: ${fault}; the message was not checked`);
        const rejected = share.members.map((member) => ({ member, fault: refused }));
        this.result.rejected.push(...rejected);
        return [];
      }
      case "Accept": {
        const text = `X-MS-Exchange-Organization-Unchecked: ${name}\r\n`;
        if (this.#isMarked(share, text)) return [share];
        const edits: HeaderEdit[] = [{ kind: "prepend", text }];
        return [{ ...share, changes: joinChanges(share.changes, { edits }) }];
      }
    }
  }

  /** By the receive stage, or at an earlier event. */
  #isMarked({ changes }: HeardShare, text: string): boolean {
    const edits = [...this.#parts.message.edits, ...(changes?.edits ?? [])];
    return edits.some((edit) => edit.kind === "prepend" && edit.text.includes(text));
  }

  #tellShadow(
    agent: string,
    { decisions = [], added = [], submissions = [] }: RoutingAnswer,
  ): void {
    this.#parts.diagnostics.info("agent-shadow-run", {
      agent,
      networkMessageId: this.#parts.message.networkMessageId,
      fates: decisions.map(({ fate }) => fate.kind),
      added: added.length,
      submissions: submissions.length,
    });
  }
}

function isSubstantial(answer: RoutingAnswer): boolean {
  const { decisions = [], added = [], submissions = [], info } = answer;
  return decisions.length + added.length + submissions.length > 0 || info !== undefined;
}

function shown({ candidate, recipient, route }: HeardRecipient): RoutingRecipient {
  return { recipient, asWritten: candidate.top.address, steps: stepsOf(candidate.trail), route };
}

function stepsOf(trail: Step | undefined): readonly RecipientStep[] {
  const steps: RecipientStep[] = [];
  for (let step = trail; step !== undefined; step = step.before) {
    steps.unshift({ kind: step.kind, key: step.key });
  }
  return steps;
}

function ours(status: string, diagnostic: string): Fault {
  return { status, diagnostic, hop: undefined, source: "AGENT" };
}

/** Content that is in memory, cut as it is stored. */
export function piecesReader(pieces: readonly Uint8Array[]): ContentReader {
  return {
    bytes: byteCount(pieces),
    read: (index) => Promise.resolve(pieces[index]),
    peek: (index) => pieces[index],
  };
}
