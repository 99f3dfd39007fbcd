import { randomUUID } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Directory } from "../org/directory.ts";
import type { Organization } from "../org/organization.ts";
import type { QueuedMessage, QueuedRecipient, QueueKey } from "../store/queue-store.ts";
import { createCategorize } from "../transport/categorize/categorize.ts";
import type { Categorization, Route } from "../transport/queue/categorization.ts";
import type { Outcome } from "../transport/queue/outcome.ts";
import { formatQueueKey, selectQueueKey } from "../transport/queue/queue-key.ts";
import type { TrackingEvent } from "../transport/tracking/event.ts";
import { hopSteps, type SendingTools } from "./hop-route.ts";
import type { OnwardInquiry } from "./route-inquiry.ts";
import { type Step, step } from "./step.ts";

/** What the decisions behind the queue's door are made with. */
export interface OnwardTools extends SendingTools {
  readonly organization: Organization;
  readonly directory: Directory;
  readonly clock: Clock;
}

/** Addresses that one step names. */
const NAMED_MAX = 10;
/** Events of one recipient that are told; past them, it is a tangle of groups. */
const EVENTS_MAX = 50;
/** Queues whose hops are looked at. */
const QUEUES_MAX = 10;

/**
 * Resolution, routing and the way out as the categorizer and the sender would have it, told step by
 * step. Changes nothing. Rejects with the directory's StoreFailure only where the categorizer does.
 */
export async function* onwardSteps(
  inquiry: OnwardInquiry,
  tools: OnwardTools,
): AsyncGenerator<Step> {
  const { organization, directory } = tools;
  let nextId = 1;
  const categorize = createCategorize({
    organization: () => organization,
    directory,
    nextMessageId: () => (nextId += 1),
  });
  const message = imagine(inquiry, tools.clock.nowMs());
  const queues = new Map<string, QueueKey>();
  for (const { address, resolved } of inquiry.recipients) {
    const recipient = imagineRecipient(address, { resolved, nowMs: message.receivedMs });
    const content = { bytes: inquiry.messageBytes, peek: () => undefined, read: nothing };
    const result = await categorize({ message, recipients: [recipient], content });
    const routes = [result, ...result.forks].flatMap(({ routed }) => routed);
    yield step(0, `Resolution of ${address}`, {
      verdict: routes.length > 0 || isExpanded(result) || isHeld(result) ? "Pass" : "Fail",
      decision: summaryOf(result),
      why: resolved ? "resolved before: only routed again" : "",
      source: "directory, accepted domains",
    });
    yield* eventSteps(result.events);
    yield* endSteps(result);
    for (const { route, addresses } of groupByRoute(routes)) {
      yield* routeSteps(route, addresses);
      if (route.kind !== "queue") continue;
      const key = selectQueueKey(route.key, message);
      queues.set(formatQueueKey(key), key);
    }
  }
  for (const key of [...queues.values()].slice(0, QUEUES_MAX)) {
    yield* hopSteps(key, { resolveDns: inquiry.resolveDns, organization }, tools);
  }
  if (queues.size > QUEUES_MAX) {
    yield step(0, "More queues", { decision: `${queues.size - QUEUES_MAX} are not looked at` });
  }
}

async function nothing(): Promise<undefined> {
  return undefined;
}

function imagine(inquiry: OnwardInquiry, nowMs: number): QueuedMessage {
  const { sender, messageBytes, origin, tlsNotRequired } = inquiry;
  return {
    id: 0,
    networkMessageId: randomUUID(),
    contentId: 0,
    contentBytes: messageBytes,
    envelope: { sender, body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined },
    edits: [],
    internetMessageId: "",
    subject: "",
    headerFrom: sender,
    receivedMs: nowMs,
    priority: "Normal",
    origin,
    ...(tlsNotRequired && { tlsNotRequired }),
  };
}

function imagineRecipient(
  address: QueuedRecipient["address"],
  how: { readonly resolved: boolean; readonly nowMs: number },
): QueuedRecipient {
  return {
    position: 0,
    address,
    originalRecipient: undefined,
    notify: undefined,
    attemptCount: 0,
    expiresMs: how.nowMs,
    delayNoticeMs: undefined,
    lastError: undefined,
    suspended: false,
    resolved: how.resolved,
  };
}

function isExpanded({ ended }: Categorization): boolean {
  return ended.some(({ outcome }) => outcome.kind === "expanded");
}

function isHeld({ quarantined = [] }: Categorization): boolean {
  return quarantined.length > 0;
}

function summaryOf(result: Categorization): string {
  const routed = [result, ...result.forks].flatMap((one) => one.routed).length;
  const failed = result.ended.filter(({ outcome }) => outcome.kind !== "expanded").length;
  const held = (result.quarantined ?? []).flatMap(({ recipients }) => recipients).length;
  const parts = [
    `${routed} ${routed === 1 ? "recipient goes" : "recipients go"} on`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(held > 0 ? [`${held} for approval`] : []),
    ...(result.deferred.length > 0 ? [`${result.deferred.length} put off`] : []),
    ...(result.forks.length > 0 ? [`${result.forks.length} copies are made`] : []),
  ];
  return parts.join(", ");
}

function* eventSteps(events: readonly TrackingEvent[]): Generator<Step> {
  for (const event of events.slice(0, EVENTS_MAX)) {
    const to = namesOf(event.recipients.map(({ address }) => address));
    const from = event.relatedRecipient ?? "";
    yield step(1, EVENT_NAMES[event.event] ?? event.event, {
      decision: from === "" ? to : `${from} → ${to}`,
      why: event.sourceContext ?? "",
      source: "directory",
    });
  }
  if (events.length > EVENTS_MAX) {
    yield step(1, "More", { decision: `${events.length - EVENTS_MAX} steps are not told` });
  }
}

const EVENT_NAMES: Readonly<Record<string, string>> = {
  RESOLVE: "Another address of",
  REDIRECT: "Forwarded",
  DUPLICATEREDIRECT: "Forwarded, has it already",
  EXPAND: "Group expanded",
  DUPLICATEEXPAND: "Members that have it already",
  DROP: "Dropped",
  TRANSFER: "Moved to a copy",
  RECEIVE: "Request for approval",
  MODERATORSALLNDR: "Nobody to approve it",
};

function* endSteps(result: Categorization): Generator<Step> {
  const { ended, deferred, quarantined = [], submissions = [] } = result;
  // Nothing else is held back here: no agents are asked.
  for (const [index, { recipients }] of quarantined.slice(0, EVENTS_MAX).entries()) {
    const moderators = submissions[index]?.recipients.map(({ address }) => address) ?? [];
    yield step(1, namesOf(recipients.map(({ address }) => address)), {
      verdict: "Warning",
      decision: `waits for the approval of ${namesOf(moderators)}`,
      source: "moderation",
    });
  }
  for (const { recipient, outcome } of ended.slice(0, EVENTS_MAX)) {
    if (outcome.kind === "expanded") continue;
    yield step(1, recipient.address, {
      verdict: "Fail",
      decision: diagnosticOf(outcome),
      source: "categorizer",
    });
  }
  for (const { recipient, fault } of deferred) {
    const decision = fault.diagnostic;
    yield step(1, recipient.address, { verdict: "Warning", decision, source: "directory" });
  }
}

function diagnosticOf(outcome: Outcome): string {
  return "fault" in outcome ? outcome.fault.diagnostic : outcome.kind;
}

interface Group {
  readonly route: Route;
  readonly addresses: string[];
}

function groupByRoute(
  routed: readonly { readonly recipient: QueuedRecipient; readonly route: Route }[],
): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { recipient, route } of routed) {
    const text = route.kind === "queue" ? formatQueueKey(route.key) : route.kind;
    const group = groups.get(text) ?? { route, addresses: [] };
    group.addresses.push(recipient.address);
    groups.set(text, group);
  }
  return [...groups.values()];
}

function* routeSteps(route: Route, addresses: readonly string[]): Generator<Step> {
  const isQueued = route.kind === "queue";
  yield step(1, `Route of ${namesOf(addresses)}`, {
    verdict: isQueued ? "Pass" : "Fail",
    decision: isQueued ? describeKey(route.key) : `Unreachable: ${route.fault.diagnostic}`,
    source: isQueued && route.key.nextHopConnector === "" ? "mailbox" : "send connectors",
    cure: isQueued ? "" : "add a send connector with an address space for the domain",
  });
  // Of connectors, one line each: the chosen one's comes first.
  for (const [index, reason] of route.reasons.entries()) {
    const isChosen = isQueued && index === 0;
    yield step(2, isChosen ? "Chosen" : "Not chosen", { decision: reason });
  }
}

/** `DnsConnectorDelivery fabrikam.test by Internet` */
export function describeKey(key: QueueKey): string {
  const by = key.nextHopConnector === "" ? "" : ` by ${key.nextHopConnector}`;
  const apart = key.tlsNotRequired ? ", TLS-Required: No" : "";
  return `${key.deliveryType} ${key.nextHopDomain}${by}${apart}`;
}

function namesOf(addresses: readonly string[]): string {
  const more = addresses.length - NAMED_MAX;
  const named = addresses.slice(0, NAMED_MAX).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}
