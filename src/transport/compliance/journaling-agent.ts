import { randomBytes } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { type Address, addressKey, parseAddress } from "../../mail/address.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import { parseMailboxList } from "../../mail/mailbox-list.ts";
import { newMessageId } from "../../mail/message-id.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { editsFor } from "../../mail/outgoing-firewall.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { Directory } from "../../org/directory.ts";
import type { JournalRule } from "../../org/journal-rule.ts";
import type { Organization } from "../../org/organization.ts";
import { postmasterOf } from "../../org/postmaster.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import type {
  AgentSubmission,
  RoutingAgent,
  RoutingAnswer,
  RoutingMessage,
  RoutingRecipient,
} from "../agents/routing-agent.ts";
import type { StageContent } from "../queue/staged-content.ts";
import { isInScope, type JournalFacts, journalFacts } from "./journal-facts.ts";
import { JournalMembers } from "./journal-members.ts";
import {
  type Addressing,
  composeJournalReport,
  type JournaledRecipient,
} from "./journal-report.ts";

/** What the journaling agent works with. */
export interface JournalingDependencies {
  readonly directory: Directory;
  readonly clock: Clock;
  /** Takes reports that are too large for memory. */
  readonly stage: StageContent;
}

/** A larger original goes to the store piece by piece. */
const IN_MEMORY_BYTES_MAX = 1024 * 1024;
/** Addresses of To and Cc that are looked at. */
const ADDRESSED_MAX = 10_000;
const HEADER_BYTES_MAX = 1024 * 1024;
const HEADER_END = Buffer.from("\r\n\r\n");
/** A report of another server of ours; strangers' mail never has it (reference §4.7). */
const REPORT_STAMP = "x-ms-exchange-organization-journal-report";

/**
 * Sends a journal report to each mailbox whose rules a message is about (reference §17.1). Reports
 * are stored in the transaction that sends the message on: none without it, and none twice.
 */
export function journalingAgent(dependencies: JournalingDependencies): RoutingAgent {
  const members = new JournalMembers(dependencies.directory);
  let known: Organization | undefined;
  return {
    agent: TRANSPORT_AGENTS.journaling,
    on: {
      OnRoutedMessage(message) {
        if (message.organization !== known) members.forget();
        known = message.organization;
        return journal(message, members, dependencies);
      },
    },
    hears: ({ journalRules }) => journalRules.some(({ enabled }) => enabled),
  };
}

async function journal(
  routing: RoutingMessage,
  members: JournalMembers,
  dependencies: JournalingDependencies,
): Promise<RoutingAnswer> {
  const { organization, message } = routing;
  if (message.firewalledNames?.includes(REPORT_STAMP) === true) return {};
  const rules = organization.journalRules.filter(({ enabled }) => enabled);
  const exempt = exemptKeys(organization, rules);
  const isExempt = (key: string) => exempt.has(key);
  const recipients = routing.recipients.filter(
    ({ recipient }) => !isExempt(addressKey(recipient.address)),
  );
  const facts = journalFacts(organization, message, recipients);
  if (recipients.length === 0 || isFromExempt(facts, isExempt)) return {};
  const to = new Map<string, Address>();
  for (const rule of rules) {
    const { journalEmailAddress: address } = rule;
    if (to.has(addressKey(address)) || !isInScope(rule, facts)) continue;
    if (await isAbout(rule, facts, members)) to.set(addressKey(address), address);
  }
  if (to.size === 0) return {};
  return { submissions: [await report(routing, [...to.values()], dependencies)] };
}

/** Neither a stranger nor one of us gets past the rules by calling himself the archive. */
function isFromExempt(
  { senders, isSenderInside }: JournalFacts,
  isExempt: (key: string) => boolean,
): boolean {
  return isSenderInside && senders.size > 0 && [...senders].every(isExempt);
}

/** Journaling mailboxes and the one for lost reports: what they send and get is not reported. */
function exemptKeys(
  { transportConfig: { journalingReportNdrTo } }: Organization,
  rules: readonly JournalRule[],
): ReadonlySet<string> {
  const addresses = rules.map(({ journalEmailAddress }) => journalEmailAddress);
  if (journalingReportNdrTo !== undefined) addresses.push(journalingReportNdrTo);
  return new Set(addresses.map(addressKey));
}

async function isAbout(
  { recipient }: JournalRule,
  { senders, recipients }: JournalFacts,
  members: JournalMembers,
): Promise<boolean> {
  if (recipient === undefined) return true;
  const keys = await members.keysOf(recipient);
  if (keys === "everybody") return true;
  const isNamed = (key: string) => keys.has(key);
  return [...senders].some(isNamed) || [...recipients].some(isNamed);
}

async function report(
  { organization, message, recipients, content }: RoutingMessage,
  to: readonly Address[],
  { clock, stage }: JournalingDependencies,
): Promise<AgentSubmission> {
  const { server, transportConfig } = organization;
  const edits = editsFor(message, { audience: "anyone", serverName: server.fqdn });
  const open = () => openOutgoing(content, edits);
  const written = await readAddressing(message, open());
  const { envelope } = message;
  const { before, after } = composeJournalReport({
    from: postmasterOf(organization),
    to,
    internetMessageId: newMessageId(server.fqdn),
    nowMs: clock.nowMs(),
    boundaryKey: randomBytes(12).toString("hex"),
    original: {
      sender: message.headerFrom || envelope.sender,
      onBehalfOf: written.onBehalfOf,
      subject: message.subject,
      internetMessageId: message.internetMessageId,
      body: envelope.body,
      smtpUtf8: envelope.smtpUtf8,
    },
    recipients: recipients.map((one) => journaled(one, written)),
  });
  const submission = {
    sender: "",
    recipients: to,
    subject: message.subject,
    purpose: "Journaling",
    body: envelope.body === "BINARYMIME" ? "BINARYMIME" : "8BITMIME",
    smtpUtf8: envelope.smtpUtf8,
    // The limits have let the original through.
    originalBytes: message.origin.originalBytes ?? message.contentBytes,
    alternateRecipient: transportConfig.journalingReportNdrTo,
  } as const;
  const whole = surrounded(before, open(), after);
  if (message.contentBytes > IN_MEMORY_BYTES_MAX) {
    return { ...submission, content: [], staged: { head: before, ...(await stage(whole)) } };
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of whole) pieces.push(piece);
  return { ...submission, content: pieces };
}

async function* surrounded(
  before: Uint8Array,
  content: AsyncIterable<Uint8Array>,
  after: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield before;
  yield* content;
  yield after;
}

/** How the author addressed people; `undefined`: nobody vouches for what the header says. */
interface WrittenAddressing {
  readonly to: ReadonlySet<string> | undefined;
  readonly cc: ReadonlySet<string>;
  readonly onBehalfOf: string | undefined;
}

const UNKNOWN: WrittenAddressing = { to: undefined, cc: new Set(), onBehalfOf: undefined };

/** Only people of ours who have logged on are believed (reference §17.1). */
async function readAddressing(
  { origin }: Pick<QueuedMessage, "origin">,
  content: AsyncIterable<Uint8Array>,
): Promise<WrittenAddressing> {
  if (origin.authAs !== "Internal" && origin.account === undefined) return UNKNOWN;
  const fields = parseHeaderFields(await readHeader(content));
  const keysOf = (wanted: string): ReadonlySet<string> => {
    const values = fields.filter(({ name }) => name === wanted);
    return new Set(
      values.flatMap(({ value }) =>
        parseMailboxList(value, ADDRESSED_MAX).flatMap(({ address }) =>
          address === undefined ? [] : [addressKey(address)],
        ),
      ),
    );
  };
  const [from] = keysOf("from");
  const [sender] = keysOf("sender");
  const isForAnother = from !== undefined && sender !== undefined && from !== sender;
  return {
    to: keysOf("to"),
    cc: keysOf("cc"),
    onBehalfOf: isForAnother ? parseAddress(from, { smtpUtf8: true }) : undefined,
  };
}

async function readHeader(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let header = Buffer.alloc(0);
  for await (const piece of content) {
    header = Buffer.concat([header, piece.subarray(0, HEADER_BYTES_MAX)]);
    const end = header.indexOf(HEADER_END);
    if (end >= 0) return header.subarray(0, end);
    if (header.length > HEADER_BYTES_MAX) break;
  }
  return header;
}

function journaled(
  { recipient, asWritten, steps: [first] }: RoutingRecipient,
  { to, cc }: WrittenAddressing,
): JournaledRecipient {
  const original = recipient.originalRecipient?.address.toLowerCase();
  const keys = [addressKey(asWritten), ...(original === undefined ? [] : [original])];
  let addressing: Addressing = "Bcc";
  if (to === undefined) addressing = "Recipient";
  else if (keys.some((key) => to.has(key))) addressing = "To";
  else if (keys.some((key) => cc.has(key))) addressing = "Cc";
  const by = first && {
    kind: first.kind === "group" ? ("Expanded" as const) : ("Forwarded" as const),
    address: first.key,
  };
  return { addressing, address: recipient.address, by };
}
