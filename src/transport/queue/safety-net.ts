import { SECOND } from "../../base/units.ts";
import type {
  KeptRecipient,
  QueuedMessage,
  QueuedRecipient,
  RecipientKey,
} from "../../store/queue-store.ts";
import { RECORD_PAGE_MAX, type RecordStore } from "../../store/record-store.ts";
import type { TrackingEvent } from "../tracking/event.ts";
import type { QueueContext } from "./queue-context.ts";
import {
  concerns,
  PROGRESS_KIND,
  REQUEST_KIND,
  type ResubmitProgress,
  type ResubmitRequest,
  recordOf,
} from "./resubmit-request.ts";
import { newMessageOf, type Settler } from "./settler.ts";
import type { SubmissionOwner } from "./submission-owner.ts";

/** What the Safety Net works with. */
export interface SafetyNetParts {
  readonly context: QueueContext;
  readonly settler: Settler;
  readonly submission: Pick<SubmissionOwner, "categorizeNotices" | "length">;
  /** Only the first thread does it. */
  readonly isFirst: boolean;
}

/** A message that is delivered once more. */
interface Copy {
  readonly message: QueuedMessage;
  readonly recipients: readonly QueuedRecipient[];
  readonly content: readonly Uint8Array[];
}

/** Recipients of one transaction. */
const PAGE_RECIPIENTS = 200;
/** Pages of one request between two looks at everything else. */
const PAGES_AT_ONCE = 5;
/** Copies wait while the categorizer has so much to do. */
const SUBMISSION_MAX = 500;
const LOOK_INTERVAL_MS = 2 * SECOND;
const IDLE_INTERVAL_MS = 30 * SECOND;

/**
 * Keeps the Safety Net of the whole server, in one thread: what has been there for long enough
 * goes, and what administrators want to have delivered again is put into Submission as copies that
 * share its content. A page is one transaction that also notes what was sent, so that a crash
 * repeats nothing.
 */
export class SafetyNet {
  readonly #parts: SafetyNetParts;
  #lookAtMs = Number.NEGATIVE_INFINITY;
  #expireAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SafetyNetParts) {
    this.#parts = parts;
  }

  /** To be called often; looks now and then. Rejects with StoreFailure. */
  async run(): Promise<void> {
    const { context, isFirst } = this.#parts;
    const { clock } = context;
    if (!isFirst) return;
    if (clock.monotonicMs() >= this.#expireAtMs) await this.#expire();
    if (clock.monotonicMs() >= this.#lookAtMs) await this.#look();
  }

  async #expire(): Promise<void> {
    const { store, clock, organization } = this.#parts.context;
    const { safetyNetHoldTimeMs } = organization().transportConfig;
    const keptUntilMs = clock.nowMs() - safetyNetHoldTimeMs;
    const count = await store.expireSafetyNet({ keptUntilMs, limit: PAGE_RECIPIENTS });
    this.#parts.context.metrics.add("postrider_safety_net_expired_total", count);
    // A full page: there is more, and whoever waits for the disk comes in between.
    if (count < PAGE_RECIPIENTS) this.#expireAtMs = clock.monotonicMs() + IDLE_INTERVAL_MS;
  }

  async #look(): Promise<void> {
    const { context } = this.#parts;
    const { records } = context;
    if (records === undefined) return;
    const page = { after: "", limit: RECORD_PAGE_MAX };
    const requests = (await records.list(REQUEST_KIND, page)).map(
      ({ json }) => JSON.parse(json) as ResubmitRequest,
    );
    let isBusy = false;
    for (const request of requests.filter(({ enabled }) => enabled)) {
      const stored = await records.read(PROGRESS_KIND, String(request.id));
      const progress =
        stored === undefined ? undefined : (JSON.parse(stored.json) as ResubmitProgress);
      if (progress?.state === "Completed") continue;
      isBusy = true;
      await this.#work(request, records, progress);
    }
    const waitMs = isBusy ? 0 : LOOK_INTERVAL_MS;
    this.#lookAtMs = context.clock.monotonicMs() + waitMs;
  }

  async #work(
    request: ResubmitRequest,
    records: RecordStore,
    before: ResubmitProgress | undefined,
  ): Promise<void> {
    const { context, submission } = this.#parts;
    let progress: ResubmitProgress = before ?? { id: request.id, state: "Running", done: 0 };
    for (let pages = 0; pages < PAGES_AT_ONCE && submission.length < SUBMISSION_MAX; pages += 1) {
      const { startMs: fromMs, endMs: untilMs, id } = request;
      const kept = await context.store.readSafetyNet({
        ...{ fromMs, untilMs, request: id, limit: PAGE_RECIPIENTS },
        ...(progress.after && { after: progress.after }),
      });
      const concerned = kept.filter((one) => concerns(request, one));
      if (concerned.length > 0) await this.#send(request, concerned);
      const last = kept.at(-1);
      const isOver = kept.length < PAGE_RECIPIENTS;
      progress = {
        ...progress,
        done: progress.done + concerned.length,
        ...(last && { after: cursorOf(last) }),
        ...(isOver && { state: "Completed", endedMs: context.clock.nowMs() }),
      };
      await records.write([recordOf(PROGRESS_KIND, progress)]);
      if (!isOver) continue;
      const { done } = progress;
      context.diagnostics.info("resubmit-request-completed", { request: request.id, done });
      return;
    }
  }

  /** Puts copies of these into Submission, and notes that, in one transaction. */
  async #send(request: ResubmitRequest, kept: readonly KeptRecipient[]): Promise<void> {
    const { settler, context, submission } = this.#parts;
    const copies: Copy[] = [];
    const events: TrackingEvent[] = [];
    for (const group of Map.groupBy(kept, ({ message }) => message.id).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const copy = this.#copy(request, group, { first, id: await settler.nextMessageId() });
      copies.push(copy);
      events.push({
        event: "RESUBMIT",
        source: "SAFETYNET",
        message: copy.message,
        recipients: copy.recipients.map(({ address }) => ({ address, status: "" })),
        sourceContext: `ResubmitRequest ${request.id};by=${request.by}`,
      });
    }
    await settler.commit({
      messages: copies.map(newMessageOf),
      resubmitted: kept.map((one) => ({ ...keyOf(one), request: request.id })),
      events: settler.formatEvents(events),
    });
    context.metrics.add("postrider_safety_net_resubmitted_total", kept.length);
    submission.categorizeNotices(copies);
  }

  /** Its content is the kept one's; nobody is told of what becomes of it (reference §12). */
  #copy(
    { resubmitTo }: ResubmitRequest,
    group: readonly KeptRecipient[],
    { first, id }: { readonly first: KeptRecipient; readonly id: number },
  ): Copy {
    const { clock, organization } = this.#parts.context;
    const { messageExpirationTimeoutMs } = organization().transportService;
    const { alternateRecipient: _, attemptUnknown: __, unheard: ___, ...like } = first.recipient;
    const fresh = {
      ...like,
      notify: [],
      attemptCount: 0,
      expiresMs: clock.nowMs() + messageExpirationTimeoutMs,
      delayNoticeMs: undefined,
      lastError: undefined,
      suspended: false,
      // Groups, forwarding, rules and journaling have had their turn.
      resolved: true,
    };
    const redirected = { ...fresh, address: resubmitTo ?? first.recipient.address };
    const recipients =
      resubmitTo === undefined
        ? group.map(
            (one): QueuedRecipient => ({
              ...fresh,
              position: one.recipient.position,
              address: one.recipient.address,
              originalRecipient: one.recipient.originalRecipient,
              keptAs: keyOf(one),
            }),
          )
        : [{ ...redirected, keptAs: keyOf(first) }];
    const { message } = first;
    const origin = { ...message.origin, isResubmitted: true } as const;
    return { message: { ...message, id, origin }, recipients, content: [] };
  }
}

function keyOf({ message, recipient }: KeptRecipient): RecipientKey {
  return { messageId: message.id, position: recipient.position };
}

function cursorOf(kept: KeptRecipient): NonNullable<ResubmitProgress["after"]> {
  return { keptMs: kept.keptMs, ...keyOf(kept) };
}
