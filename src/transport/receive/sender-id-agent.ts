import { parseHostName } from "../../dns/host-name.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { foldName, type OwnPeople, suspectAuthor } from "../../mailauth/author-suspicion.ts";
import { findForgedResults, RESULTS_FIELD } from "../../mailauth/forged-results.ts";
import { readAuthor } from "../../mailauth/message-author.ts";
import {
  formatAuthenticationResults,
  formatReceivedSpf,
  senderIdStatus,
} from "../../mailauth/results-header.ts";
import type {
  EnvelopeQuestion,
  SenderAuthentication,
  UnreadContent,
} from "../../mailauth/sender-authentication.ts";
import { findAcceptedDomain } from "../../org/accepted-domain.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { Organization } from "../../org/organization.ts";
import type {
  IncomingMessage,
  MessageAnswer,
  ReceiveAgent,
  SessionScope,
} from "../agents/receive-agent.ts";
import type { JudgedMessage } from "./dmarc-counts.ts";
import { judgedMessage, messageFailure } from "./judged-message.ts";
import {
  type DmarcOverride,
  decideSender,
  findOverride,
  type SenderDecision,
  stampedSuspicions,
} from "./sender-decision.ts";

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

/**
 * Judges strangers' mail by who has sent it, and writes down what was found.
 * @param judged told of mail whose author's domain wants reports; absent: nobody wants to know
 */
export function senderIdAgent(
  check: CheckSender,
  judged?: (message: JudgedMessage) => void,
): ReceiveAgent {
  return {
    agent: TRANSPORT_AGENTS.senderId,
    on: {
      OnEndOfData: (message) =>
        isStranger(message.session) ? judge({ check, judged }, message) : undefined,
    },
    hears: isStranger,
  };
}

/** Relays for own applications, and those who have proved who they are, are not asked. */
function isStranger({ connector, isAuthenticated, rights }: SessionScope): boolean {
  return (
    connector.senderAuthenticationEnabled &&
    !isAuthenticated &&
    !rights.has("ms-Exch-Bypass-Anti-Spam") &&
    !rights.has("ms-Exch-SMTP-Accept-Any-Recipient")
  );
}

async function judge(
  {
    check,
    judged,
  }: { readonly check: CheckSender; readonly judged: ((one: JudgedMessage) => void) | undefined },
  message: IncomingMessage,
): Promise<MessageAnswer> {
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
  const { organization, connector, remoteAddress } = session;
  const config = organization.senderIdConfig;
  const suspicions = suspectAuthor(readAuthor(message.headerBytes), ownPeople(organization));
  const recipients = message.recipients.map(({ address }) => address);
  const facts = { found, suspicions, remoteAddress, sender: envelope.sender, recipients };
  // Who is on an allow list is only written about.
  const decision: SenderDecision = session.findings.isAllowed
    ? { kind: "accept" }
    : decideSender({ connector, config }, facts);
  const counted = judgedMessage(facts, config, decision);
  if (counted !== undefined) {
    const results = () => formatAuthenticationResults(found, at);
    const header = message.headerBytes;
    const failure = (arrivalMs: number) =>
      messageFailure(facts, { results: results(), header, arrivalMs });
    judged?.({ ...counted, failure });
  }
  if (decision.kind === "refuse" || decision.kind === "discard") return decision;
  const positions = findForgedResults(Buffer.from(message.headerBytes), serverName);
  const removals: HeaderEdit[] =
    positions.length === 0 ? [] : [{ kind: "removeAt", name: RESULTS_FIELD, positions }];
  const doubts = stampedSuspicions(config, suspicions);
  const override = findOverride(config, facts);
  const edits: HeaderEdit[] = [
    ...removals,
    { kind: "prepend", text: formatStamps(found, { doubts, override }) },
    {
      kind: "prepend",
      text: formatAuthenticationResults(found, at) + formatReceivedSpf(found, at),
    },
  ];
  const report = [
    `SID:SenderIDStatus ${senderIdStatus(found.spf.result)}`,
    ...(doubts.length === 0 ? [] : [`P2:${doubts.join(",")}`]),
    `OrigIP:${remoteAddress}`,
  ];
  return { ...decision, edits, findings: { authentication: found, report } };
}

/** Names of people of ours, folded once for each list of them, and domains. */
export function ownPeople(organization: Organization): OwnPeople {
  const { protectedNames } = organization.senderIdConfig;
  let foldedNames = folded.get(protectedNames);
  if (foldedNames === undefined) {
    foldedNames = new Set(protectedNames.map(foldName));
    folded.set(protectedNames, foldedNames);
  }
  return {
    foldedNames,
    isOwnDomain: (domain) => findAcceptedDomain(organization, domain) !== undefined,
  };
}

const folded = new WeakMap<readonly string[], ReadonlySet<string>>();

/** What the header firewall keeps in (reference §9.8), with line ends. */
function formatStamps(
  { spf }: SenderAuthentication,
  {
    doubts,
    override,
  }: { readonly doubts: readonly string[]; readonly override: DmarcOverride | undefined },
): string {
  const prefix = "X-MS-Exchange-Organization-";
  const responsible = parseHostName(spf.domain);
  return (
    `${prefix}SenderIdResult: ${senderIdStatus(spf.result)}\r\n` +
    (responsible === undefined ? "" : `${prefix}PRD: ${responsible}\r\n`) +
    (doubts.length === 0 ? "" : `${prefix}Author-Check: ${doubts.join(", ")}\r\n`) +
    (override === undefined
      ? ""
      : `${prefix}Dmarc-Override: ${override.type} (${override.comment})\r\n`)
  );
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
