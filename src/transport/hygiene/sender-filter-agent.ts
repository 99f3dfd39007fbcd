import type { Address } from "../../mail/address.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import { parseMailboxList } from "../../mail/mailbox-list.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { CachedDirectory } from "../../org/directory.ts";
import type { SenderFilterConfig } from "../../org/hygiene-settings.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import { listedIn } from "../../org/safe-lists.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  AgentSession,
  CommandAnswer,
  HeaderSubject,
  MessageAnswer,
  ReceiveAgent,
  RecipientSubject,
} from "../agents/receive-agent.ts";
import { blockedBy, blocksAnybody } from "./blocked-sender.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";

/** Authors that are looked at; a header with more is refused or taken by others. */
const AUTHORS_MAX = 50;

/** Reference §9.3 */
const DENIED: Reply = { code: 554, status: "5.1.0", lines: ["Sender Denied"] };
/** RFC 3463: X.7.1, "delivery not authorized, message refused". */
const NOT_WANTED: Reply = {
  code: 550,
  status: "5.7.1",
  lines: ["The recipient does not take mail from this sender"],
};

/** Where mailboxes are looked up; those of this session have been just now. */
type Mailboxes = Pick<CachedDirectory, "peekRecipient" | "findRecipients">;

/** Blocked senders of the organization and of each mailbox (reference §9.3). */
export function senderFilterAgent(directory: Mailboxes): ReceiveAgent {
  /** Sessions in which a recipient has blocked somebody: in all others headers are not read. */
  const listed = new WeakSet<AgentSession>();
  return {
    agent: TRANSPORT_AGENTS.senderFilter,
    hears: (session) => mayBeInScope(configOf(session), session),
    on: {
      OnMailCommand({ session, envelope }) {
        if (!isInScope(configOf(session), session)) return undefined;
        return judge(session, [envelope.sender]);
      },
      OnRcptCommand(subject) {
        const { session, recipient } = subject;
        if (!isInScope(configOf(session), session)) return undefined;
        const judge = (found: OrganizationRecipient | null | undefined) => {
          if (found?.kind !== "mailbox" || found.blockedSenders.length === 0) return undefined;
          listed.add(session);
          return judgeForRecipient(subject, found.blockedSenders);
        };
        const known = directory.peekRecipient(recipient.address);
        if (known !== undefined) return judge(known);
        return directory
          .findRecipients([recipient.address])
          .then(([found]) => judge(found) ?? NOTHING);
      },
      OnEndOfHeaders(subject) {
        const { session, headerBytes } = subject;
        const config = configOf(session);
        if (!isInScope(config, session)) return undefined;
        if (!listed.has(session) && !blocksAnybody(config)) return undefined;
        const authors = authorsOf(headerBytes);
        const answer = judge(session, authors);
        if (answer?.kind === "refuse" || !listed.has(session)) return answer;
        return judgeForAll(directory, subject, authors).then((found) => found ?? answer ?? NOTHING);
      },
    },
  };
}

const NOTHING = { kind: "accept" } as const;

function configOf({ organization }: Pick<AgentSession, "organization">): SenderFilterConfig {
  return organization.hygiene.senderFilterConfig;
}

/** What the organization's lists say of senders. */
function judge(
  session: AgentSession,
  senders: readonly (Address | "")[],
): Extract<CommandAnswer, { readonly kind: "accept" | "refuse" }> | undefined {
  const config = configOf(session);
  const [by] = senders.flatMap((sender) => blockedBy(config, sender) ?? []);
  if (by === undefined) return undefined;
  if (config.action === "StampStatus") {
    const report = [`SenderOnBlockList:${by}`];
    return { kind: "accept", findings: { isSenderBlocked: true, report } };
  }
  return { kind: "refuse", reply: DENIED, reason: "BlockedSender", data: by, endsSession: true };
}

/** A mailbox's own list, held against MAIL FROM; what is to be deleted is taken here. */
function judgeForRecipient(
  { session, envelope }: RecipientSubject,
  blockedSenders: readonly string[],
): CommandAnswer | undefined {
  if (configOf(session).recipientBlockedSenderAction !== "Reject") return undefined;
  const by = listedIn(blockedSenders, envelope.sender);
  if (by === undefined) return undefined;
  return { kind: "refuse", reply: NOT_WANTED, reason: "RecipientBlockedSender", data: by };
}

/** The mailboxes' own lists, held against the authors too: by now nobody can be refused alone. */
async function judgeForAll(
  directory: Mailboxes,
  { session, envelope, recipients }: HeaderSubject,
  authors: readonly Address[],
): Promise<MessageAnswer | undefined> {
  const addresses = recipients.map(({ address }) => address);
  const blockers = await blockersOf(directory, addresses, [envelope.sender, ...authors]);
  const removeRecipients = addresses.filter((_address, index) => blockers[index] !== undefined);
  if (removeRecipients.length === 0) return undefined;
  const reason = "RecipientBlockedSender";
  if (removeRecipients.length < addresses.length) return { kind: "accept", removeRecipients };
  const data = blockers[0] ?? "";
  return configOf(session).recipientBlockedSenderAction === "Reject"
    ? { kind: "refuse", reply: NOT_WANTED, reason, data }
    : { kind: "discard", reason, data };
}

/** By recipient: the entry of its list that names one of the senders. */
async function blockersOf(
  directory: Mailboxes,
  recipients: readonly Address[],
  senders: readonly (Address | "")[],
): Promise<readonly (string | undefined)[]> {
  const found = await directory.findRecipients(recipients);
  return found.map((one) => {
    if (one?.kind !== "mailbox" || one.blockedSenders.length === 0) return undefined;
    const { blockedSenders } = one;
    return senders.flatMap((sender) => listedIn(blockedSenders, sender) ?? [])[0];
  });
}

/** Every address of every From field: which of them a reader shows is not known. */
function authorsOf(headerBytes: Uint8Array): readonly Address[] {
  return parseHeaderFields(headerBytes)
    .flatMap(({ name, value }) => (name === "from" ? parseMailboxList(value, AUTHORS_MAX) : []))
    .slice(0, AUTHORS_MAX)
    .flatMap(({ address }) => address ?? []);
}
