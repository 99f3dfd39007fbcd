/** What is counted of a source; halved each day, so that all of it is about the last days. */
export const REPUTATION_COUNTS = [
  "messages",
  "rated",
  "spam",
  "unauthenticated",
  "nameless",
  "oddHello",
  "ownHello",
  "unknownRecipients",
  "refused",
] as const;

/** The name of a count. */
export type ReputationCount = (typeof REPUTATION_COUNTS)[number];

/** What is known of a source. */
export interface ReputationProfile extends Readonly<Record<ReputationCount, number>> {
  /** Different names in HELO and EHLO, about; 16 at most. */
  readonly helloNames: number;
}

/** One thing that speaks against a source. */
export interface ReputationReason {
  /** `SpamShare 0.95` */
  readonly text: string;
  readonly points: number;
}

/** How good a source's name is: 0 (nothing against it) to 9, and why. */
export interface ReputationLevel {
  readonly level: number;
  /** Those that count, the heaviest first. */
  readonly reasons: readonly ReputationReason[];
}

/** Below that nothing is said of a source (reference §9.7). */
export const MESSAGES_MIN = 20;
const LEVEL_MAX = 9;
/** Names from which on a source has many: a client has one, a house behind one address some. */
const HELLO_NAMES_MANY = 5;

/** The shares that count, of what they are shares, and the points of a whole one. */
const SHARES = [
  { name: "SpamShare", count: "spam", of: "rated", points: 7 },
  { name: "UnknownRecipientShare", count: "unknownRecipients", of: "seen", points: 4 },
  { name: "RefusedShare", count: "refused", of: "seen", points: 3 },
  { name: "OwnHelloShare", count: "ownHello", of: "messages", points: 4 },
  { name: "UnauthenticatedShare", count: "unauthenticated", of: "messages", points: 2 },
  { name: "NamelessShare", count: "nameless", of: "messages", points: 1 },
  { name: "OddHelloShare", count: "oddHello", of: "messages", points: 1 },
] as const satisfies readonly {
  readonly name: string;
  readonly count: ReputationCount;
  readonly of: "rated" | "messages" | "seen";
  readonly points: number;
}[];

/** Below that a share is bad luck: every big sender has some spam and some leavers. */
const SHARE_MIN = 0.1;

/**
 * The sender reputation level of a source. Exchange does not publish its weights; ours are the
 * table above, so that an administrator can be told what weighs how much.
 */
export function reputationLevel(profile: ReputationProfile): ReputationLevel {
  const seen = profile.messages + profile.unknownRecipients + profile.refused;
  if (seen < MESSAGES_MIN) return { level: 0, reasons: [] };
  const totals = { seen, messages: profile.messages, rated: profile.rated };
  const reasons: ReputationReason[] = SHARES.flatMap(({ name, count, of, points }) => {
    // Few that were rated say little of all the others.
    const total = Math.max(totals[of], MESSAGES_MIN / 2);
    const share = Math.min(1, profile[count] / total);
    if (share < SHARE_MIN) return [];
    return [{ text: `${name} ${share.toFixed(2)}`, points: share * points }];
  });
  if (profile.helloNames >= HELLO_NAMES_MANY) {
    reasons.push({ text: `HelloNames ${profile.helloNames}`, points: 2 });
  }
  const points = reasons.reduce((sum, one) => sum + one.points, 0);
  return {
    level: Math.min(LEVEL_MAX, Math.round(points)),
    reasons: reasons.toSorted((one, other) => other.points - one.points),
  };
}
