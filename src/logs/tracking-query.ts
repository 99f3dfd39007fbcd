import { literalOf, matchesPattern, type TextPattern } from "./text-pattern.ts";
import type { TrackingRecord } from "./tracking-record.ts";
import { bareMessageId, foldToken, hashToken } from "./tracking-token.ts";

/** What events are asked for; every condition that is given must hold. Case never matters. */
export interface TrackingQuery {
  /** Epoch ms, inclusive. */
  readonly startMs?: number;
  /** Epoch ms, exclusive. */
  readonly endMs?: number;
  readonly eventIds?: readonly string[];
  readonly sources?: readonly string[];
  /** The sender or the return path. */
  readonly sender?: TextPattern;
  /** One of the recipients, or what it was before or became, is like one of these. */
  readonly recipients?: readonly TextPattern[];
  /** The sender, the return path, or a recipient as in `recipients`. */
  readonly participant?: TextPattern;
  readonly messageId?: TextPattern;
  readonly internalMessageId?: string;
  /** Any of them. */
  readonly networkMessageIds?: readonly string[];
  readonly subject?: TextPattern;
  readonly reference?: TextPattern;
  readonly trafficType?: string;
  readonly connector?: TextPattern;
  /** The client's address. */
  readonly fromIp?: TextPattern;
  /** The address that it was sent to. */
  readonly toIp?: TextPattern;
  /** Either of the two. */
  readonly anyIp?: TextPattern;
}

/** Whether an event is what was asked for. */
export function matchesQuery(query: TrackingQuery, record: TrackingRecord): boolean {
  return (
    record.atMs >= (query.startMs ?? Number.NEGATIVE_INFINITY) &&
    record.atMs < (query.endMs ?? Number.POSITIVE_INFINITY) &&
    isOneOf(query.eventIds, record.eventId) &&
    isOneOf(query.sources, record.source) &&
    isOneOf(query.networkMessageIds, record.networkMessageId) &&
    isText(query.internalMessageId, record.internalMessageId) &&
    isText(query.trafficType, record.trafficType) &&
    isLike(query.sender, [record.sender, record.returnPath]) &&
    (query.recipients === undefined ||
      query.recipients.some((pattern) =>
        isLike(pattern, [...record.recipients, record.relatedRecipient]),
      )) &&
    isLike(query.participant, participantsOf(record)) &&
    isLike(query.messageId, [record.messageId, bareMessageId(record.messageId)]) &&
    isLike(query.subject, [record.subject]) &&
    isLike(query.reference, [record.reference, bareMessageId(record.reference)]) &&
    isLike(query.connector, [record.connectorId]) &&
    isLike(query.fromIp, [record.clientIp, record.originalClientIp]) &&
    isLike(query.toIp, [record.serverIp]) &&
    isLike(query.anyIp, [record.clientIp, record.originalClientIp, record.serverIp])
  );
}

function participantsOf(record: TrackingRecord): readonly string[] {
  return [record.sender, record.returnPath, record.relatedRecipient, ...record.recipients];
}

function isOneOf(words: readonly string[] | undefined, text: string): boolean {
  if (words === undefined) return true;
  const folded = text.toLowerCase();
  return words.some((word) => word.toLowerCase() === folded);
}

function isText(wanted: string | undefined, text: string): boolean {
  return wanted === undefined || wanted.toLowerCase() === text.toLowerCase();
}

/** Lists of the log have `,` where an address has `;`: `is` compares as the index does. */
function isLike(pattern: TextPattern | undefined, texts: readonly string[]): boolean {
  if (pattern === undefined) return true;
  if (pattern.kind !== "is") return texts.some((text) => matchesPattern(pattern, text));
  const folded = foldToken(pattern.text.toLowerCase());
  return texts.some((text) => foldToken(text.toLowerCase()) === folded);
}

/**
 * What the index knows of a query: of each group one token must be in the line. Empty when only
 * the lines themselves can say.
 */
export function tokensOf(query: TrackingQuery): readonly (readonly number[])[] {
  const { sender, recipients, participant, messageId, fromIp } = query;
  const groups: (readonly number[] | undefined)[] = [
    query.networkMessageIds?.map((id) => hashToken("networkMessageId", id)),
    messageId && exact(messageId, (text) => hashToken("messageId", text)),
    query.internalMessageId === undefined
      ? undefined
      : [hashToken("internalMessageId", query.internalMessageId)],
    recipients && allOf(recipients.map((one) => addressToken(one, "recipient"))),
    sender && allOf([addressToken(sender, "sender")]),
    participant &&
      allOf([addressToken(participant, "sender"), addressToken(participant, "recipient")]),
    fromIp && exact(fromIp, (text) => hashToken("clientIp", text)),
  ];
  return groups.filter((group) => group !== undefined);
}

function exact(
  pattern: TextPattern,
  hash: (text: string) => number,
): readonly number[] | undefined {
  return pattern.kind === "is" && isFoldedByIndex(pattern.text) ? [hash(pattern.text)] : undefined;
}

function addressToken(pattern: TextPattern, kind: "sender" | "recipient"): number | undefined {
  if (pattern.kind === "is") {
    return isFoldedByIndex(pattern.text) ? hashToken(kind, pattern.text) : undefined;
  }
  const domain = domainOf(pattern);
  return domain === undefined ? undefined : hashToken(`${kind}Domain`, domain);
}

/** The domain that the index has of `*@contoso.com` and `@contoso.com`. */
function domainOf(pattern: TextPattern): string | undefined {
  if (pattern.kind === "contains" || pattern.kind === "startsWith") return undefined;
  const tail = pattern.text.slice(Math.max(0, pattern.text.search(/[^*?]*$/)));
  const domain = tail.slice(tail.lastIndexOf("@") + 1);
  if (!tail.includes("@") || domain === "" || !isFoldedByIndex(domain)) return undefined;
  return domain;
}

/** The index folds letters of ASCII only; of any other there may be two forms in the log. */
function isFoldedByIndex(text: string): boolean {
  const others = text.replace(/[\x20-\x7e]/g, "");
  return others.toLowerCase() === others.toUpperCase();
}

function allOf(tokens: readonly (number | undefined)[]): readonly number[] | undefined {
  const known = tokens.filter((token) => token !== undefined);
  return known.length === tokens.length ? known : undefined;
}

/** A shorter text is found in too many lines to be worth looking for. */
const NEEDLE_CHARACTERS_MIN = 3;

/** More alternatives are slower to look for than lines are to read. */
const NEEDLES_MAX = 8;

/**
 * Texts in lower case, one of which every line asked for has in it; none when nothing of the kind
 * is known. ASCII without what lines may write in another way: quotes are doubled, `;` is `,` in
 * lists.
 */
export function needlesOf(query: TrackingQuery): readonly string[] {
  const [recipient, ...moreRecipients] = query.recipients ?? [];
  const [networkId, ...moreIds] = query.networkMessageIds ?? [];
  const patterns = [
    query.sender,
    moreRecipients.length === 0 ? recipient : undefined,
    query.participant,
    query.messageId,
    query.subject,
    query.reference,
    query.connector,
    query.fromIp,
    query.toIp,
    query.anyIp,
  ].filter((pattern) => pattern !== undefined);
  const parts = patterns.flatMap((pattern) => literalOf(pattern).split(/[^\x20-\x7e]|[",;<>]/));
  const needle = [
    ...parts,
    ...(query.internalMessageId === undefined ? [] : [`,${query.internalMessageId},`]),
    ...(networkId === undefined || moreIds.length > 0 ? [] : [networkId]),
  ].reduce((best, part) => (part.length > best.length ? part : best), "");
  const events = (query.eventIds ?? []).map((eventId) => `,${eventId.toLowerCase()},`);
  if (needle.length >= NEEDLE_CHARACTERS_MIN) return [needle.toLowerCase()];
  return events.length <= NEEDLES_MAX ? events : [];
}
