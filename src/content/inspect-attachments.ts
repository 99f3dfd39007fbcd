import type { Clock } from "../base/clock.ts";
import type { ContentLimits } from "./content-limits.ts";
import { closedFile, type Look, type LookDepth } from "./file-reader.ts";
import { inspectFile } from "./inspect-file.ts";
import { LookBudget } from "./look-budget.ts";
import type { AttachmentView, MessageView } from "./message-view.ts";
import { attachedFile } from "./nested-message-reader.ts";

/** What is asked about attachments, and with what. */
export interface AttachmentQuestion {
  readonly limits: ContentLimits;
  readonly clock: Clock;
  readonly wanted: LookDepth;
}

/**
 * Looks into all attachments of a message that `readMessage` has read, and into what is in those:
 * archives, documents and messages inside one another. One budget holds for all of them; what it
 * was not enough for is there with the outcome `limitExceeded`. Never rejects.
 */
export async function inspectAttachments(
  content: Uint8Array,
  view: MessageView,
  { limits, clock, wanted }: AttachmentQuestion,
): Promise<readonly AttachmentView[]> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const budget = new LookBudget(limits, clock);
  const look: Look = { limits, budget, wanted, inspect: (file) => inspectFile(file, look) };
  const found: AttachmentView[] = [];
  for (const part of view.attachments) {
    const { path, mediaType } = part;
    const room = budget.takeFile() && budget.spend(part.decodedBytes);
    const file = room
      ? await look.inspect(attachedFile(bytes, part, 1))
      : closedFile({
          name: part.fileName ?? "",
          bytes: part.decodedBytes,
          isPasswordProtected: false,
          outcome: "limitExceeded",
        });
    found.push({ ...file, path, mediaType });
  }
  return found;
}
