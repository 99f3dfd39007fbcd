import { type QueueStore, SUBMISSION_QUEUE_ID } from "../../store/queue-store.ts";
import { submittedContent } from "./message-content.ts";
import type { Notice } from "./notices.ts";
import type { Fault } from "./outcome.ts";
import type { Settler } from "./settler.ts";
import type { Submission } from "./submission.ts";

/**
 * Fails a message that never entered the queue. Resolves with the notices to its sender once they
 * are durable; rejects with StoreFailure, and then nothing of it remains.
 */
export async function rejectSubmission(
  submission: Submission,
  fault: Fault,
  { store, settler }: { readonly store: QueueStore; readonly settler: Settler },
): Promise<readonly Notice[]> {
  const { message, recipients } = submission;
  const { change, settled } = await settler.plan({
    message,
    content: submittedContent(submission, store),
    endings: recipients.map((recipient) => ({ recipient, ending: { kind: "failed", fault } })),
    queueId: () => SUBMISSION_QUEUE_ID,
    connector: "",
    possibleDuplicate: false,
  });
  await store.commit({ ...change, events: submission.events + (change.events ?? "") });
  return settled.notices;
}
