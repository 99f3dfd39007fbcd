import type { HeaderSummary } from "../../mail/header.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import type { IncomingMessage } from "../agents/receive-agent.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import type { WrittenContent } from "./content-writer.ts";
import type { MessageContext } from "./message-sink.ts";

/** A message that has come to its end, as agents get it. */
export function incomingMessage(
  context: MessageContext,
  {
    written,
    header,
    queue,
  }: {
    readonly written: WrittenContent;
    readonly header: HeaderSummary;
    readonly queue: Pick<SubmissionQueue, "readContent">;
  },
): IncomingMessage {
  const { organization, profile, standing, connection, client, envelope, recipients } = context;
  return {
    source: {
      organization,
      connector: profile.connector,
      remoteAddress: connection.remoteAddress,
      client,
      rights: standing.rights,
      isAuthenticated: standing.isAuthenticated,
    },
    envelope,
    recipientCount: recipients.length,
    header,
    bytes: written.bytes,
    content: () => readWritten(queue, written),
  };
}

/** Content that is not a message yet: the pieces that are stored, then what is in memory. */
async function* readWritten(
  queue: Pick<SubmissionQueue, "readContent">,
  { contentId, content, firstChunk }: WrittenContent,
): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < firstChunk; index += 1) {
    const piece = await queue.readContent(contentId, index);
    if (piece === undefined) {
      throw new StoreFailure(`piece ${index} of content ${contentId} is missing`, { full: false });
    }
    yield piece;
  }
  yield* content;
}
