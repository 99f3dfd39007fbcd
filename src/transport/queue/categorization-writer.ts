import { noticeMsOf } from "../../store/queue-rows.ts";
import {
  type Change,
  DUE_NOW_MS,
  LEASED_DUE_MS,
  type NewMessage,
  type PlacedRecipient,
  type QueuedMessage,
  type QueuedRecipient,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import type { Categorization, RoutedRecipient } from "./categorization.ts";
import { countEnding } from "./ending-counts.ts";
import type { MessageContent } from "./message-content.ts";
import type { Notice } from "./notices.ts";
import { enterQuarantine } from "./quarantine-entry.ts";
import type { QueueContext } from "./queue-context.ts";
import { type Ending, expired } from "./settle.ts";
import { endingEvents } from "./settlement-events.ts";
import { newMessageOf, type Settler } from "./settler.ts";

/** A message in the Submission queue, in memory. */
export interface Submitted {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly content: MessageContent;
}

/** Makes what the categorizer says durable. */
export class CategorizationWriter {
  readonly #context: QueueContext;
  readonly #settler: Settler;

  constructor(context: QueueContext, settler: Settler) {
    this.#context = context;
    this.#settler = settler;
  }

  /** The categorizer's whole answer as one transaction. Rejects with StoreFailure. */
  async write(
    submitted: Submitted,
    categorization: Categorization,
  ): Promise<{
    readonly notices: readonly Notice[];
    readonly submissions: NonNullable<Categorization["submissions"]>;
  }> {
    const { message } = submitted;
    const { resolverRetryIntervalMs } = this.#context.organization().transportService;
    const nowMs = this.#context.clock.nowMs();
    const retryMs = nowMs + resolverRetryIntervalMs;
    // Nobody waits for ever, and nobody for long without a word to the sender.
    const late = categorization.deferred.filter(({ recipient }) => noticeMsOf(recipient) <= nowMs);
    const deferred = categorization.deferred.filter((one) => !late.includes(one));
    const plan = await this.#settler.plan({
      message,
      content: submitted.content,
      endings: [
        ...categorization.ended.map(({ recipient, outcome }) => ({ recipient, ending: outcome })),
        ...late.map((one) => lateEnding(one, nowMs)),
      ],
      queueId: () => SUBMISSION_QUEUE_ID,
      connector: "",
      possibleDuplicate: false,
    });
    const { waiting } = plan.settled;
    const stay = new Set(
      [...categorization.routed, ...deferred, ...waiting].map(
        ({ recipient }) => recipient.position,
      ),
    );
    const gone = submitted.recipients.filter(({ position }) => !stay.has(position));
    const putRecipients = [
      ...categorization.routed.map((routed) => placeRouted(message.id, routed)),
      ...deferred.flatMap(({ recipient, fault }) =>
        place(message.id, [{ ...recipient, lastError: fault.diagnostic }], retryMs),
      ),
      ...waiting.flatMap(({ recipient }) => place(message.id, [recipient], retryMs)),
    ];
    const kept = this.#keep(categorization);
    const { submissions = [] } = categorization;
    const change: Change = {
      messages: [
        ...categorization.forks.map(
          (fork): NewMessage => ({
            message: fork.message,
            recipients: fork.routed.map((routed) => placeRouted(fork.message.id, routed)),
            content: fork.content ?? [],
            firstChunk: 0,
          }),
        ),
        ...kept.messages,
        ...submissions.map(newMessageOf),
        ...plan.settled.notices.map(newMessageOf),
      ],
      putRecipients,
      removeRecipients: gone.map(({ position }) => ({ messageId: message.id, position })),
      events:
        this.#events(submitted, { ...categorization, deferred }, plan.change.events ?? "") +
        this.#settler.formatEvents(kept.events),
    };
    await this.#settler.commit(change);
    this.#count(categorization, plan.settled.notices);
    const expiredCount = late.length - waiting.length;
    this.#context.metrics.add("postrider_recipient_outcomes_total:expired", expiredCount);
    return { notices: plan.settled.notices, submissions };
  }

  /** What goes into the quarantine, with the events that tell of it. */
  #keep({ quarantined = [] }: Categorization): {
    readonly messages: readonly NewMessage[];
    readonly events: readonly TrackingEvent[];
  } {
    const { clock, organization } = this.#context;
    const at = { nowMs: clock.nowMs(), organization: organization() };
    const entries = quarantined.map((one) => ({ ...enterQuarantine(one, at), from: one }));
    return {
      messages: entries.map(({ message, recipients, from }) => ({
        message,
        recipients,
        content: from.content ?? [],
        firstChunk: 0,
      })),
      events: entries.map(({ event }) => event),
    };
  }

  #count(categorization: Categorization, notices: readonly Notice[]): void {
    const { metrics } = this.#context;
    metrics.add("postrider_categorizer_deferrals_total", categorization.deferred.length);
    const expansions = categorization.events.filter(({ event }) => event === "EXPAND");
    metrics.add("postrider_group_expansions_total", expansions.length);
    for (const { outcome } of categorization.ended) countEnding(metrics.add, outcome);
    for (const { mark, recipients } of categorization.quarantined ?? []) {
      metrics.add(`postrider_quarantined_total:${mark.type}`, recipients.length);
    }
    for (const { kind } of notices) metrics.add(`postrider_notices_total:${kind}`);
  }

  #events(submitted: Submitted, categorization: Categorization, planned: string): string {
    const { fqdn } = this.#context.organization().server;
    const own = { serverName: fqdn, nowMs: this.#context.clock.nowMs() };
    const waiting = [
      ...categorization.deferred,
      ...categorization.routed.flatMap(({ recipient, route }) =>
        route.kind === "unreachable" ? [{ recipient, fault: route.fault }] : [],
      ),
    ];
    const deferred = endingEvents(
      {
        message: submitted.message,
        endings: waiting.map(({ recipient, fault }) => ({
          recipient,
          ending: { kind: "deferred", fault } as const,
        })),
        connector: "",
        possibleDuplicate: false,
      },
      own,
    );
    return this.#settler.formatEvents([...categorization.events, ...deferred]) + planned;
  }
}

/** Whether a categorization changes anything that is stored: a plain relay or mailbox does not. */
export function needsWriting(categorization: Categorization): boolean {
  return (
    categorization.changed ||
    categorization.forks.length > 0 ||
    categorization.ended.length > 0 ||
    categorization.deferred.length > 0 ||
    (categorization.quarantined?.length ?? 0) > 0 ||
    (categorization.submissions?.length ?? 0) > 0 ||
    categorization.routed.some(({ route }) => route.kind === "unreachable")
  );
}

/** One that has waited for too long fails; any other waits on, and its sender is told. */
function lateEnding(
  { recipient, fault }: Categorization["deferred"][number],
  nowMs: number,
): { readonly recipient: QueuedRecipient; readonly ending: Ending } {
  const isOver = recipient.expiresMs <= nowMs;
  const ending: Ending = isOver
    ? { kind: "failed", fault: expired(fault) }
    : { kind: "deferred", fault };
  return { recipient, ending };
}

/** Recipients with their place in Submission. */
export function place(
  messageId: number,
  recipients: readonly QueuedRecipient[],
  dueMs: number,
): PlacedRecipient[] {
  const placement = { queueId: SUBMISSION_QUEUE_ID, dueMs };
  return recipients.map((recipient) => ({ messageId, recipient, placement }));
}

function placeRouted(messageId: number, { recipient, route }: RoutedRecipient): PlacedRecipient {
  const placement =
    route.kind === "queue"
      ? { queueId: SUBMISSION_QUEUE_ID, dueMs: LEASED_DUE_MS }
      : { queueId: UNREACHABLE_QUEUE_ID, dueMs: DUE_NOW_MS };
  const lastError = route.kind === "unreachable" ? route.fault.diagnostic : recipient.lastError;
  return { messageId, recipient: { ...recipient, lastError }, placement };
}
