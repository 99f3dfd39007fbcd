import { parseHostName } from "../../dns/host-name.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { findForgedResults, RESULTS_FIELD } from "../../mailauth/forged-results.ts";
import { formatAuthenticationResults, formatReceivedSpf } from "../../mailauth/results-header.ts";
import type {
  EnvelopeQuestion,
  SenderAuthentication,
  UnreadContent,
} from "../../mailauth/sender-authentication.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  AgentSession,
  IncomingMessage,
  MessageAnswer,
  ReceiveAgent,
} from "../agents/receive-agent.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";

/** Larger messages are looked at by SPF and iprev alone; the rest is a temporary error. */
export const CONTENT_BYTES_MAX = 20_000_000;

/**
 * Finds out who has sent a message, away from this thread. Rejects only when the content cannot be
 * read.
 */
export type CheckSender = (
  question: EnvelopeQuestion,
  content: UnreadContent | undefined,
) => Promise<SenderAuthentication>;

/** Judges strangers' mail by who has sent it, and writes down what was found. */
export function senderIdAgent(check: CheckSender): ReceiveAgent {
  return {
    agent: TRANSPORT_AGENTS.senderId,
    on: {
      OnEndOfData: (message) => (isStranger(message.session) ? judge(check, message) : undefined),
    },
    hears: isStranger,
  };
}

/** Relays for own applications, and those who have proved who they are, are not asked. */
function isStranger({ connector, isAuthenticated, rights }: AgentSession): boolean {
  return (
    connector.senderAuthenticationEnabled &&
    !isAuthenticated &&
    !rights.has("ms-Exch-Bypass-Anti-Spam") &&
    !rights.has("ms-Exch-SMTP-Accept-Any-Recipient")
  );
}

async function judge(check: CheckSender, message: IncomingMessage): Promise<MessageAnswer> {
  const { session, envelope, bytes } = message;
  const serverName = session.organization.server.fqdn;
  const at = {
    clientAddress: session.remoteAddress,
    helo: session.client.helo,
    sender: envelope.sender,
    serverName,
  };
  const unread = { bytes, read: () => readUpTo(message, bytes) };
  const found = await check(at, bytes > CONTENT_BYTES_MAX ? undefined : unread);
  const refusal = refusalOf(session.connector, found);
  if (refusal !== undefined) return { kind: "refuse", ...refusal };
  const positions = findForgedResults(Buffer.from(message.headerBytes), serverName);
  const edits: HeaderEdit[] =
    positions.length === 0 ? [] : [{ kind: "removeAt", name: RESULTS_FIELD, positions }];
  const text = formatAuthenticationResults(found, at) + formatReceivedSpf(found, at);
  const findings = { authentication: found };
  return { kind: "accept", edits: [...edits, { kind: "prepend", text }], findings };
}

/** The first pieces, `bytes` octets at least. */
async function readUpTo(
  message: Pick<IncomingMessage, "content">,
  bytes: number,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of message.content()) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytes) break;
  }
  return pieces;
}

/** Why the connector's settings refuse the message; `undefined`: they don't. */
function refusalOf(
  { rejectOnMissingPtr, dmarcAction }: ReceiveConnector,
  { iprev, dmarc }: Pick<SenderAuthentication, "iprev" | "dmarc">,
): { readonly reply: Reply; readonly reason: string } | undefined {
  const hasNoName = iprev.result === "fail" || iprev.result === "permerror";
  if (rejectOnMissingPtr && hasNoName) return { reply: NO_NAME, reason: "MissingPtr" };
  if (dmarcAction !== "Reject") return undefined;
  if (dmarc.hasSeveralFrom) return { reply: SEVERAL_FROM, reason: "SeveralFromFields" };
  if (dmarc.result !== "fail" || dmarc.policy !== "reject") return undefined;
  const domain = parseHostName(dmarc.domain) ?? "the author's domain";
  const text = `Mail that fails the DMARC policy of ${domain} is not accepted`;
  return { reply: { code: 550, status: "5.7.1", lines: [text] }, reason: "DmarcReject" };
}

/** RFC 7372 §3.3 */
const NO_NAME: Reply = {
  code: 550,
  status: "5.7.25",
  lines: ["Your address has no name in DNS that leads back to it"],
};
/** RFC 5322 §3.6 allows one. */
const SEVERAL_FROM: Reply = {
  code: 550,
  status: "5.7.1",
  lines: ["Messages with several From fields cannot be checked by DMARC"],
};
