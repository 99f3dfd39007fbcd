import { readSourceContext } from "./source-context.ts";
import type { TrackingRecord } from "./tracking-record.ts";
import { foldToken } from "./tracking-token.ts";

/** What became of a message for one recipient, in the words of message traces (reference §7.2). */
export const TRACE_STATUSES = [
  "GettingStatus",
  "Pending",
  "Delivered",
  "Expanded",
  "Failed",
  "Quarantined",
  "FilteredAsSpam",
] as const;

/** A word out of TRACE_STATUSES. */
export type TraceStatus = (typeof TRACE_STATUSES)[number];

/** One recipient of a traced message. */
export interface RecipientOutcome {
  readonly recipient: string;
  readonly status: TraceStatus;
  /** Addresses that led to this one: aliases, groups, who forwards to it. */
  readonly via: readonly string[];
  /** When it came to that; epoch ms. */
  readonly atMs: number;
  /** The remote's words, or why. */
  readonly detail: string;
  /** Where it was sent to; "" when it was nowhere. */
  readonly toIp: string;
  readonly connector: string;
}

/** A message with what became of it for each recipient. */
export interface MessageOutcome {
  readonly networkMessageId: string;
  readonly messageId: string;
  readonly internalMessageIds: readonly string[];
  /** Epoch ms; of its first event when its arrival is no longer in the log. */
  readonly receivedMs: number;
  /** Whether its arrival is in the log. */
  readonly isWhole: boolean;
  readonly sender: string;
  readonly returnPath: string;
  readonly subject: string;
  readonly bytes: number;
  readonly fromIp: string;
  /** The connector that it came in by. */
  readonly receiveConnector: string;
  readonly recipients: readonly RecipientOutcome[];
}

interface Fate {
  recipient: string;
  status: TraceStatus;
  via: string[];
  atMs: number;
  detail: string;
  toIp: string;
  connector: string;
  /** It has become another address, and nothing has been heard of it since. */
  isReplaced: boolean;
}

/** Events that end a recipient's way, and how; DSN, TRANSFER and the like change nothing. */
const ENDINGS: Readonly<Record<string, TraceStatus>> = {
  SEND: "Delivered",
  DELIVER: "Delivered",
  DUPLICATEDELIVER: "Delivered",
  PROCESS: "Delivered",
  FAIL: "Failed",
  DELIVERFAIL: "Failed",
  BADMAIL: "Failed",
  DROP: "Failed",
};

/** Events that say why it still waits. */
const WAITS: ReadonlySet<string> = new Set([
  ...["DEFER", "POISONMESSAGE", "RESUBMIT", "LOAD"],
  ...["INITMESSAGECREATED", "MODERATORAPPROVE"],
]);

/** Events by which an address becomes another one. */
const REPLACEMENTS: ReadonlySet<string> = new Set(["RESOLVE", "REDIRECT", "DUPLICATEREDIRECT"]);

/**
 * What the events of one message, forks included, come to. `records` are in the order of the log,
 * at least one.
 */
export function outcomeOf(records: readonly TrackingRecord[]): MessageOutcome | undefined {
  const sorted = records.toSorted((left, right) => left.atMs - right.atMs);
  const received = sorted.find(({ eventId }) => eventId === "RECEIVE");
  const first = received ?? sorted[0];
  if (first === undefined) return undefined;
  const fates = new Map<string, Fate>();
  for (const record of sorted) apply(fates, record);
  return {
    networkMessageId: first.networkMessageId,
    messageId: first.messageId,
    internalMessageIds: [...new Set(sorted.map(({ internalMessageId }) => internalMessageId))],
    receivedMs: first.atMs,
    isWhole: received !== undefined,
    sender: first.sender,
    returnPath: first.returnPath,
    subject: first.subject,
    bytes: first.totalBytes,
    fromIp: first.originalClientIp === "" ? first.clientIp : first.originalClientIp,
    receiveConnector: received?.connectorId ?? "",
    recipients: [...fates.values()]
      .filter(({ isReplaced }) => !isReplaced)
      .map(({ isReplaced, ...fate }) => fate),
  };
}

function apply(fates: Map<string, Fate>, record: TrackingRecord): void {
  const { eventId, relatedRecipient, atMs } = record;
  if (eventId === "RECEIVE") {
    for (const recipient of record.recipients) fateOf(fates, recipient, atMs);
    return;
  }
  if (eventId === "EXPAND" || eventId === "DUPLICATEEXPAND") {
    const group = fateOf(fates, relatedRecipient, atMs);
    Object.assign(group, { status: "Expanded", atMs, detail: "" });
    for (const member of record.recipients) comesFrom(fateOf(fates, member, atMs), group);
    return;
  }
  if (REPLACEMENTS.has(eventId)) {
    const before = fateOf(fates, relatedRecipient, atMs);
    for (const recipient of record.recipients) {
      const after = fateOf(fates, recipient, atMs);
      if (after === before) continue;
      comesFrom(after, before);
      before.isReplaced = true;
    }
    return;
  }
  const status = isQuarantining(record) ? "Quarantined" : ENDINGS[eventId];
  if (status === undefined && !WAITS.has(eventId)) return;
  for (const [at, recipient] of record.recipients.entries()) {
    const fate = fateOf(fates, recipient, atMs);
    Object.assign(fate, {
      status: status ?? "Pending",
      atMs,
      detail: detailOf(record, at),
      toIp: status === "Delivered" ? record.serverIp : fate.toIp,
      connector: record.connectorId,
      isReplaced: false,
    });
  }
}

/** Whether it tells of the quarantine, which in Exchange's log is a failure too. */
export function isQuarantining({ eventId, source, customData }: TrackingRecord): boolean {
  return eventId === "FAIL" && source === "AGENT" && customData.startsWith("S:Quarantine=");
}

function detailOf(record: TrackingRecord, at: number): string {
  if (record.eventId === "POISONMESSAGE") return "set aside in the Poison queue";
  if (record.eventId === "INITMESSAGECREATED") {
    return `waits for approval, because of ${record.sourceContext}`;
  }
  const status = record.recipientStatuses[at] ?? "";
  return status === "" ? readSourceContext(record.sourceContext).about : status;
}

function fateOf(fates: Map<string, Fate>, recipient: string, atMs: number): Fate {
  const key = foldToken(recipient.toLowerCase());
  const known = fates.get(key);
  if (known !== undefined) return known;
  const fate: Fate = {
    recipient,
    status: "Pending",
    via: [],
    atMs,
    detail: "",
    toIp: "",
    connector: "",
    isReplaced: false,
  };
  fates.set(key, fate);
  return fate;
}

function comesFrom(fate: Fate, before: Fate): void {
  if (fate === before) return;
  for (const one of [...before.via, before.recipient]) {
    if (!fate.via.includes(one)) fate.via.push(one);
  }
}
