import { delay } from "../../base/clock.ts";
import { SECOND } from "../../base/units.ts";
import {
  AFTER_LEASED,
  LEASED_DUE_MS,
  type PlacedRecipient,
  type QueuePage,
  type QueueStore,
  type RecipientKey,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import { Claims, keyText } from "./claims.ts";
import type { QueueContext } from "./queue-context.ts";
import type { QueueStorage } from "./queue-storage.ts";
import type { Settler } from "./settler.ts";
import type { SubmissionOwner } from "./submission-owner.ts";

/** Recipients of one page when Submission or Unreachable is read back. */
const PAGE_RECIPIENTS = 500;
/** How long a message that may have brought the thread down is waited for before the next one. */
const SUSPECT_WAIT_MS = 2 * SECOND;
const SUSPECT_LOOK_MS = SECOND / 50;

/** How one thread starts. */
export interface OpeningState {
  /** The process or thread before did not stop in order: attempts may have got through. */
  readonly wasUnclean: boolean;
  /** Messages from this id on are new, and come from the sessions. */
  readonly beforeId: number;
  /**
   * This thread takes the place of one that died while others went on: what nobody has in hand is
   * its own. Otherwise the process has just started, and each thread takes its share.
   */
  readonly isReplacement: boolean;
  /** Which of these recipients other threads have in hand. */
  readonly elsewhere: (recipients: readonly RecipientKey[]) => Promise<readonly RecipientKey[]>;
  /** Messages whose crash is certain enough to be counted. */
  readonly blamed: readonly number[];
  /** Messages that were being worked on when a thread died, those to be tried first in front. */
  readonly suspects: readonly number[];
  /** Work on a suspect has ended here, and the thread lives. */
  readonly cleared: (messageId: number) => void;
}

/** By then every thread categorizes by the routes that are in force now. */
const ROUTES_EVERYWHERE_MS = 15 * SECOND;
/** With so many messages in hand, what is put off waits for its next second. */
const SUBMISSION_HIGH = 2_000;

/** What recovery needs from the rest of the queue. */
export interface RecoveryParts {
  readonly context: QueueContext;
  readonly submission: SubmissionOwner;
  readonly settler: Settler;
  readonly storage: QueueStorage;
  readonly threadIndex: number;
  readonly threadCount: number;
  /** Which of these recipients this thread has in hand. */
  readonly held: (recipients: readonly RecipientKey[]) => readonly RecipientKey[];
  /** Whether this thread has work to do on the message. */
  readonly isBusyWith: (messageId: number) => boolean;
  readonly isStopped: () => boolean;
}

/** Takes up what the store holds as submitted, put off or unreachable, and nobody has in hand. */
export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #claims: Claims;
  /** Suspects that have been taken up, and may be in hand here. */
  readonly #tried = new Set<number>();
  #routesEverywhereMs: number | undefined;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
    this.#claims = new Claims(parts.threadIndex);
  }

  /** Whether a recipient is about to be taken up here, so that `asker` must leave it alone. */
  claims(key: RecipientKey, asker: number): boolean {
    return asker !== this.#parts.threadIndex && this.#claims.holds(key, asker);
  }

  /**
   * Takes up Submission, `suspects` after everything else and one at a time: if one of them is
   * fatal, the others must not be in hand with it again. False when it was stopped before the end.
   */
  async takeUp(state: OpeningState, suspects: readonly number[]): Promise<boolean> {
    const apart = new Set(suspects);
    const count = await this.#takePages(state, apart);
    if (count > 0) {
      this.#parts.context.diagnostics.info("submission-recovered", { messages: count });
    }
    for (const messageId of suspects) {
      if (this.#parts.isStopped()) return false;
      const stored = await this.#read((store) => store.readMessage(messageId));
      await this.#takeUnheld(state, (stored?.recipients ?? []).filter(isSubmitted));
      this.#tried.add(messageId);
      await this.#whenLeft(messageId, state);
    }
    return !this.#parts.isStopped();
  }

  /** Clears the suspects that have left this thread's hands; to be called once a second. */
  clearTried({ cleared }: Pick<OpeningState, "cleared">): void {
    for (const messageId of this.#tried) {
      if (this.#parts.isBusyWith(messageId)) continue;
      this.#tried.delete(messageId);
      cleared(messageId);
    }
  }

  /**
   * Moves suspects back to Submission, where `takeUp` finds them: those of their recipients that
   * the thread before had leased from its queues. What waits may go on waiting.
   */
  async setApart(suspects: readonly number[], ownQueueIds: ReadonlySet<number>): Promise<void> {
    const { context, settler } = this.#parts;
    const placement = { queueId: SUBMISSION_QUEUE_ID, dueMs: LEASED_DUE_MS };
    const setApart = async (messageId: number) => {
      const stored = await context.store.readMessage(messageId);
      const putRecipients = (stored?.recipients ?? [])
        .filter((one) => one.placement.dueMs === LEASED_DUE_MS)
        .filter((one) => ownQueueIds.has(one.placement.queueId) && !one.recipient.suspended)
        .map((one) => ({ ...one, placement }));
      if (putRecipients.length > 0) await context.store.commit({ putRecipients });
    };
    await Promise.all(suspects.map((id) => settler.persist(() => setApart(id))));
  }

  async #takePages(state: OpeningState, apart: ReadonlySet<number>): Promise<number> {
    let count = 0;
    let after: QueuePage["after"];
    while (!this.#parts.isStopped()) {
      const page = { dueMs: LEASED_DUE_MS, limit: PAGE_RECIPIENTS, ...(after && { after }) };
      const stored = await this.#read((store) => store.readQueue(SUBMISSION_QUEUE_ID, page));
      const placed = stored.flatMap(({ recipients }) => recipients);
      const last = placed.at(-1);
      if (last === undefined) break;
      const old = placed.filter(
        ({ messageId }) => messageId < state.beforeId && !apart.has(messageId),
      );
      count += await this.#takeUnheld(state, old);
      const { messageId, recipient } = last;
      after = { dueMs: LEASED_DUE_MS, messageId, position: recipient.position };
    }
    return count;
  }

  /**
   * Takes those of the recipients that nobody has in hand; returns how many messages they are of.
   */
  async #takeUnheld(state: OpeningState, placed: readonly PlacedRecipient[]): Promise<number> {
    const open = await this.#selectUnheld(state, placed.map(keyOf));
    const keysOf = Map.groupBy(open, ({ messageId }) => messageId);
    const taken = await Promise.all(
      [...keysOf].map(async ([messageId, keys]) => {
        const positions = new Set(keys.map(({ position }) => position));
        const isTaken = await this.#adopt(messageId, positions, state.wasUnclean);
        this.#claims.release(keys);
        return isTaken;
      }),
    );
    return taken.filter(Boolean).length;
  }

  async #selectUnheld(
    state: OpeningState,
    keys: readonly RecipientKey[],
  ): Promise<readonly RecipientKey[]> {
    const { held } = this.#parts;
    const open: RecipientKey[] = [];
    let asked = state.isReplacement ? keys : keys.filter((key) => this.#isShare(key));
    while (asked.length > 0) {
      this.#claims.ask(asked);
      const elsewhere = await state.elsewhere(asked);
      // Only now: what the others had handed over to this thread is here by the time they have
      // answered.
      const answered = this.#claims.answered(elsewhere, held(asked));
      open.push(...asked.filter((key) => answered.open.has(keyText(key))));
      asked = asked.filter((key) => answered.again.has(keyText(key)));
    }
    return open;
  }

  #isShare({ messageId }: RecipientKey): boolean {
    return messageId % this.#parts.threadCount === this.#parts.threadIndex;
  }

  /** Reads the message again: its owner may have finished it while we asked whose it is. */
  async #adopt(
    messageId: number,
    positions: ReadonlySet<number>,
    wasUnclean: boolean,
  ): Promise<boolean> {
    const stored = await this.#read((store) => store.readMessage(messageId));
    if (stored === undefined) return false;
    const recipients = stored.recipients
      .filter((placed) => isSubmitted(placed) && positions.has(placed.recipient.position))
      .map(({ recipient }) => (wasUnclean ? { ...recipient, attemptUnknown: true } : recipient));
    if (recipients.length === 0) return false;
    this.#parts.submission.take({ message: stored.message, recipients });
    return true;
  }

  /** A page that is given up would be mail that waits for the next start. */
  #read<Value>(read: (store: QueueStore) => Promise<Value>): Promise<Value> {
    const { context, settler } = this.#parts;
    return settler.persist(() => read(context.store));
  }

  /** Waits until the suspect is in hand here no more, but not for ever. */
  async #whenLeft(messageId: number, state: OpeningState): Promise<void> {
    const { clock } = this.#parts.context;
    const endMs = clock.monotonicMs() + SUSPECT_WAIT_MS;
    this.clearTried(state);
    while (this.#tried.has(messageId) && clock.monotonicMs() < endMs) {
      await delay(clock, SUSPECT_LOOK_MS);
      this.clearTried(state);
    }
  }

  /**
   * Takes up the recipients whose resolution was put off and is due again, and what came while
   * Submission was suspended. Rejects with StoreFailure.
   */
  async retryDeferred(): Promise<void> {
    const { context, submission } = this.#parts;
    const page = { dueMs: context.clock.nowMs(), limit: PAGE_RECIPIENTS, after: AFTER_LEASED };
    while (submission.length < SUBMISSION_HIGH && !this.#parts.isStopped()) {
      const stored = await context.store.readQueue(SUBMISSION_QUEUE_ID, page);
      if (stored.length === 0) return;
      await submission.resubmit(
        stored.map(({ message, recipients }) => ({
          message,
          recipients: recipients.map(({ recipient }) => recipient),
        })),
      );
    }
  }

  /** Unreachable has to be looked at again: another thread may put mail there by the old routes. */
  routesChanged(): void {
    this.#routesEverywhereMs = this.#parts.context.clock.monotonicMs() + ROUTES_EVERYWHERE_MS;
  }

  /** True once for every change of routes, when no thread goes by the old ones any more. */
  areRoutesEverywhere(): boolean {
    const atMs = this.#routesEverywhereMs;
    if (atMs === undefined || this.#parts.context.clock.monotonicMs() < atMs) return false;
    this.#routesEverywhereMs = undefined;
    return true;
  }

  /** Sends everything in Unreachable back to the categorizer. */
  async resubmitUnreachable(): Promise<void> {
    const { context, storage, submission } = this.#parts;
    let after: QueuePage["after"] = AFTER_LEASED;
    while (after !== undefined && !this.#parts.isStopped()) {
      const page: QueuePage = { dueMs: context.clock.nowMs(), limit: PAGE_RECIPIENTS, after };
      after = await storage.exclusive(async (): Promise<QueuePage["after"]> => {
        const stored = await this.#read((store) => store.readQueue(UNREACHABLE_QUEUE_ID, page));
        const last = stored.at(-1)?.recipients.at(-1);
        if (last === undefined) return undefined;
        const batch = stored.map(({ message, recipients }) => ({
          message,
          recipients: recipients
            .map(({ recipient }) => recipient)
            .filter(({ suspended }) => !suspended),
        }));
        await submission.resubmit(batch.filter(({ recipients }) => recipients.length > 0));
        const { messageId, recipient, placement } = last;
        return { dueMs: placement.dueMs, messageId, position: recipient.position };
      });
    }
  }
}

function isSubmitted({ placement }: PlacedRecipient): boolean {
  return placement.queueId === SUBMISSION_QUEUE_ID && placement.dueMs === LEASED_DUE_MS;
}

function keyOf({ messageId, recipient: { position } }: PlacedRecipient): RecipientKey {
  return { messageId, position };
}
