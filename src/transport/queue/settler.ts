import { delay } from "../../base/clock.ts";
import { domainOf } from "../../mail/address.ts";
import { type NoticeKind, noticeFor } from "../../mail/notice-decision.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import { findRemoteDomain, mayBeTold } from "../../org/remote-domain.ts";
import type { ContentReader } from "../../store/content.ts";
import {
  type Change,
  LEASED_DUE_MS,
  type NewMessage,
  type PlacedRecipient,
  type QueuedMessage,
  type QueuedRecipient,
  StoreFailure,
  SUBMISSION_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import { formatTrackingEvent } from "../tracking/tracking-line.ts";
import { type Redirection, redirectedCopy, redirectionOf } from "./alternate-recipient.ts";
import { countEnding } from "./ending-counts.ts";
import { arrivalsOf, type Holding } from "./holding.ts";
import { buildNotices, type Notice, type NoticeItem } from "./notices.ts";
import type { QueueContext } from "./queue-context.ts";
import { STORE_RETRY_MS } from "./queue-context.ts";
import { keepingOf } from "./safety-net-keeping.ts";
import { type Ending, settle } from "./settle.ts";
import { endingEvents } from "./settlement-events.ts";

/** One message with how it went for some of its recipients. */
export interface SettlementJob {
  readonly message: QueuedMessage;
  readonly content: ContentReader;
  readonly endings: readonly { readonly recipient: QueuedRecipient; readonly ending: Ending }[];
  /** Where recipients wait that are tried again. Rejects with StoreFailure. */
  readonly queueId: () => number | Promise<number>;
  /** Name of the send connector, for the tracking events. */
  readonly connector: string;
  /** The next hop, by which the Safety Net knows it. */
  readonly destination?: string;
  readonly possibleDuplicate: boolean;
  /** What the tracking events say beyond the outcome. */
  readonly sourceContext?: string;
}

/**
 * What became durable: notices and redirected copies to be categorized, and the recipients that
 * wait again.
 */
export interface Settled {
  readonly notices: readonly Notice[];
  readonly waiting: readonly PlacedRecipient[];
  /** Recipients that were put off at their expiry, and so have failed. */
  readonly overdueCount: number;
}

/** Writes outcomes: state, notices and tracking events in one transaction each (design §4.3). */
export class Settler {
  readonly #context: QueueContext;
  /** The next internal message id. Rejects with StoreFailure. */
  readonly nextMessageId: () => number | Promise<number>;
  /**
   * Writes that the store refused and that are being tried again; new work waits while there are
   * any.
   */
  #refusedCount = 0;
  /** What changes on their way to the store bring into Submission. */
  readonly #arriving = new Set<readonly Holding[]>();

  constructor(context: QueueContext, nextMessageId: () => number | Promise<number>) {
    this.#context = context;
    this.nextMessageId = nextMessageId;
  }

  /** False while the store refuses outcomes: then nothing new may be attempted. */
  get isStoreWell(): boolean {
    return this.#refusedCount === 0;
  }

  /** Settles one job; resolves once it is durable, however long the store refuses. */
  async settle(job: SettlementJob): Promise<Settled> {
    return this.persist(async () => {
      const { change, settled } = await this.plan(job);
      await this.commit(change);
      this.#countSettled(job, settled);
      return settled;
    });
  }

  /**
   * Writes a change. Until whoever waits for it has gone on, what it brings into Submission counts
   * as in hand here: another thread that reads it there in between must not take it for an orphan.
   */
  async commit(change: Change): Promise<void> {
    const arrivals = arrivalsOf(change);
    if (arrivals.length === 0) return this.#context.store.commit(change);
    this.#arriving.add(arrivals);
    try {
      await this.#context.store.commit(change);
    } finally {
      this.#arriving.delete(arrivals);
    }
  }

  /** @see commit */
  holdings(): readonly Holding[] {
    return [...this.#arriving].flat();
  }

  /** The change that settles a job, for callers that write more in the same transaction. */
  async plan(job: SettlementJob): Promise<{ readonly change: Change; readonly settled: Settled }> {
    const { message } = job;
    const organization = this.#context.organization();
    const nowMs = this.#context.clock.nowMs();
    const removeRecipients: NonNullable<Change["removeRecipients"]>[number][] = [];
    const { destination = "" } = job;
    const isNetOn = organization.transportConfig.safetyNetHoldTimeMs > 0;
    const waiting: PlacedRecipient[] = [];
    const items: NoticeItem[] = [];
    const redirections: Redirection[] = [];
    // Their last attempt put them off, and that was that.
    const overdue: SettlementJob["endings"][number][] = [];
    for (const { recipient, ending } of job.endings) {
      const { transportService: service } = organization;
      const settlement = settle(recipient, ending, {
        nowMs,
        service,
        random: this.#context.clock.random(),
      });
      if (settlement.kind === "done") {
        if (ending.kind === "deferred") overdue.push({ recipient, ending: settlement.ending });
        const key = { messageId: message.id, position: recipient.position };
        const keeping = isNetOn && keepingOf(settlement.ending, message, { nowMs, destination });
        removeRecipients.push(keeping ? { ...key, keeping } : key);
        const redirection = redirectionOf(recipient, settlement.ending);
        if (redirection !== undefined) redirections.push(redirection);
        const kind = redirection === undefined ? noticeKind(settlement.ending) : undefined;
        if (kind !== undefined) items.push({ kind, recipient, ending: settlement.ending });
        continue;
      }
      const queueId = await job.queueId();
      if (settlement.delayNotice) items.push({ kind: "delayed", recipient, ending });
      const next = settlement.delayNotice
        ? { ...settlement.recipient, delayNoticeMs: undefined }
        : settlement.recipient;
      waiting.push({
        messageId: message.id,
        recipient: next,
        placement: { queueId, dueMs: settlement.dueMs },
      });
    }
    const notices = [
      ...(await this.notices(job, this.wanted(message, items))),
      ...(await this.#redirect(message, redirections, nowMs)),
    ];
    const events = this.formatEvents([
      ...endingEvents(withoutRedirected(withOverdue(job, overdue), redirections), {
        serverName: organization.server.fqdn,
        nowMs,
      }),
      ...notices.flatMap((notice) => notice.events),
    ]);
    return {
      change: {
        messages: notices.map(newMessageOf),
        putRecipients: waiting,
        removeRecipients,
        events,
      },
      settled: { notices, waiting, overdueCount: overdue.length },
    };
  }

  async #redirect(
    message: QueuedMessage,
    redirections: readonly Redirection[],
    nowMs: number,
  ): Promise<readonly Notice[]> {
    const copies: Notice[] = [];
    for (const redirection of redirections) {
      const id = await this.nextMessageId();
      copies.push(redirectedCopy(message, redirection, { id, nowMs }));
    }
    return copies;
  }

  /** Those of the notices that the sender asked for or gets by default, and may get at all. */
  wanted(message: QueuedMessage, items: readonly NoticeItem[]): readonly NoticeItem[] {
    const { sender } = message.envelope;
    if (sender === "" || items.length === 0) return [];
    const organization = this.#context.organization();
    const { internalDelayDsnEnabled, externalDelayDsnEnabled } = organization.transportConfig;
    const isInternal = findAcceptedDomain(organization, domainOf(sender)) !== undefined;
    const tellsDelay = isInternal ? internalDelayDsnEnabled : externalDelayDsnEnabled;
    const remote = isInternal ? undefined : findRemoteDomain(organization, domainOf(sender));
    return items.filter(
      ({ kind, recipient }) =>
        noticeFor(kind, recipient.notify, sender) &&
        (kind !== "delayed" || tellsDelay) &&
        mayBeTold(kind, remote),
    );
  }

  /**
   * Composes the notices that `items` call for; reads the original's header or content as needed.
   */
  async notices(
    job: { readonly message: QueuedMessage; readonly content: ContentReader },
    items: readonly NoticeItem[],
  ): Promise<readonly Notice[]> {
    if (items.length === 0) return [];
    return buildNotices({
      message: job.message,
      content: job.content,
      items,
      organization: this.#context.organization(),
      nowMs: this.#context.clock.nowMs(),
      nextMessageId: this.nextMessageId,
    });
  }

  /** Lines for the tracking log, none when it is switched off. */
  formatEvents(events: readonly TrackingEvent[]): string {
    const { transportService: service, server } = this.#context.organization();
    if (!service.messageTrackingLogEnabled) return "";
    const nowMs = this.#context.clock.nowMs();
    const options = {
      subjectLogging: service.messageTrackingLogSubjectLoggingEnabled,
      serverName: server.fqdn,
    };
    let text = "";
    for (const event of events) text += formatTrackingEvent(event, nowMs, options);
    return text;
  }

  /** Runs `write` until the store takes it. What it settles stays in hand meanwhile. */
  async persist<Value>(write: () => Promise<Value>): Promise<Value> {
    let refused = false;
    for (;;) {
      try {
        const value = await write();
        if (refused) this.#refusedCount -= 1;
        return value;
      } catch (error) {
        if (!(error instanceof StoreFailure)) {
          if (refused) this.#refusedCount -= 1;
          throw error;
        }
        if (!refused) this.#refusedCount += 1;
        refused = true;
        await delay(this.#context.clock, STORE_RETRY_MS);
      }
    }
  }

  #countSettled(job: SettlementJob, settled: Settled): void {
    const { metrics } = this.#context;
    for (const { ending } of job.endings) {
      countEnding(metrics.add, ending);
      const isDone = ending.kind === "delivered" || ending.kind === "relayed";
      if (isDone && job.possibleDuplicate) metrics.add("postrider_possible_duplicates_total");
    }
    metrics.add("postrider_recipient_outcomes_total:expired", settled.overdueCount);
    for (const notice of settled.notices) metrics.add(`postrider_notices_total:${notice.kind}`);
  }
}

/** The log tells of the attempt, then of the failure that it has come to. */
function withOverdue(job: SettlementJob, overdue: SettlementJob["endings"]): SettlementJob {
  return overdue.length === 0 ? job : { ...job, endings: [...job.endings, ...overdue] };
}

/** REDIRECT tells of these, and why. */
function withoutRedirected(
  job: SettlementJob,
  redirections: readonly Redirection[],
): SettlementJob {
  if (redirections.length === 0) return job;
  const gone = new Set(redirections.map(({ recipient }) => recipient));
  return { ...job, endings: job.endings.filter(({ recipient }) => !gone.has(recipient)) };
}

/** A notice as the store takes it. */
export function newMessageOf(
  notice: Pick<Notice, "message" | "recipients" | "content"> & { readonly firstChunk?: number },
): NewMessage {
  const placement = { queueId: SUBMISSION_QUEUE_ID, dueMs: LEASED_DUE_MS };
  return {
    message: notice.message,
    recipients: notice.recipients.map((recipient) => ({
      messageId: notice.message.id,
      recipient,
      placement,
    })),
    content: notice.content,
    firstChunk: notice.firstChunk ?? 0,
  };
}

function noticeKind(ending: Exclude<Ending, { kind: "deferred" }>): NoticeKind | undefined {
  if (ending.kind !== "relayed") return ending.kind;
  // The next hop took the request over with the message; the notice is its duty now (RFC 3461
  // §5.2.2).
  return ending.dsn === "ours" ? "relayed" : undefined;
}
