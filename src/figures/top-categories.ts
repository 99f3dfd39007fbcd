import { DAY, HOUR } from "../base/units.ts";
import type { TrackingRecord } from "../logs/tracking-record.ts";

/** What the most frequent names are kept of. */
export const TOP_CATEGORIES = ["TopSender", "TopDestination", "TopFailingDestination"] as const;
/** A name out of TOP_CATEGORIES. */
export type TopCategory = (typeof TOP_CATEGORIES)[number];

/** Spans of which lists are kept, and how long. */
export const TOP_SPANS = {
  Hour: { spanMs: HOUR, keptMs: 21 * DAY },
  Day: { spanMs: DAY, keptMs: 400 * DAY },
} as const;
/** A name out of TOP_SPANS. */
export type TopSpan = keyof typeof TOP_SPANS;

/** The name of a kept series. */
export function topSeries(category: TopCategory, span: TopSpan): string {
  return `${category} ${span}`;
}

/** Longer ones are no addresses (RFC 5321 §4.5.3.1). */
const NAME_CHARACTERS_MAX = 320;
/** What came in from clients: notices and copies of ours have no sender worth a place. */
const CLIENT_SOURCES: readonly string[] = ["SMTP", "PICKUP", "REPLAY"];

/**
 * What an event of the message tracking log counts for, each with names, a name several times for
 * several recipients. Senders are those of the header, in lower case; destinations are domains.
 */
export function countedNames(
  event: TrackingRecord,
): { readonly category: TopCategory; readonly names: readonly string[] } | undefined {
  switch (event.eventId) {
    case "RECEIVE": {
      if (!CLIENT_SOURCES.includes(event.source)) return undefined;
      const sender = event.sender === "" ? event.returnPath : event.sender;
      return { category: "TopSender", names: [boundedName(sender)] };
    }
    case "SEND":
    case "DELIVER":
      return { category: "TopDestination", names: domainsOf(event.recipients) };
    case "FAIL":
    case "DEFER":
      return { category: "TopFailingDestination", names: domainsOf(event.recipients) };
    default:
      return undefined;
  }
}

function domainsOf(recipients: readonly string[]): readonly string[] {
  return recipients.flatMap((address) => {
    const at = address.lastIndexOf("@");
    return at < 0 ? [] : [boundedName(address.slice(at + 1))];
  });
}

function boundedName(text: string): string {
  return text.toLowerCase().slice(0, NAME_CHARACTERS_MAX);
}
