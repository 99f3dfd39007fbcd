import { DAY, MINUTE } from "../base/units.ts";
import {
  type MessageOutcome,
  outcomeOf,
  type RecipientOutcome,
  type TraceStatus,
} from "./message-outcome.ts";
import { matchesPattern, type TextPattern } from "./text-pattern.ts";
import type { TrackingLog } from "./tracking-log.ts";
import type { TrackingQuery } from "./tracking-query.ts";
import type { TrackingRecord } from "./tracking-record.ts";

/** Which messages are traced, and which of their recipients. */
export interface TraceQuery {
  /** When the message was received: epoch ms, the first inclusive, the second exclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly sender?: TextPattern;
  readonly recipients?: readonly TextPattern[];
  /** Each is the sender, or a recipient; who sends it gets all its recipients told. */
  readonly participants?: readonly TextPattern[];
  readonly subject?: TextPattern;
  readonly messageId?: TextPattern;
  readonly networkMessageId?: string;
  readonly internalMessageId?: string;
  readonly statuses?: readonly TraceStatus[];
  /** The one it came in by or went out by. */
  readonly connector?: TextPattern;
  readonly fromIp?: TextPattern;
  readonly toIp?: TextPattern;
  /** The client's, or that of the host that it was sent to. */
  readonly anyIp?: TextPattern;
}

/** One message and one of its recipients. */
export interface TraceRow {
  readonly message: MessageOutcome;
  readonly recipient: RecipientOutcome;
}

/** Messages whose events are gathered together. */
const MESSAGES_TOGETHER = 100;
/** Messages that one trace looks at; more are not remembered. */
const MESSAGES_MAX = 200_000;
/** Events of messages that take the longest come so long behind their arrival. */
const LIFETIME_MS = 5 * DAY;
/** A large message has arrived so long before its line says so. */
const ARRIVAL_MS = 10 * MINUTE;

/** Progress and rows in turn. */
export type TraceStep =
  | { readonly kind: "row"; readonly row: TraceRow }
  | { readonly kind: "progress"; readonly doneBytes: number; readonly totalBytes: number };

/**
 * Traces messages, newest first: finds events, gathers what else there is of their messages, and
 * says what became of each recipient that was asked for.
 */
export async function* traceMessages(
  log: TrackingLog,
  query: TraceQuery,
  signal: AbortSignal,
): AsyncGenerator<TraceStep> {
  const seen = new Set<string>();
  let waiting: TrackingRecord[] = [];
  const search = log.search(eventsOf(query), { order: "newestFirst", signal });
  for await (const { records, doneBytes, totalBytes, finished } of search) {
    for (const record of records) {
      const id = record.networkMessageId.toLowerCase();
      if (id === "" || seen.has(id)) continue;
      seen.add(id);
      waiting.push(record);
      if (seen.size >= MESSAGES_MAX) break;
    }
    yield { kind: "progress", doneBytes, totalBytes };
    const isLast = finished || seen.size >= MESSAGES_MAX;
    while (waiting.length >= MESSAGES_TOGETHER || (isLast && waiting.length > 0)) {
      const batch = waiting.slice(0, MESSAGES_TOGETHER);
      waiting = waiting.slice(MESSAGES_TOGETHER);
      for (const row of await traceBatch(log, { query, batch, signal })) yield { kind: "row", row };
    }
    if (isLast) break;
  }
}

/**
 * The events by which messages are found. Recipient, connector and next hop need not stand in one
 * event together: one of them finds the message, and all are compared when everything is known.
 */
function eventsOf(query: TraceQuery): TrackingQuery {
  const { startMs, endMs, sender, subject, messageId, networkMessageId, fromIp } = query;
  const { internalMessageId, anyIp } = query;
  const [participant] = query.participants ?? [];
  return {
    startMs,
    // Whose first event that fits comes late was received before.
    endMs: endMs + LIFETIME_MS,
    ...(sender && { sender }),
    ...(subject && { subject }),
    ...(messageId && { messageId }),
    ...(networkMessageId !== undefined && { networkMessageIds: [networkMessageId] }),
    ...(internalMessageId !== undefined && { internalMessageId }),
    ...(participant && { participant }),
    ...(fromIp && { fromIp }),
    ...(anyIp && { anyIp }),
    ...singleOf(query),
  };
}

function singleOf({ recipients, toIp, connector, statuses }: TraceQuery): TrackingQuery {
  if (recipients !== undefined) return { recipients };
  if (toIp !== undefined) return { toIp };
  if (connector !== undefined) return { connector };
  return statuses?.length === 1 ? eventsOfStatus(statuses[0]) : {};
}

/** The events without which there is no such status. */
function eventsOfStatus(status: TraceStatus | undefined): Pick<TrackingQuery, "eventIds"> {
  if (status === "Failed") return { eventIds: ["FAIL", "DELIVERFAIL", "BADMAIL", "DROP"] };
  if (status === "Quarantined") return { eventIds: ["FAIL"] };
  if (status === "Expanded") return { eventIds: ["EXPAND", "DUPLICATEEXPAND"] };
  return {};
}

async function traceBatch(
  log: TrackingLog,
  what: {
    readonly query: TraceQuery;
    readonly batch: readonly TrackingRecord[];
    readonly signal: AbortSignal;
  },
): Promise<readonly TraceRow[]> {
  const { query, batch, signal } = what;
  const messages = await gatherMessages(log, {
    ids: batch.map(({ networkMessageId }) => networkMessageId),
    fromMs: batch.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY),
    signal,
  });
  return messages
    .filter(({ receivedMs }) => receivedMs >= query.startMs && receivedMs < query.endMs)
    .toSorted((left, right) => right.receivedMs - left.receivedMs)
    .flatMap((message) =>
      message.recipients
        .filter((recipient) => isWanted(query, message, recipient))
        .map((recipient) => ({ message, recipient })),
    );
}

function isWanted(query: TraceQuery, message: MessageOutcome, one: RecipientOutcome): boolean {
  const isLike = (pattern: TextPattern | undefined, texts: readonly string[]): boolean =>
    pattern === undefined || texts.some((text) => matchesPattern(pattern, text));
  return (
    (query.statuses === undefined || query.statuses.includes(one.status)) &&
    (query.recipients === undefined ||
      query.recipients.some((pattern) => isLike(pattern, [one.recipient, ...one.via]))) &&
    isLike(query.connector, [message.receiveConnector, one.connector]) &&
    (query.participants ?? []).every((pattern) =>
      isLike(pattern, [message.sender, message.returnPath, one.recipient, ...one.via]),
    ) &&
    isLike(query.toIp, [one.toIp]) &&
    isLike(query.anyIp, [message.fromIp, one.toIp])
  );
}

/** All events of these messages, as one outcome each; of a single event at `fromMs` is known. */
async function gatherMessages(
  log: TrackingLog,
  what: {
    readonly ids: readonly string[];
    readonly fromMs: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly MessageOutcome[]> {
  const records = await eventsOfMessages(log, what);
  const byMessage = Map.groupBy(records, ({ networkMessageId }) => networkMessageId.toLowerCase());
  return [...byMessage.values()].map(outcomeOf).filter((outcome) => outcome !== undefined);
}

/** The events of these messages in the order of the log, from their lifetime before `fromMs` on. */
export async function eventsOfMessages(
  log: TrackingLog,
  what: {
    readonly ids: readonly string[];
    readonly fromMs: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly TrackingRecord[]> {
  const query: TrackingQuery = {
    networkMessageIds: what.ids,
    ...(Number.isFinite(what.fromMs) && { startMs: what.fromMs - LIFETIME_MS - ARRIVAL_MS }),
  };
  const records: TrackingRecord[] = [];
  const manner = { order: "oldestFirst", signal: what.signal } as const;
  for await (const batch of log.search(query, manner)) records.push(...batch.records);
  return records;
}
