import { outcomeOf } from "./message-outcome.ts";
import { eventsOfMessages } from "./message-trace.ts";
import { tellStory, type Waiting } from "./story.ts";
import type { StoryLink } from "./story-links.ts";
import type { TrackingLog } from "./tracking-log.ts";
import { foldToken } from "./tracking-token.ts";

/** A story as a link shows it: no subject, no other recipient than the one it is for. */
export interface LinkedStory {
  readonly messageTraceId: string;
  readonly messageId: string;
  /** ISO 8601 in UTC, as all times here. */
  readonly received: string;
  readonly senderAddress: string;
  readonly recipients: readonly { readonly address: string; readonly status: string }[];
  readonly story: readonly {
    readonly date: string;
    readonly event: string;
    readonly detail: string;
  }[];
  readonly linkExpires: string;
}

/** Reads what a link is for; `undefined` when the log has nothing of it any more. */
export async function readLinkedStory(
  parts: {
    readonly log: TrackingLog;
    readonly waiting: (internalMessageIds: readonly string[]) => Promise<readonly Waiting[]>;
  },
  link: StoryLink,
  run: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<LinkedStory | undefined> {
  const records = await eventsOfMessages(parts.log, {
    ids: [link.networkMessageId],
    fromMs: Number.NEGATIVE_INFINITY,
    signal: run.signal,
  });
  const outcome = outcomeOf(records);
  if (outcome === undefined) return undefined;
  const wanted = link.recipient && foldToken(link.recipient.toLowerCase());
  const recipient = records
    .flatMap((record) => [...record.recipients, record.relatedRecipient])
    .find((address) => wanted === foldToken(address.toLowerCase()));
  if (wanted !== undefined && recipient === undefined) return undefined;
  const waiting = await parts.waiting(outcome.internalMessageIds);
  const about = { ...(recipient !== undefined && { recipient }), waiting, nowMs: run.nowMs };
  const folded = recipient?.toLowerCase();
  return {
    messageTraceId: outcome.networkMessageId,
    messageId: outcome.messageId,
    received: new Date(outcome.receivedMs).toISOString(),
    senderAddress: outcome.returnPath,
    recipients: outcome.recipients
      .filter(
        (one) =>
          folded === undefined ||
          [one.recipient, ...one.via].some((address) => address.toLowerCase() === folded),
      )
      .map((one) => ({ address: one.recipient, status: one.status })),
    story: tellStory(records, about).map(({ atMs, event, text }) => ({
      date: new Date(atMs).toISOString(),
      event,
      detail: text,
    })),
    linkExpires: new Date(link.expiresMs).toISOString(),
  };
}
