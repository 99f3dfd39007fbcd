import { systemClock } from "../base/clock.ts";
import { ok } from "../base/result.ts";
import type { ContentLimits } from "../content/content-limits.ts";
import { type AttachmentQuestion, inspectAttachments } from "../content/inspect-attachments.ts";
import { readMessage } from "../content/read-message.ts";
import { readSpamSigns, type SpamQuestion } from "../content/spam-signs.ts";
import { answerInquiry, type ContentInquiry } from "../transport/rules/content-facts.ts";
import { REWRITING_CALLS } from "./content-rewriting.ts";

/** How far attachments are looked into. */
type AttachmentsWanted = Omit<AttachmentQuestion, "clock">;

/**
 * What the thread that reads messages can be asked, by name: each is given the whole message and
 * one argument, and answers with values that can be sent to another thread. To have more done there
 * add a row; `ContentHost.task` then offers it, typed.
 */
export const CONTENT_CALLS = {
  /** What the message says and has in it. */
  view: (content: Buffer, limits: ContentLimits) => readMessage(content, limits),
  /** The view, and what is found in attachments. */
  attachments: async (content: Buffer, { limits, wanted }: AttachmentsWanted) => {
    const read = readMessage(content, limits);
    if (!read.ok) return read;
    const question = { limits, wanted, clock: systemClock };
    const attachments = await inspectAttachments(content, read.value, question);
    return ok({ view: read.value, attachments });
  },
  /** What mail flow rules ask of bodies and attachments. */
  rules: (content: Buffer, inquiry: ContentInquiry) => answerInquiry(content, inquiry, systemClock),
  ...REWRITING_CALLS,
  /** What speaks for spam in it. */
  spamSigns: (content: Buffer, question: SpamQuestion) => readSpamSigns(content, question),
} as const;

/** The table's type, for who calls without loading it. */
export type ContentCalls = typeof CONTENT_CALLS;

/** A table of calls as the thread serves it. */
export type ContentCallTable = Readonly<
  Record<string, (content: Buffer, argument: never) => unknown>
>;

/** One call on its way to the thread. */
export interface ContentQuestion {
  readonly name: string;
  readonly pieces: readonly Uint8Array[];
  readonly argument: unknown;
}

/** What the thread offers to the one that started it. */
export type ContentThreadCalls = {
  readonly work: (question: ContentQuestion) => unknown;
};
