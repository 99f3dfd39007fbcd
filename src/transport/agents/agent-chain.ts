import { SECOND } from "../../base/units.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { QuarantineType } from "../../store/quarantine-mark.ts";
import type { Guarded } from "./agent-guard.ts";
import type { Seat } from "./agent-roster.ts";
import type { ReceiveAgent, ReceiveEvent, ReceiveEvents } from "./receive-agent.ts";

/** What an agent has decided that ends the question; nobody after it is asked. */
export type AgentVerdict = {
  readonly agent: string;
  /** For the agent log. */
  readonly reason: string;
  readonly data: string;
} & (
  | { readonly kind: "refuse"; readonly reply: Reply }
  | { readonly kind: "discard" }
  | { readonly kind: "quarantine"; readonly type: QuarantineType }
);

type Answer<Event extends ReceiveEvent> = ReceiveEvents[Event]["answer"];
type Accepted<Event extends ReceiveEvent> = Extract<Answer<Event>, { readonly kind: "accept" }>;

type Ended<Event extends ReceiveEvent> = Exclude<Answer<Event>, { readonly kind: "accept" }>;

/** Who hears what agents say. */
export interface ChainListener<Event extends ReceiveEvent> {
  /** What the event is about, as earlier agents have left it. */
  readonly subject: ReceiveEvents[Event]["subject"];
  /** An agent lets it pass, with changes or without. */
  accepted(answer: Accepted<Event>): void;
  /** An agent has ended it; a quarantined message takes edits and findings along. */
  ended?(answer: Ended<Event>): void;
  /** An agent could not judge and lets it pass for that. */
  unjudged(agent: string): void;
  /** What an agent on trial would have decided. */
  shadowed(verdict: AgentVerdict): void;
}

/**
 * What all agents together may take at one event: a client that has waited ten minutes for the
 * answer to its content sends it again (RFC 5321 §4.5.3.2.6).
 */
const EVENT_MS_MAX = 540 * SECOND;

/** RFC 3463: X.3.0, "other or undefined mail system status". */
const NOT_NOW: Reply = {
  code: 451,
  status: "4.3.0",
  lines: ["The message could not be checked; try again later"],
};
/** RFC 3463: X.7.1, "delivery not authorized, message refused". */
const NOT_CHECKED: Reply = {
  code: 550,
  status: "5.7.1",
  lines: ["The message could not be checked and is not accepted"],
};

/**
 * Asks agents one after the other; the first that refuses, discards or quarantines ends it.
 * `undefined`: they let it pass, and no turn of the event loop was taken.
 * @throws StoreFailure when content cannot be read back
 */
export function askAgents<Event extends ReceiveEvent>(
  seats: readonly Seat<ReceiveAgent>[],
  event: Event,
  listener: ChainListener<Event>,
): Promise<AgentVerdict | undefined> | AgentVerdict | undefined {
  return askWithin(seats, { event, leftMs: EVENT_MS_MAX }, listener);
}

function askWithin<Event extends ReceiveEvent>(
  seats: readonly Seat<ReceiveAgent>[],
  { event, leftMs }: { readonly event: Event; readonly leftMs: number },
  listener: ChainListener<Event>,
): Promise<AgentVerdict | undefined> | AgentVerdict | undefined {
  for (const [index, seat] of seats.entries()) {
    const { guard } = seat;
    const startedMs = guard.monotonicMs;
    const asked = ask(seat, { event, leftMs }, listener);
    if (asked === undefined) continue;
    if (asked instanceof Promise) {
      return asked.then((guarded) => {
        const step = take(seat, guarded, listener);
        if (step !== "go-on") return endOf(step);
        const rest = { event, leftMs: leftMs - (guard.monotonicMs - startedMs) };
        return askWithin(seats.slice(index + 1), rest, listener);
      });
    }
    const step = take(seat, asked, listener);
    if (step !== "go-on") return endOf(step);
  }
  return undefined;
}

type Step = "go-on" | "stop" | AgentVerdict;

function endOf(step: Exclude<Step, "go-on">): AgentVerdict | undefined {
  return step === "stop" ? undefined : step;
}

function ask<Event extends ReceiveEvent>(
  { agent, guard, ...seat }: Seat<ReceiveAgent>,
  { event, leftMs }: { readonly event: Event; readonly leftMs: number },
  { subject }: ChainListener<Event>,
): Promise<Guarded<Answer<Event>>> | Guarded<Answer<Event>> | undefined {
  const handler = agent.on[event];
  // Content that cannot be read is not the agent's fault.
  const storeFailure = event === "OnEndOfData" ? "throw" : "count";
  const timeLimitMs = Math.min(seat.timeLimitMs, Math.max(leftMs, 0));
  return handler && guard.ask(() => handler(subject), { timeLimitMs, storeFailure });
}

function take<Event extends ReceiveEvent>(
  seat: Seat<ReceiveAgent>,
  guarded: Guarded<Answer<Event>>,
  listener: ChainListener<Event>,
): Step {
  if (guarded.kind === "failed") return judgeFailure(seat, guarded.fault, listener);
  const { answer } = guarded;
  if (answer === undefined) return "go-on";
  if (answer.kind === "accept") {
    // Nothing comes of what an agent on trial says; edits would be something.
    if (!seat.shadowRun) listener.accepted(answer as Accepted<Event>);
    return answer.stop === true && !seat.shadowRun ? "stop" : "go-on";
  }
  const verdict = verdictOf(seat.name, answer);
  if (seat.shadowRun) {
    listener.shadowed(verdict);
    return "go-on";
  }
  listener.ended?.(answer as Ended<Event>);
  return verdict;
}

function verdictOf(
  agent: string,
  answer: Exclude<Answer<ReceiveEvent>, { readonly kind: "accept" }>,
): AgentVerdict {
  const { reason } = answer;
  switch (answer.kind) {
    case "refuse": {
      const { reply, data = "", endsSession } = answer;
      const whole = endsSession === true ? { ...reply, endsSession } : reply;
      return { kind: "refuse", agent, reason, data, reply: whole };
    }
    case "discard":
      return { kind: "discard", agent, reason, data: answer.data ?? "" };
    case "quarantine":
      return { kind: "quarantine", agent, reason, data: answer.type, type: answer.type };
  }
}

function judgeFailure<Event extends ReceiveEvent>(
  { name: agent, failMode, shadowRun }: Seat<ReceiveAgent>,
  fault: string,
  listener: ChainListener<Event>,
): Step {
  if (shadowRun) return "go-on";
  const failed = { kind: "refuse", agent, reason: fault, data: failMode } as const;
  switch (failMode) {
    case "Accept":
      listener.unjudged(agent);
      return "go-on";
    case "Defer":
      return { ...failed, reply: NOT_NOW };
    case "Reject":
      return { ...failed, reply: NOT_CHECKED };
  }
}
