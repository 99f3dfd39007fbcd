import type { Envelope } from "../../mail/envelope.ts";
import type { HeaderAuthors } from "../../mail/header.ts";
import type { Organization } from "../../org/organization.ts";
import type { ClientFacts, ConnectionFacts, Verdict } from "../../smtp/session-handler.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import type { AcceptedRecipient } from "./compose-submission.ts";
import type { ConnectorProfile, Standing } from "./connector-profile.ts";
import type { WrittenContent } from "./content-writer.ts";
import type { MessageHearing } from "./message-hearing.ts";
import type { ContentLimits } from "./session-limits.ts";

/** The session that a message comes in by, as it is when its content begins. */
export interface MessageContext {
  readonly organization: Organization;
  readonly profile: ConnectorProfile;
  readonly standing: Standing;
  readonly connection: ConnectionFacts;
  /** As in SessionFacts. */
  readonly sessionId: string;
  readonly client: ClientFacts;
  readonly envelope: Envelope;
  readonly recipients: readonly AcceptedRecipient[];
  readonly limits: ContentLimits;
  /** Whether the client may write as those in From and Sender; absent: it may as anybody. */
  readonly checkAuthors?: (authors: HeaderAuthors) => Promise<Verdict> | Verdict;
  /** Where agents are asked about the message; absent: none is. */
  readonly hearing?: MessageHearing | undefined;
}

/**
 * Content that is not a message yet: the pieces that are stored, then what is in memory. @throws
 * StoreFailure
 */
export async function* readWritten(
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
