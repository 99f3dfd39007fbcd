import type { Clock } from "../../base/clock.ts";
import { fault, ok, type Result } from "../../base/result.ts";
import type { ContentLimitFault, ContentLimits } from "../../content/content-limits.ts";
import type { ContentTask } from "../../content/content-work.ts";
import { inspectAttachments } from "../../content/inspect-attachments.ts";
import { readMessage } from "../../content/read-message.ts";
import type { ContentReader } from "../../store/content.ts";
import {
  answerQuestions,
  type ContentAnswer,
  type ContentQuestion,
  needsAttachments,
  needsText,
} from "./content-question.ts";

/** What rules ask about one message, as it goes to another thread. */
export interface ContentInquiry {
  readonly questions: readonly ContentQuestion[];
  readonly limits: ContentLimits;
}

/** Reads a message and answers; attachments are looked into only where a question needs it. */
export async function answerInquiry(
  content: Buffer,
  { questions, limits }: ContentInquiry,
  clock: Clock,
): Promise<Result<readonly ContentAnswer[], ContentLimitFault>> {
  const read = readMessage(content, limits);
  if (!read.ok) return read;
  const wanted = questions.some(needsText) ? "text" : "structure";
  const attachments = questions.some(needsAttachments)
    ? await inspectAttachments(content, read.value, { limits, clock, wanted })
    : [];
  return ok(answerQuestions(read.value, attachments, questions));
}

/** Why there are no answers: there never will be, or not just now. */
export type InquiryFault = "unreadable" | "later";

/** Asks a thread that reads messages. Rejects with what reading the content throws. */
export function askByTask(
  task: ContentTask<ContentInquiry, Result<readonly ContentAnswer[], ContentLimitFault>>,
  limits: ContentLimits,
): (
  content: ContentReader,
  questions: readonly ContentQuestion[],
) => Promise<Result<readonly ContentAnswer[], InquiryFault>> {
  return async (content, questions) => {
    const source = { bytes: content.bytes, content: () => readPieces(content) };
    const answered = await task(source, { questions, limits });
    // A message at which the thread ends or hangs does so every time; too many others do not.
    if (!answered.ok) return fault(answered.fault === "busy" ? "later" : "unreadable");
    return answered.value.ok ? ok(answered.value.value) : fault("unreadable");
  };
}

/** All pieces of a content. Throws StoreFailure. */
export async function* readPieces(content: ContentReader): AsyncGenerator<Uint8Array> {
  for (let index = 0; ; index += 1) {
    const piece = content.peek(index) ?? (await content.read(index));
    if (piece === undefined) return;
    yield piece;
  }
}
