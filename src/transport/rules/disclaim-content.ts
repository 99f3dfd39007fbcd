import { fault, ok, type Result } from "../../base/result.ts";
import type { Disclaimer as ContentDisclaimer } from "../../content/apply-disclaimer.ts";
import type { ContentLimitFault, ContentLimits } from "../../content/content-limits.ts";
import type { ContentTask, ContentWorkFault } from "../../content/content-work.ts";
import type { RewriteResult } from "../../content/rewrite-result.ts";
import { readPieces } from "./content-facts.ts";
import type { Disclaim } from "./rule-answer.ts";

type Rewritten = Result<RewriteResult, ContentLimitFault>;

/** What a thread that reads messages does to them. */
export interface RewritingTasks {
  readonly disclaim: ContentTask<ContentDisclaimer & { readonly limits: ContentLimits }, Rewritten>;
  readonly wrap: ContentTask<{ readonly html: string; readonly limits: ContentLimits }, Rewritten>;
}

/**
 * Puts texts into messages, or messages into ones that have the text (reference §10.3). Rejects
 * with what reading the content throws.
 */
export function disclaimByTasks(
  { disclaim, wrap }: RewritingTasks,
  limits: ContentLimits,
): Disclaim {
  return async (content, { html, location, fallback }) => {
    const source = { bytes: content.bytes, content: () => readPieces(content) };
    const place = location === "Append" ? "append" : "prepend";
    const done = outcomeOf(await disclaim(source, { html, place, limits }));
    if (done.ok || done.fault === "later" || fallback !== "Wrap") return done;
    return outcomeOf(await wrap(source, { html, limits }));
  };
}

function outcomeOf(
  answered: Result<Rewritten, ContentWorkFault>,
): Result<readonly Uint8Array[], "cannot" | "later"> {
  // A message at which the thread ends or hangs does so every time; too many others do not.
  if (!answered.ok) return fault(answered.fault === "busy" ? "later" : "cannot");
  const { value: read } = answered;
  return read.ok && read.value.kind === "done" ? ok(read.value.content) : fault("cannot");
}
