import { formatLogon } from "../../authentication/authenticator.ts";
import type { Envelope } from "../../mail/envelope.ts";
import type { HeaderAuthors, HeaderSummary } from "../../mail/header.ts";
import type { Organization } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { ClientFacts, ConnectionFacts, Verdict } from "../../smtp/session-handler.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import type { IncomingMessage } from "../agents/receive-agent.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import type { PolicyDecision } from "./agent-decision.ts";
import type { AcceptedRecipient } from "./compose-submission.ts";
import type { ConnectorProfile, Standing } from "./connector-profile.ts";
import type { WrittenContent } from "./content-writer.ts";
import type { ContentLimits } from "./session-limits.ts";

/** The session that a message comes in by, as it is when its content begins. */
export interface MessageContext {
  readonly organization: Organization;
  readonly profile: ConnectorProfile;
  readonly standing: Standing;
  readonly connection: ConnectionFacts;
  readonly client: ClientFacts;
  readonly envelope: Envelope;
  readonly recipients: readonly AcceptedRecipient[];
  readonly limits: ContentLimits;
  /** Whether the client may write as those in From and Sender; absent: it may as anybody. */
  readonly checkAuthors?: (authors: HeaderAuthors) => Promise<Verdict> | Verdict;
  /** Told of what an agent has done with the message; absent: nobody wants to know. */
  readonly agentDecided?: ((decision: PolicyDecision, reply: Reply) => void) | undefined;
}

/** A message that has come to its end, as agents get it. */
export function incomingMessage(
  context: MessageContext,
  {
    written,
    header,
    headerBytes,
    queue,
  }: {
    readonly written: WrittenContent;
    readonly header: HeaderSummary;
    readonly headerBytes: Uint8Array;
    readonly queue: Pick<SubmissionQueue, "readContent">;
  },
): IncomingMessage {
  const { organization, profile, standing, connection, client, envelope, recipients } = context;
  return {
    session: {
      organization,
      connector: profile.connector,
      connection,
      remoteAddress: connection.remoteAddress,
      client,
      rights: standing.rights,
      isAuthenticated: standing.isAuthenticated,
      logon: standing.logon === undefined ? "" : formatLogon(standing.logon),
      findings: {},
    },
    envelope,
    recipients,
    header,
    headerBytes,
    edits: [],
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
