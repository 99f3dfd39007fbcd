import { StoreFailure } from "../../store/queue-store.ts";
import type { Submission, SubmissionQueue } from "./submission.ts";

/** Calls of a queue that a test can make fail or wait. */
export type SubmissionCall = "nextMessageId" | "appendContent" | "discardContent" | "submit";

/** A submission queue in memory, with faults on demand and an eye on what stays behind. */
export interface FakeSubmissionQueue extends SubmissionQueue {
  readonly submissions: Submission[];
  /** Whole content of a submission, its stored pieces first. */
  contentOf(submission: Submission): Buffer;
  /** Ids of contents that are stored and belong to no submission. */
  readonly orphans: readonly number[];
  /** Most `appendContent` calls that were under way at one time. */
  readonly appendsAtOnceMax: number;
  /** Makes every such call reject from now on; `undefined` ends it. */
  fail(call: SubmissionCall, error: Error | undefined): void;
  /** Keeps `appendContent` and `submit` from finishing until `resume`. */
  pause(): void;
  resume(): void;
  admitting: boolean;
}

/** Ids start at 1. With `asynchronousIds`, each is a promise. */
export function fakeSubmissionQueue(
  options: { readonly asynchronousIds?: boolean } = {},
): FakeSubmissionQueue {
  const submissions: Submission[] = [];
  const contents = new Map<number, Uint8Array[]>();
  const faults = new Map<SubmissionCall, Error>();
  let nextId = 1;
  let appends = 0;
  let appendsAtOnceMax = 0;
  const gate = fakeGate();
  const run = async (call: SubmissionCall) => {
    await gate.passed();
    const error = faults.get(call);
    if (error !== undefined) throw error;
  };
  return {
    submissions,
    admitting: true,
    get orphans() {
      const owned = new Set(submissions.map(({ message }) => message.contentId));
      return [...contents.keys()].filter((id) => !owned.has(id));
    },
    get appendsAtOnceMax() {
      return appendsAtOnceMax;
    },
    contentOf: ({ message, content }) =>
      Buffer.concat([...(contents.get(message.contentId) ?? []), ...content]),
    fail(call, error) {
      if (error === undefined) faults.delete(call);
      else faults.set(call, error);
    },
    pause: gate.close,
    resume: gate.open,
    admits() {
      return this.admitting;
    },
    nextMessageId() {
      const error = faults.get("nextMessageId");
      if (error !== undefined) return Promise.reject(error);
      const id = nextId;
      nextId += 1;
      return options.asynchronousIds === true ? Promise.resolve(id) : id;
    },
    async appendContent(contentId, index, bytes) {
      appends += 1;
      appendsAtOnceMax = Math.max(appendsAtOnceMax, appends);
      try {
        await run("appendContent");
        const pieces = contents.get(contentId) ?? [];
        if (pieces[index] !== undefined)
          throw new StoreFailure("piece stored twice", { full: false });
        pieces[index] = bytes;
        contents.set(contentId, pieces);
      } finally {
        appends -= 1;
      }
    },
    async discardContent(contentId) {
      await run("discardContent");
      contents.delete(contentId);
    },
    async readContent(contentId, index) {
      return contents.get(contentId)?.[index];
    },
    async submit(submission) {
      await run("submit");
      submissions.push(submission);
    },
  };
}

function fakeGate() {
  let closed: PromiseWithResolvers<void> | undefined;
  return {
    passed: () => closed?.promise,
    close() {
      closed = Promise.withResolvers();
    },
    open() {
      closed?.resolve();
      closed = undefined;
    },
  };
}
