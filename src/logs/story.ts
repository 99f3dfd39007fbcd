import { agentText } from "./agent-sentence.ts";
import { APPROVAL_SENTENCES } from "./approval-story.ts";
import { isQuarantining } from "./message-outcome.ts";
import { readSourceContext } from "./source-context.ts";
import type { TrackingRecord } from "./tracking-record.ts";
import { foldToken } from "./tracking-token.ts";

/** One sentence of a message's story. */
export interface StorySentence {
  /** Epoch ms. */
  readonly atMs: number;
  /** As in traces: `Receive`, `Send`, `Defer`; `Wait` for what is still to come. */
  readonly event: string;
  /** Whom it is about; "" when it is the message as a whole. */
  readonly recipient: string;
  readonly text: string;
  /** The number of the message, or of that copy of it, on this server. */
  readonly internalMessageId: string;
  /** The host that it came from, was sent to, or was to be sent to; "" when there was none. */
  readonly host: string;
  /** The session with it, as in its recording and the protocol log; "" when there was none. */
  readonly sessionId: string;
  /** Its answer, or the error that stands for one; "" when there was none. */
  readonly response: string;
  /** The connector that it came in by or left by; "" when there was none. */
  readonly connector: string;
  /** The queue that it waits in; "" when it does not. */
  readonly queue: string;
  /** Epoch ms of the next attempt, when there is a time for it. */
  readonly nextAttemptMs?: number | undefined;
}

/** Where a recipient waits now. */
export interface Waiting {
  /** The number of the message on this server. */
  readonly internalMessageId: string;
  readonly recipient: string;
  /** `Submission`, `fabrikam.test`, … */
  readonly queue: string;
  /** Epoch ms of the next attempt; `undefined` when there is no time for it. */
  readonly nextAttemptMs: number | undefined;
  readonly isSuspended: boolean;
  readonly lastError: string;
}

/** Recipients that one sentence names. */
const NAMED_MAX = 5;

/**
 * Tells what happened to a message, its forks included, as sentences in the order of time; for one
 * recipient, only what concerns it: how it came about, and what became of it.
 */
export function tellStory(
  records: readonly TrackingRecord[],
  about: {
    readonly recipient?: string;
    readonly waiting?: readonly Waiting[];
    readonly nowMs: number;
  },
): readonly StorySentence[] {
  const sorted = records.toSorted((left, right) => left.atMs - right.atMs);
  const concerned = about.recipient === undefined ? undefined : circleOf(sorted, about.recipient);
  const sentences = sorted.flatMap((record) => sentencesOf(record, concerned));
  const waits = (about.waiting ?? [])
    .filter(({ recipient }) => concerned === undefined || concerned.has(keyOf(recipient)))
    .map((one) => ({
      atMs: about.nowMs,
      event: "Wait",
      recipient: one.recipient,
      text: waitText(one, about.nowMs),
      internalMessageId: one.internalMessageId,
      host: "",
      sessionId: "",
      response: one.lastError,
      connector: "",
      queue: one.queue,
      nextAttemptMs: one.nextAttemptMs,
    }));
  return [...sentences, ...waits];
}

function keyOf(address: string): string {
  return foldToken(address.toLowerCase());
}

/** An address with all that led to it and all that it became by resolving or redirecting. */
function circleOf(records: readonly TrackingRecord[], recipient: string): ReadonlySet<string> {
  const circle = new Set([keyOf(recipient)]);
  const links = records.flatMap((record) =>
    record.relatedRecipient === ""
      ? []
      : record.recipients.map((to) => ({
          from: keyOf(record.relatedRecipient),
          to: keyOf(to),
          isExpansion: record.eventId === "EXPAND" || record.eventId === "DUPLICATEEXPAND",
        })),
  );
  const ancestors = new Set(circle);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { from, to, isExpansion } of links) {
      if (ancestors.has(to) && !ancestors.has(from)) {
        ancestors.add(from);
        grown = true;
      }
      if (circle.has(from) && !circle.has(to) && !isExpansion) {
        circle.add(to);
        grown = true;
      }
    }
  }
  return new Set([...circle, ...ancestors]);
}

function sentencesOf(
  record: TrackingRecord,
  concerned: ReadonlySet<string> | undefined,
): readonly StorySentence[] {
  const isConcerned = (address: string) => concerned === undefined || concerned.has(keyOf(address));
  const tell = TELLERS[record.eventId];
  const { atMs, internalMessageId } = record;
  const event = tell?.event ?? record.eventId;
  const connector = record.source === "SMTP" || record.eventId === "SEND" ? record.connectorId : "";
  const { sessionId } = readSourceContext(record.sourceContext);
  const facts = { internalMessageId, host: otherSideOf(record), sessionId, connector, queue: "" };
  if (tell?.perRecipient === undefined) {
    const named = [...record.recipients, record.relatedRecipient].filter((one) => one !== "");
    if (named.length > 0 && !named.some(isConcerned)) return [];
    const whom = namesOf(record.recipients, isConcerned);
    const text = (tell?.whole ?? plainText)(record, whom);
    return text === "" ? [] : [{ atMs, event, recipient: "", text, response: "", ...facts }];
  }
  const { perRecipient } = tell;
  return record.recipients.flatMap((recipient, at) => {
    if (!isConcerned(recipient) && !isConcerned(record.relatedRecipient)) return [];
    const answer = record.recipientStatuses[at] ?? "";
    const text = perRecipient(record, { recipient, answer });
    return [{ atMs, event, recipient, text, response: isAnswered(record) ? answer : "", ...facts }];
  });
}

/** Events whose statuses are answers of the other side. */
const ANSWERED: ReadonlySet<string> = new Set(["SEND", "DELIVER", "FAIL", "DEFER"]);

function isAnswered(record: TrackingRecord): boolean {
  return ANSWERED.has(record.eventId) && record.source !== "ADMIN" && !isQuarantining(record);
}

/** The client of what has come in, the server of what has gone out. */
function otherSideOf(record: TrackingRecord): string {
  const { eventId, source, clientIp, serverIp } = record;
  if (eventId === "RECEIVE") {
    return source === "SMTP" && clientIp !== "" ? hostOf(record.clientHostname, clientIp) : "";
  }
  const isOutgoing = ["SEND", "FAIL", "DEFER"].includes(eventId) && serverIp !== "";
  return isOutgoing ? hostOf(record.serverHostname, serverIp) : "";
}

interface Teller {
  readonly event: string;
  /** `whom` names its recipients. */
  readonly whole?: (record: TrackingRecord, whom: string) => string;
  readonly perRecipient?: (
    record: TrackingRecord,
    one: { readonly recipient: string; readonly answer: string },
  ) => string;
}

const APPROVALS = Object.entries(APPROVAL_SENTENCES).map(
  ([id, whole]): readonly [string, Teller] => [id, { event: "Approval", whole }],
);

const TELLERS: Readonly<Record<string, Teller>> = {
  ...Object.fromEntries(APPROVALS),
  RECEIVE: { event: "Receive", whole: receiveText },
  SEND: { event: "Send", perRecipient: sendText },
  DELIVER: {
    event: "Deliver",
    perRecipient: (record, { recipient, answer }) =>
      `It was delivered to the mailbox of ${recipient}${said(answer)}${duplicate(record)}.`,
  },
  DUPLICATEDELIVER: {
    event: "Deliver",
    perRecipient: (_record, { recipient }) =>
      `The mailbox of ${recipient} had it already; the second copy was dropped.`,
  },
  FAIL: { event: "Fail", perRecipient: failText },
  DEFER: { event: "Defer", perRecipient: deferText },
  EXPAND: {
    event: "Expand",
    whole: ({ relatedRecipient }, whom) => `The group ${relatedRecipient} was expanded to ${whom}.`,
  },
  DUPLICATEEXPAND: {
    event: "Expand",
    whole: ({ relatedRecipient }, whom) =>
      `Of the group ${relatedRecipient}, ${whom} had it already by another way.`,
  },
  RESOLVE: {
    event: "Resolve",
    perRecipient: ({ relatedRecipient }, { recipient }) =>
      `${relatedRecipient} was resolved to ${recipient}.`,
  },
  AGENTINFO: { event: "Note", whole: ({ sourceContext }) => agentText(sourceContext) },
  REDIRECT: { event: "Redirect", perRecipient: redirectText },
  DUPLICATEREDIRECT: {
    event: "Redirect",
    perRecipient: ({ relatedRecipient }, { recipient }) =>
      `${relatedRecipient} forwards to ${recipient}, who is a recipient already.`,
  },
  TRANSFER: {
    event: "Transfer",
    whole: ({ internalMessageId, reference }, whom) =>
      `A copy of its own was made for ${whom}: message ${internalMessageId}, ` +
      `out of ${reference}.`,
  },
  DSN: { event: "Notice", whole: noticeText },
  DROP: { event: "Drop", perRecipient: dropText },
  POISONMESSAGE: {
    event: "Poison",
    whole: (_record, whom) =>
      "The server failed while it worked on this message, so that it was set aside in the " +
      `Poison queue for ${whom}. Resume-Message lets it try again.`,
  },
  BADMAIL: {
    event: "Fail",
    whole: (record) => `The file could not be taken in as mail${because(record.sourceContext)}.`,
  },
  LOAD: { event: "Load", whole: () => "It was read from the queue database at a start." },
  RESUBMIT: {
    event: "Submit",
    whole: (record, whom) => {
      if (record.source === "SAFETYNET") {
        const by = /;by=(.*)$/.exec(record.sourceContext)?.[1] ?? "an administrator";
        return `It came out of the Safety Net once more for ${whom}, as ${by} had asked.`;
      }
      const admin = actOf(record);
      if (admin === undefined) return "It was submitted again.";
      return `${admin.by} released it from the quarantine for ${whom}.`;
    },
  },
};

function plainText(record: TrackingRecord, whom: string): string {
  const { eventId, source, sourceContext, recipients } = record;
  const about = recipients.length === 0 ? "" : ` for ${whom}`;
  return `${eventId} by ${source}${about}${because(sourceContext)}.`;
}

function receiveText(record: TrackingRecord, whom: string): string {
  const { source, sender, returnPath, totalBytes } = record;
  if (source === "DSN") {
    return `This server wrote the notice for ${whom} about ${record.reference}.`;
  }
  if (source === "AGENT") {
    const about = record.reference === "" ? "" : ` about ${record.reference}`;
    return `This server wrote it for ${whom}${about}${because(record.sourceContext)}.`;
  }
  const from = returnPath === "<>" ? "the empty sender" : returnPath;
  const author = sender === returnPath || sender === "" ? "" : `, written by ${sender}`;
  const size = `${totalBytes} bytes`;
  const ends = `from ${from}${author}, for ${whom} (${size})`;
  if (source !== "SMTP") return `It was taken in from ${placeOf(record)}, ${ends}.`;
  const client = hostOf(record.clientHostname, record.clientIp);
  const connector = record.connectorId === "" ? "" : ` by connector "${record.connectorId}"`;
  return `It was received${connector} from ${client}, ${ends}.`;
}

function placeOf({ source }: TrackingRecord): string {
  if (source === "PICKUP") return "the Pickup directory";
  return source === "REPLAY" ? "the Replay directory" : source;
}

function sendText(
  record: TrackingRecord,
  { recipient, answer }: { readonly recipient: string; readonly answer: string },
): string {
  const connector = record.connectorId === "" ? "" : ` by connector "${record.connectorId}"`;
  const host = hostOf(record.serverHostname, record.serverIp);
  const tls = /S:TlsVersion=([^;]+)/.exec(record.customData)?.[1];
  const secured = tls === undefined ? " without TLS" : ` over ${tls}`;
  const end = `${said(answer)}${duplicate(record)}`;
  return `It was sent for ${recipient}${connector} to ${host}${secured}${end}.`;
}

function failText(
  record: TrackingRecord,
  { recipient, answer }: { readonly recipient: string; readonly answer: string },
): string {
  if (isQuarantining(record)) {
    const why = because(record.sourceContext);
    return `It was put in quarantine, and kept from ${recipient}${why}.`;
  }
  const admin = actOf(record);
  if (admin !== undefined) return `${admin.by} removed it for ${recipient} (${admin.act}).`;
  return `It failed for good for ${recipient}${remoteWords(record, answer)}.`;
}

function dropText(record: TrackingRecord, { recipient }: { readonly recipient: string }): string {
  const admin = actOf(record);
  if (admin === undefined) {
    const why = because(record.sourceContext);
    return `It goes no further for ${recipient}, and nobody is told${why}.`;
  }
  const what = `took it out of the queue for ${recipient} (${admin.act})`;
  return `${admin.by} ${what}, and nobody is told.`;
}

function deferText(
  record: TrackingRecord,
  { recipient, answer }: { readonly recipient: string; readonly answer: string },
): string {
  const admin = actOf(record);
  if (admin?.act === "Suspend-Message") return `${admin.by} suspended it for ${recipient}.`;
  if (admin?.act === "Resume-Message") return `${admin.by} let it go on for ${recipient}.`;
  if (admin !== undefined) return `${admin.by} acted on it for ${recipient} (${admin.act}).`;
  return `It was put off for ${recipient}${remoteWords(record, answer)}.`;
}

function redirectText(
  record: TrackingRecord,
  { recipient, answer }: { readonly recipient: string; readonly answer: string },
): string {
  const admin = actOf(record);
  const { relatedRecipient } = record;
  if (admin !== undefined) return `${admin.by} redirected ${relatedRecipient} to ${recipient}.`;
  const why = answer === "" ? "" : `, as it had failed${said(answer)}`;
  return `In place of ${relatedRecipient} it goes to ${recipient}${why}.`;
}

const NOTICES: Readonly<Record<string, string>> = {
  failed: "that it failed",
  delayed: "that it is delayed",
  delivered: "that it was delivered",
  relayed: "that it was sent on",
  expanded: "that it was expanded",
};

function noticeText({ recipientStatuses, reference }: TrackingRecord, whom: string): string {
  const kind = recipientStatuses[0] ?? "";
  const what = NOTICES[kind] ?? `of what became of it (${kind})`;
  return `The sender was told ${what} for ${whom}, by the notice ${reference}.`;
}

/** `Suspend-Message;by=root` of an administrator's act. */
function actOf({ source, sourceContext }: TrackingRecord) {
  if (source !== "ADMIN") return undefined;
  const [, act = sourceContext, by = "an administrator"] =
    /^([^;]*);by=(.*)$/.exec(sourceContext) ?? [];
  return { act, by };
}

function remoteWords(record: TrackingRecord, answer: string): string {
  const host = record.serverIp === "" ? "" : hostOf(record.serverHostname, record.serverIp);
  if (answer === "") return because(record.sourceContext);
  return host === "" ? `: ${answer}` : `: ${host} said "${answer}"`;
}

function said(answer: string): string {
  return answer === "" ? "" : `, which answered "${answer}"`;
}

function because(context: string): string {
  const { about } = readSourceContext(context);
  return about === "" ? "" : ` (${about})`;
}

function duplicate({ customData }: TrackingRecord): string {
  return customData.includes("S:PossibleDuplicate=True")
    ? "; it may have got there once before, as the server stopped during an earlier attempt"
    : "";
}

function hostOf(name: string, ip: string): string {
  if (name === "" || name === ip) return ip === "" ? "an unknown host" : `[${ip}]`;
  return ip === "" ? name : `${name} [${ip}]`;
}

/**
 * Some of them by name. In the story of one recipient the others are only counted: who else got the
 * message is nothing that a blind copy may tell.
 */
function namesOf(recipients: readonly string[], isConcerned: (one: string) => boolean): string {
  const named = recipients.filter(isConcerned).slice(0, NAMED_MAX);
  const more = recipients.length - named.length;
  if (recipients.length === 0) return "nobody";
  const others = more === 1 ? "1 other" : `${more} others`;
  if (named.length === 0) return others;
  return more > 0 ? `${named.join(", ")} and ${others}` : named.join(", ");
}

function waitText(one: Waiting, nowMs: number): string {
  const where = `It waits in queue ${one.queue} for ${one.recipient}`;
  const error = one.lastError === "" ? "" : ` Last error: ${one.lastError}`;
  if (one.isSuspended) return `${where}, suspended by an administrator.${error}`;
  if (one.nextAttemptMs === undefined || one.nextAttemptMs <= nowMs) return `${where}.${error}`;
  return `${where}; next try at ${new Date(one.nextAttemptMs).toISOString()}.${error}`;
}
