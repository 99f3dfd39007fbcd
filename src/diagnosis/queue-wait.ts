import { domainOf } from "../mail/address.ts";
import type { Organization } from "../org/organization.ts";
import { formatSpan } from "../org/settings/setting-types.ts";
import {
  HELD_DUE_MS,
  POISON_QUEUE_ID,
  QUARANTINE_QUEUE_ID,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../store/queue-store.ts";
import type { ListedQueue, LocatedMessage } from "../transport/queue/queue-listing.ts";
import { type StateRequest, serviceStateOf } from "./component-state.ts";
import { describeSchedule, phaseAt, retryPhases } from "./retry-schedule.ts";
import { type Step, step } from "./step.ts";

/** What is known about a message that waits. */
export interface WaitFacts {
  readonly located: LocatedMessage;
  /** The queue that it is in; `undefined` when it has just gone. */
  readonly queue: ListedQueue | undefined;
  readonly organization: Organization;
  readonly stateRequests: readonly StateRequest[];
  readonly nowMs: number;
}

/** Recipients that are told of one by one. */
const RECIPIENTS_MAX = 20;

/** Why a message waits in a queue, and until when: told as steps below depth 0. Pure. */
export function* waitSteps(facts: WaitFacts): Generator<Step> {
  const { located, queue, nowMs } = facts;
  const { id, key } = located.queue;
  yield step(1, `Queue ${nameOf(id, key.nextHopDomain)}`, {
    verdict: located.status === "Active" || located.status === "Ready" ? "Pass" : "Warning",
    decision: located.status,
    why: id > SUBMISSION_QUEUE_ID ? `${key.deliveryType} ${key.nextHopConnector}`.trimEnd() : "",
    source: "queue database",
  });
  yield* serviceSteps(facts);
  yield* fixedSteps(id);
  if (queue?.state.suspended === true) yield suspendedStep(queue);
  if (queue !== undefined && queue.state.failureCount > 0) yield* backOffSteps(queue, facts);
  if (queue?.pace !== undefined) {
    yield step(2, "Learned pace", {
      verdict: "Info",
      decision:
        `${queue.pace.messagesPerMinute} messages a minute, ` +
        `${queue.pace.connectionsMax} connections`,
      why: "the destination has asked us to slow down; it is forgotten half an hour later",
      source: "replies 421, 4.7.x and the like",
    });
  }
  for (const one of located.recipients.slice(0, RECIPIENTS_MAX)) {
    const isKept = id === QUARANTINE_QUEUE_ID;
    yield* recipientSteps(isKept ? { ...one, dueMs: HELD_DUE_MS } : one, facts);
  }
  const more = located.recipients.length - RECIPIENTS_MAX;
  if (more > 0) yield step(2, "More recipients", { decision: `${more} wait there too` });
  yield* expirySteps(located, nowMs);
}

function* expirySteps({ queue, recipients }: LocatedMessage, nowMs: number): Generator<Step> {
  const isKept = queue.id === QUARANTINE_QUEUE_ID;
  const expiresMs = Math.min(
    ...recipients.map(({ recipient, dueMs }) => (isKept ? dueMs : recipient.expiresMs)),
  );
  if (!Number.isFinite(expiresMs) || queue.id === POISON_QUEUE_ID) return;
  yield step(2, "Expires", {
    decision: when(expiresMs, nowMs),
    ...(isKept
      ? { why: "then it is removed, and nobody is told", source: "quarantine policy" }
      : {
          why: "then it fails with 4.4.7, and the sender is told",
          source: "transport service: messageExpirationTimeout",
        }),
  });
}

function nameOf(id: number, nextHopDomain: string): string {
  if (id > SUBMISSION_QUEUE_ID) return `${id} (${nextHopDomain})`;
  if (id === SUBMISSION_QUEUE_ID) return "Submission";
  if (id === UNREACHABLE_QUEUE_ID) return "Unreachable";
  return id === POISON_QUEUE_ID ? "Poison" : "Quarantine";
}

/** `2026-01-02T03:04:05.000Z, in 00:05:00` */
function when(atMs: number, nowMs: number): string {
  const leftMs = Math.round((atMs - nowMs) / 1000) * 1000;
  const text = new Date(atMs).toISOString();
  return leftMs > 0 ? `${text}, in ${formatSpan(leftMs)}` : `${text}, which is now`;
}

function* serviceSteps({ stateRequests }: WaitFacts): Generator<Step> {
  if (serviceStateOf(stateRequests).sendsMail) return;
  const asking = stateRequests.filter(({ state }) => state === "Inactive");
  const who = asking.map(
    ({ component, requester, by, atMs }) =>
      `${component} by ${by} (${requester}) since ${new Date(atMs).toISOString()}`,
  );
  yield step(2, "Out of service", {
    verdict: "Fail",
    decision: "no mail is sent now",
    why: who.join("; "),
    source: "Get-ServerComponentState",
    cure: "Set-ServerComponentState … -State Active",
  });
}

const FIXED: ReadonlyMap<number, Partial<Step>> = new Map([
  [
    SUBMISSION_QUEUE_ID,
    {
      decision: "waits for the categorizer",
      why: "it is looked at at once, or the directory could not answer for it just now",
      source: "transport service: resolverRetryInterval",
    },
  ],
  [
    UNREACHABLE_QUEUE_ID,
    {
      verdict: "Fail" as const,
      decision: "no send connector takes its recipients",
      why: "it is categorized again when connectors or accepted domains change",
      source: "send connectors",
      cure: "add a send connector with an address space for the domain",
    },
  ],
  [
    POISON_QUEUE_ID,
    {
      verdict: "Fail" as const,
      decision: "it has ended threads that worked on it",
      why: "it stays here, and does not expire, until somebody has looked at it",
      source: "transport service: poisonThreshold",
      cure: "Export-Message, then Resume-Message or Remove-Message",
    },
  ],
  [
    QUARANTINE_QUEUE_ID,
    {
      verdict: "Fail" as const,
      decision: "an agent or a rule keeps it from its recipients",
      why: "Get-QuarantineMessage says which, and why",
      source: "quarantine policy: quarantineRetentionPeriod",
      cure: "Release-QuarantineMessage, if it should not have been kept",
    },
  ],
]);

function* fixedSteps(id: number): Generator<Step> {
  const facts = FIXED.get(id);
  if (facts !== undefined) yield step(2, "Why it waits", facts);
}

function suspendedStep({ id, state }: ListedQueue): Step {
  const { suspendedBy = "somebody", suspendedMs } = state;
  const since = suspendedMs === undefined ? "" : ` since ${new Date(suspendedMs).toISOString()}`;
  return step(2, "Queue suspended", {
    verdict: "Fail",
    decision: `by ${suspendedBy}${since}`,
    why: "mail joins it, and none leaves it",
    source: "Suspend-Queue",
    cure: `Resume-Queue ${id}`,
  });
}

/** Where in its back-off a queue is: the hop could not be reached, and all of its mail waits. */
function* backOffSteps(
  { state, key }: ListedQueue,
  { organization, nowMs, located }: WaitFacts,
): Generator<Step> {
  const isOut = key.nextHopConnector !== "";
  const address = located.recipients[0]?.recipient.address;
  const target = isOut && address !== undefined ? domainOf(address) : undefined;
  const { failureCount, nextRetryMs, firstRetryMs } = state;
  const phases = retryPhases(organization.transportService, key.deliveryType);
  const at = phaseAt(phases, failureCount);
  const since = firstRetryMs === undefined ? "" : ` since ${new Date(firstRetryMs).toISOString()}`;
  yield step(2, "Last error", {
    verdict: "Fail",
    decision: state.lastError ?? "the hop could not be reached",
    why: `failed attempts in a row: ${failureCount}${since}`,
    source: "Get-Queue",
    cure: target === undefined ? "" : `Test-OutboundConnectivity ${target} says at which step`,
  });
  yield step(2, "Next retry", {
    decision:
      nextRetryMs === undefined ? "as soon as a connection is free" : when(nextRetryMs, nowMs),
    why:
      at === undefined
        ? ""
        : `attempt ${at.attempt} of ${ofAttempts(at.phase.attempts)} in that phase, every ` +
          `${formatSpan(at.phase.intervalMs)}; in all ${describeSchedule(phases)}`,
    source: `transport service: ${at?.phase.setting ?? ""}`,
    cure: "Retry-Queue tries it now",
  });
}

function ofAttempts(count: number): string {
  return count === Infinity ? "any number" : String(count);
}

function* recipientSteps(
  { recipient, status, dueMs }: LocatedMessage["recipients"][number],
  { organization, nowMs }: WaitFacts,
): Generator<Step> {
  const { address, attemptCount, lastError, suspended } = recipient;
  const isDeferred = dueMs > nowMs && dueMs !== HELD_DUE_MS;
  const { messageRetryIntervalMs } = organization.transportService;
  yield step(2, address, {
    verdict: suspended ? "Fail" : isDeferred || lastError ? "Warning" : "Info",
    decision: suspended ? "suspended" : isDeferred ? `tried again ${when(dueMs, nowMs)}` : status,
    why: [
      ...(attemptCount > 0 ? [`deferred ${attemptCount} times by itself`] : []),
      ...(lastError === undefined ? [] : [lastError]),
    ].join("; "),
    source: isDeferred
      ? `transport service: messageRetryInterval ${formatSpan(messageRetryIntervalMs)}`
      : "",
    cure: suspended ? "Resume-Message lets it go" : "",
  });
}
