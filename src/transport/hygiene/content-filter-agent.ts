import { unreachable } from "../../base/assert.ts";
import { type Address, addressKey, domainOf } from "../../mail/address.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import { parseMailboxList } from "../../mail/mailbox-list.ts";
import { unprovenIdentities } from "../../mailauth/unproven-identities.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { Directory } from "../../org/directory.ts";
import { isSafeFor } from "../../org/safe-lists.ts";
import type { ContentFilterConfig } from "../../org/scanner-settings.ts";
import type { RspamdRating } from "../../scan/rspamd-answer.ts";
import type {
  AgentSession,
  Findings,
  IncomingMessage,
  MessageAnswer,
  ReceiveAgent,
} from "../agents/receive-agent.ts";
import { fieldText } from "./milter-header.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";
import { spamFate } from "./spam-level.ts";
import { type RatingTools, rateMessage, type SpamRating } from "./spam-rating.ts";

/** Rates mail as spam, and acts on that (reference §9.6). */
export function contentFilterAgent(directory: Directory, tools: RatingTools): ReceiveAgent {
  return {
    agent: TRANSPORT_AGENTS.contentFilter,
    hears: (session) => mayBeInScope(configOf(session), session),
    on: {
      OnEndOfData(message) {
        const config = configOf(message.session);
        if (!isInScope(config, message.session)) return undefined;
        return judge(config, { message, directory, tools });
      },
    },
  };
}

function configOf({ organization }: Pick<AgentSession, "organization">): ContentFilterConfig {
  return organization.scanning.contentFilterConfig;
}

async function judge(
  config: ContentFilterConfig,
  given: {
    readonly message: IncomingMessage;
    readonly directory: Directory;
    readonly tools: RatingTools;
  },
): Promise<MessageAnswer> {
  const { message, tools } = given;
  const bypass = senderBypass(config, message) ?? (await recipientBypass(config, given));
  if (bypass !== undefined) return { kind: "accept", findings: { scl: -1, report: [bypass] } };
  const rated = await rateMessage(message, tools);
  if (!rated.ok) throw new Error(`no rating: ${rated.fault.kind}, ${rated.fault.text}`);
  // Blocked by the sender filter, which was told to leave it to us (reference §9.3).
  const isBlocked = message.session.findings.isSenderBlocked === true;
  const level = isBlocked ? Math.max(rated.value.level, BLOCKED_SENDER_LEVEL) : rated.value.level;
  return act(config, { ...rated.value, level });
}

const BLOCKED_SENDER_LEVEL = 6;

function act(config: ContentFilterConfig, rating: SpamRating): MessageAnswer {
  const { level, report, rspamd } = rating;
  const data = `SCL ${level}`;
  const findings: Findings = { scl: level, report };
  if (rspamd?.action === "soft reject") {
    const text = rspamd.smtpMessage ?? "Try again later";
    const reply = { code: 451, status: "4.7.1", lines: [text] };
    return { kind: "refuse", reply, reason: "SoftReject" };
  }
  const fate = spamFate(config, level);
  switch (fate) {
    case "delete":
      return { kind: "discard", reason: "SclAtOrAboveDeleteThreshold", data, findings };
    case "reject": {
      const reply = { code: 550, status: "5.7.1", lines: [config.rejectionResponse] };
      return { kind: "refuse", reply, reason: "SclAtOrAboveRejectThreshold", data, findings };
    }
    case "quarantine": {
      const reason = `Spam confidence level ${level}`;
      return { kind: "quarantine", type: "Spam", reason, findings };
    }
    case "deliver": {
      const edits = config.headersEnabled && rspamd ? editsOf(rspamd) : [];
      return { kind: "accept", findings, ...(edits.length > 0 && { edits }) };
    }
    default:
      return unreachable(fate);
  }
}

/** Fields that say what we think of a message are ours to write. */
const OURS = /^(?:x-ms-exchange-|received$|return-path$)/i;

/** What rspamd wants to see in the header; what it would take out and is not there is no matter. */
function editsOf({ addFields, removeFields }: RspamdRating): readonly HeaderEdit[] {
  const removed = removeFields.filter(({ name }) => !OURS.test(name));
  const text = addFields
    .filter(({ name }) => !OURS.test(name))
    .map(({ name, value }) => `${name}:${fieldText(value, false)}\r\n`);
  return [
    ...removed.map(
      ({ name, index }): HeaderEdit =>
        index === 0 ? { kind: "remove", name } : { kind: "removeAt", name, positions: [index - 1] },
    ),
    ...(text.length > 0 ? [{ kind: "prepend", text: text.join("") } as const] : []),
  ];
}

/** Whom lists of users may believe: where it was checked, nobody whom nothing bears out. */
function provenSenders(
  { session, envelope: { sender } }: IncomingMessage,
  authors: readonly Address[],
): readonly (Address | "")[] {
  const { authentication } = session.findings;
  const unproven = authentication === undefined ? [] : unprovenIdentities(authentication);
  return [
    ...(unproven.includes("sender") ? [] : [sender]),
    ...(unproven.includes("author") ? [] : authors),
  ];
}

/** Whom the lists of administrators may believe: nobody who has been found to be somebody else. */
function believedSender({ session, envelope: { sender } }: IncomingMessage): Address | "" {
  const { spf } = session.findings.authentication ?? {};
  return spf?.result === "fail" && spf.identity === "mailfrom" ? "" : sender;
}

function senderBypass(
  { bypassedSenders, bypassedSenderDomains }: ContentFilterConfig,
  message: IncomingMessage,
): string | undefined {
  const sender = believedSender(message);
  if (sender === "") return undefined;
  const key = addressKey(sender);
  if (bypassedSenders.some((one) => addressKey(one) === key)) return "SenderBypassed:address";
  const domain: string = domainOf(sender);
  const isListed = bypassedSenderDomains.some((pattern) => {
    const bare = pattern.replace(/^\*\./, "");
    return domain === bare || (bare !== pattern && domain.endsWith(`.${bare}`));
  });
  return isListed ? "SenderBypassed:domain" : undefined;
}

/** All recipients want their mail unrated, by the organization's word or their own. */
async function recipientBypass(
  { bypassedRecipients }: ContentFilterConfig,
  { message, directory }: { readonly message: IncomingMessage; readonly directory: Directory },
): Promise<string | undefined> {
  const keys = new Set(bypassedRecipients.map(addressKey));
  const addresses = message.recipients.map(({ address }) => address);
  const rest = addresses.filter((address) => !keys.has(addressKey(address)));
  if (rest.length === 0) return "AllRecipientsBypassed:true";
  const found = await directory.findRecipients(rest);
  const mail = listedAddresses(message);
  const isSafe = found.every(
    (one) => one?.kind === "mailbox" && (one.antispamBypassEnabled || isSafeFor(one, mail)),
  );
  return isSafe ? "AllRecipientsBypassed:lists" : undefined;
}

const LISTED_MAX = 50;

function listedAddresses(message: IncomingMessage): {
  readonly senders: readonly (Address | "")[];
  readonly addressed: readonly Address[];
} {
  const fields = parseHeaderFields(message.headerBytes);
  const of = (...names: readonly string[]) =>
    fields
      .flatMap(({ name, value }) =>
        names.includes(name) ? parseMailboxList(value, LISTED_MAX) : [],
      )
      .slice(0, LISTED_MAX)
      .flatMap(({ address }) => address ?? []);
  return { senders: provenSenders(message, of("from")), addressed: of("to", "cc") };
}
