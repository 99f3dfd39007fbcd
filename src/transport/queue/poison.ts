import {
  DUE_NOW_MS,
  POISON_QUEUE_ID,
  type QueuedMessage,
  type QueuedRecipient,
  SUBMISSION_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { QueueContext } from "./queue-context.ts";
import { messageRetryIntervalMs } from "./retry-plan.ts";
import type { Settler } from "./settler.ts";

/** Keeps a message that breaks us from doing so for ever (reference §5.10). */
export class PoisonDetector {
  readonly #context: QueueContext;
  readonly #settler: Settler;

  constructor(context: QueueContext, settler: Settler) {
    this.#context = context;
    this.#settler = settler;
  }

  /**
   * Work on these messages brought the thread down or broke off with a fault of ours. Counts it,
   * and sets aside with all their recipients and bytes those that have done so too often.
   * @returns ids of the messages that were set aside
   */
  async blame(messageIds: readonly number[]): Promise<ReadonlySet<number>> {
    const { poisonMessageDetectionEnabled, poisonThreshold } =
      this.#context.organization().transportService;
    const counts = await this.#settler.persist(() => this.#context.store.recordCrash(messageIds));
    const poison = new Set<number>();
    if (!poisonMessageDetectionEnabled) return poison;
    for (const { messageId, count } of counts) {
      if (count < poisonThreshold) continue;
      poison.add(messageId);
      await this.#setAside(messageId);
    }
    return poison;
  }

  /** A message broke the categorizer: sets it aside, or has it wait before the next try. */
  async submissionBroke(
    message: QueuedMessage,
    recipients: readonly QueuedRecipient[],
    error: unknown,
  ): Promise<void> {
    await this.#broke(message, recipients, { queueId: () => SUBMISSION_QUEUE_ID, error });
  }

  /** As `submissionBroke`, for a courier. How far its attempt had come, nobody knows. */
  deliveryBroke(
    message: QueuedMessage,
    recipients: readonly QueuedRecipient[],
    failure: { readonly queueId: () => number | Promise<number>; readonly error: unknown },
  ): Promise<{ readonly dueMs: number } | undefined> {
    const unknown = recipients.map((recipient) => ({ ...recipient, attemptUnknown: true }));
    return this.#broke(message, unknown, failure);
  }

  async #broke(
    message: QueuedMessage,
    recipients: readonly QueuedRecipient[],
    failure: { readonly queueId: () => number | Promise<number>; readonly error: unknown },
  ): Promise<{ readonly dueMs: number } | undefined> {
    if (await this.count(message, failure.error)) return undefined;
    const { transportService: service } = this.#context.organization();
    const { clock, store } = this.#context;
    const dueMs = clock.nowMs() + messageRetryIntervalMs(service, clock.random());
    await this.#settler.persist(async () => {
      const placement = { queueId: await failure.queueId(), dueMs };
      const putRecipients = recipients.map((recipient) => ({
        messageId: message.id,
        recipient: { ...recipient, lastError: "451 4.3.0 Internal fault" },
        placement,
      }));
      await store.commit({ putRecipients });
    });
    return { dueMs };
  }

  /** Counts a fault of ours that a message caused; true when it has been set aside for that. */
  async count(message: QueuedMessage, error: unknown): Promise<boolean> {
    this.#context.diagnostics.error("message-broke-us", {
      internalMessageId: message.id,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return (await this.blame([message.id])).has(message.id);
  }

  async #setAside(messageId: number): Promise<void> {
    await this.#settler.persist(async () => {
      const stored = await this.#context.store.readMessage(messageId);
      if (stored === undefined) return;
      const placement = { queueId: POISON_QUEUE_ID, dueMs: DUE_NOW_MS };
      // An attempt may have got through before the crash: whoever resumes it may send it again.
      const recipients = stored.recipients.map(({ recipient }) => ({
        ...recipient,
        attemptUnknown: true,
      }));
      await this.#context.store.commit({
        putRecipients: recipients.map((recipient) => ({ messageId, recipient, placement })),
        events: this.#settler.formatEvents([
          {
            event: "POISONMESSAGE",
            source: "POISONMESSAGE",
            message: stored.message,
            recipients: recipients.map(({ address }) => ({ address, status: "" })),
          },
        ]),
      });
    });
    this.#context.metrics.add("postrider_poison_messages_total");
    this.#context.diagnostics.error("poison-message", { internalMessageId: messageId });
  }
}
