import { ok, type Result } from "../base/result.ts";
import { applyDisclaimer, type Disclaimer } from "../content/apply-disclaimer.ts";
import type { ContentLimitFault, ContentLimits } from "../content/content-limits.ts";
import type { MessageView } from "../content/message-view.ts";
import { readMessage } from "../content/read-message.ts";
import { type PartReplacement, removeParts, replaceParts } from "../content/replace-parts.ts";
import type { RewriteResult } from "../content/rewrite-result.ts";
import { wrapInPlace } from "../content/wrap-message.ts";

type Limited<Argument> = Argument & { readonly limits: ContentLimits };
type PartsReplaced = Limited<{ readonly replacements: readonly PartReplacement[] }>;
type PartsRemoved = Limited<{ readonly paths: readonly string[] }>;

/** What the thread that reads messages does to them. */
export const REWRITING_CALLS = {
  /** The message with a text put into its bodies. */
  disclaim: (content: Buffer, { limits, ...disclaimer }: Limited<Disclaimer>) =>
    rewrite(content, limits, (view) => applyDisclaimer(content, view, disclaimer)),
  /** The message with texts where some of its parts were. */
  replaceParts: (content: Buffer, { limits, replacements }: PartsReplaced) =>
    rewrite(content, limits, (view) => replaceParts(content, view, replacements)),
  /** The message without some of its parts. */
  removeParts: (content: Buffer, { limits, paths }: PartsRemoved) =>
    rewrite(content, limits, (view) => removeParts(content, view, paths)),
  /** The message wrapped, under its own header fields. */
  wrap: (content: Buffer, { limits, html }: Limited<{ readonly html: string }>) =>
    rewrite(content, limits, (view) => ({
      kind: "done",
      content: wrapInPlace(content, view, html),
    })),
} as const;

/** Reads a message, rewrites it, and joins the pieces: views of one buffer would copy it all. */
function rewrite(
  content: Buffer,
  limits: ContentLimits,
  change: (view: MessageView) => RewriteResult,
): Result<RewriteResult, ContentLimitFault> {
  const read = readMessage(content, limits);
  if (!read.ok) return read;
  const result = change(read.value);
  if (result.kind === "cannot") return ok(result);
  return ok({ kind: "done", content: [Buffer.concat(result.content)] });
}
