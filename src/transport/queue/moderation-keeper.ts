import { isModeration } from "../../store/quarantine-mark.ts";
import {
  type PlacedRecipient,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
} from "../../store/queue-store.ts";
import type { EventId, TrackingEvent } from "../tracking/event.ts";
import type { ActRunner, MessageSelection } from "./act-runner.ts";
import { QUARANTINE_KEY } from "./fixed-queues.ts";
import { MessageContent } from "./message-content.ts";
import type { Notice } from "./notices.ts";
import type { Fault } from "./outcome.ts";
import { renewedRecipient } from "./quarantine-release.ts";
import type { QueueContext } from "./queue-context.ts";
import { newMessageOf, type Settler } from "./settler.ts";
import type { SubmissionOwner } from "./submission-owner.ts";

/** Characters of a moderator's words. */
const TEXT_MAX = 500;

/** Whether a message waits for somebody to approve it, and has not been quarantined. */
export function isModerated({ quarantine }: Pick<QueuedMessage, "quarantine">): boolean {
  return isModeration(quarantine?.type);
}

/** What decisions work with. */
interface ModerationParts {
  readonly context: QueueContext;
  readonly settler: Settler;
  readonly submission: SubmissionOwner;
}

/**
 * What becomes of messages that wait for approval (reference §17.2), each decision a transaction
 * with its tracking line and its notice. The first decision wins: after it, nothing is there.
 */
export class ModerationKeeper {
  readonly #parts: ModerationParts;
  readonly #runner: ActRunner;

  constructor(parts: ModerationParts, runner: ActRunner) {
    this.#parts = parts;
    this.#runner = runner;
  }

  /**
   * Sends messages on; the sender is not told, the tracking log has the moderator's words. Resolves
   * with how many recipients these had.
   */
  approve(selection: MessageSelection, text: string): Promise<number> {
    const words = wordsOf(text);
    return this.#run(selection, async (message, placed) => {
      const { context, settler, submission } = this.#parts;
      const id = await settler.nextMessageId();
      const comment = words === "" ? "" : `;comment=${words}`;
      const sourceContext = `Approve-ModeratedMessage;by=${selection.by}${comment}`;
      const approved = approvedCopy(message, placed, { id, nowMs: context.clock.nowMs() });
      await settler.commit({
        messages: [newMessageOf(approved)],
        removeRecipients: placed.map(keyOf),
        events: settler.formatEvents([
          eventOf("MODERATORAPPROVE", approved.message, { placed, sourceContext }),
        ]),
      });
      submission.categorizeNotices([approved]);
    });
  }

  /** Returns messages to their senders. Resolves with how many recipients these had. */
  deny(selection: MessageSelection, text: string): Promise<number> {
    const words = wordsOf(text);
    const reason = words === "" ? "" : `: ${words}`;
    const fault: Fault = {
      status: "5.7.1",
      diagnostic: `550 5.7.1 APPROVAL.Rejected; the moderator has rejected the message${reason}`,
      hop: undefined,
      source: "APPROVAL",
    };
    const comment = words === "" ? "" : `;comment=${words}`;
    const sourceContext = `Deny-ModeratedMessage;by=${selection.by}${comment}`;
    return this.#run(selection, (message, placed) =>
      this.#end(message, placed, { event: "MODERATORREJECT", fault, sourceContext }),
    );
  }

  /** Returns a message about which nobody has decided in time. Rejects with StoreFailure. */
  expire(message: QueuedMessage, placed: readonly PlacedRecipient[]): Promise<void> {
    const fault: Fault = {
      status: "5.4.7",
      diagnostic: "550 5.4.7 APPROVAL.Expired; nobody has decided about the message in time",
      hop: undefined,
      source: "APPROVAL",
    };
    return this.#end(message, placed, { event: "MODERATIONEXPIRE", fault, sourceContext: "" });
  }

  #run(
    selection: MessageSelection,
    apply: (message: QueuedMessage, placed: readonly PlacedRecipient[]) => Promise<void>,
  ): Promise<number> {
    return this.#runner.run(
      { ...selection, queue: QUARANTINE_KEY },
      {
        once: true,
        concerns: ({ placement }) => placement.queueId === QUARANTINE_QUEUE_ID,
        // What is in quarantine for another reason is not a moderator's to decide about.
        apply: async (message, placed) => {
          if (isModerated(message)) await apply(message, placed);
        },
      },
    );
  }

  async #end(
    message: QueuedMessage,
    placed: readonly PlacedRecipient[],
    end: { readonly event: EventId; readonly fault: Fault; readonly sourceContext: string },
  ): Promise<void> {
    const { context, settler, submission } = this.#parts;
    const { store, budget } = context;
    const { contentId, contentBytes: bytes } = message;
    const { event, fault, sourceContext } = end;
    // As SendModerationNotifications of its recipients said when it was held back.
    const isSilent = message.quarantine?.isSilent === true;
    const { change, settled } = await settler.plan({
      message,
      content: new MessageContent({ store, budget, contentId, bytes, piece: undefined }),
      endings: placed.map(({ recipient }) => ({
        recipient: isSilent ? { ...recipient, notify: [] } : recipient,
        ending: { kind: "failed", fault },
      })),
      queueId: () => QUARANTINE_QUEUE_ID,
      connector: "",
      possibleDuplicate: false,
      sourceContext,
    });
    const told = settler.formatEvents([eventOf(event, message, { placed, sourceContext })]);
    await settler.commit({
      ...change,
      messages: settled.notices.map(newMessageOf),
      events: told + (change.events ?? ""),
    });
    submission.categorizeNotices(settled.notices);
  }
}

/** A moderator's words as they are shown: one line, and not for ever. */
function wordsOf(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .slice(0, TEXT_MAX)
    .toWellFormed();
}

/** As it leaves: categorized as if it had just come, and not held back again. */
function approvedCopy(
  message: QueuedMessage,
  placed: readonly PlacedRecipient[],
  copy: { readonly id: number; readonly nowMs: number },
): Notice {
  const approved =
    message.quarantine?.type === "RecipientModeration" ? ({ approved: true } as const) : {};
  return {
    kind: "redirected",
    message: { ...message, id: copy.id },
    recipients: placed.map(({ recipient }) => ({
      ...renewedRecipient(recipient, message, copy.nowMs),
      ...approved,
    })),
    content: [],
    events: [],
  };
}

function eventOf(
  event: EventId,
  message: QueuedMessage,
  story: { readonly placed: readonly PlacedRecipient[]; readonly sourceContext: string },
): TrackingEvent {
  const { placed, sourceContext } = story;
  const recipients = placed.map(({ recipient: { address } }) => ({ address, status: "" }));
  return { event, source: "APPROVAL", message, recipients, sourceContext };
}

function keyOf({ messageId, recipient: { position } }: PlacedRecipient) {
  return { messageId, position };
}
