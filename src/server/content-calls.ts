import type { ContentLimits } from "../content/content-limits.ts";
import { readMessage } from "../content/read-message.ts";

/**
 * What the thread that reads messages can be asked, by name: each is given the whole message and
 * one argument, and answers with values that can be sent to another thread. To have more done there
 * add a row; `ContentHost.task` then offers it, typed.
 */
export const CONTENT_CALLS = {
  /** What the message says and has in it. */
  view: (content: Buffer, limits: ContentLimits) => readMessage(content, limits),
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
