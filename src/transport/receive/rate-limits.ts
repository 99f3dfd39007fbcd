import type { Logon } from "../../authentication/authenticator.ts";
import type { CounterName } from "../../base/metrics.ts";
import { HOUR, MINUTE, SECOND } from "../../base/units.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import { sourceOf } from "../../net/client-address.ts";
import type { ThrottlingPolicy } from "../../org/access-settings.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import { selectThrottlingPolicy } from "../../org/throttling-policy.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { RateCounts, RateKey } from "./rate-counts.ts";
import { decideRate, RATE_WINDOW, type RateWindow } from "./rate-window.ts";

/** One limit that events have to keep within. */
export interface RateLimit {
  readonly key: RateKey;
  readonly window: RateWindow;
  readonly limit: number;
  /** Under which it is counted when it is met. */
  readonly metric: CounterName;
  /** What the limit is about, for logs and replies. */
  readonly what: string;
}

/** A limit that is met, and when it may be tried again. */
export interface RateExcess {
  readonly limit: RateLimit;
  readonly retryAfterMs: number;
}

/** So many of one kind at one time. */
interface Events {
  readonly events: RateKey["events"];
  readonly amount: number;
  readonly nowMs: number;
}

/** The first of the limits that `amount` more events of that kind would pass. */
export function findExcess(
  counts: RateCounts,
  limits: readonly RateLimit[],
  more: Events,
): RateExcess | undefined {
  const { events, amount, nowMs } = more;
  for (const one of limits) {
    const { key, window, limit } = one;
    if (key.events !== events) continue;
    const decision = decideRate(counts.count(key, { window, nowMs }), {
      window,
      limit,
      amount,
      nowMs,
    });
    if (decision.kind === "exceeded") return { limit: one, retryAfterMs: decision.retryAfterMs };
  }
  return undefined;
}

/** Counts events under every limit of their kind. */
export function countEvents(counts: RateCounts, limits: readonly RateLimit[], more: Events): void {
  const { events, amount, nowMs } = more;
  for (const { key, window } of limits) {
    if (key.events === events) counts.add(key, { window, nowMs, amount });
  }
}

/**
 * MessageRateLimit by MessageRateSource (reference §2.4): the client's address, the user or both. A
 * user is who has logged on, else the sender that is claimed; nobody's mail counts by address.
 */
export function messageRateLimits(
  connector: Pick<ReceiveConnector, "messageRateLimit" | "messageRateSource" | "name">,
  client: {
    readonly remoteAddress: string;
    readonly account: string | undefined;
    readonly sender: Address | "";
  },
): readonly RateLimit[] {
  const { messageRateLimit: limit, messageRateSource: by, name: destination } = connector;
  if (limit === Infinity || by === "None") return [];
  const { remoteAddress, account, sender } = client;
  const user = account ?? (sender === "" ? undefined : addressKey(sender));
  const limitOf = (source: string, metric: CounterName): RateLimit => ({
    key: { direction: "in", events: "messages", source, destination },
    window: RATE_WINDOW.minute,
    limit,
    metric,
    what: "messages",
  });
  const limits: RateLimit[] = [];
  if (by !== "User" || user === undefined) {
    const source = `address\0${sourceOf(remoteAddress)}`;
    limits.push(limitOf(source, "postrider_throttled_total:message_rate_address"));
  }
  if (by !== "IPAddress" && user !== undefined) {
    limits.push(limitOf(`user\0${user}`, "postrider_throttled_total:message_rate_user"));
  }
  return limits;
}

/** What one user may send, by his throttling policy and his app password. */
export function userLimits(
  policies: readonly ThrottlingPolicy[],
  { account, mailbox, appPassword }: Pick<Logon, "account" | "appPassword" | "mailbox">,
): readonly RateLimit[] {
  const policy = selectThrottlingPolicy(policies, mailbox);
  const { minute, hour, day } = RATE_WINDOW;
  const limitOf = (
    events: "messages" | "recipients",
    window: RateWindow,
    limit: number | undefined,
  ): RateLimit => ({
    key: { direction: "in", events, source: `user\0${account}`, destination: "" },
    window,
    limit: limit ?? Infinity,
    metric: `postrider_throttled_total:user_${events}`,
    what: `${events} of ${account}`,
  });
  const limits = [
    limitOf("messages", minute, policy?.messageRateLimit),
    limitOf("messages", hour, policy?.messagesPerHour),
    limitOf("messages", day, policy?.messagesPerDay),
    limitOf("recipients", hour, policy?.recipientsPerHour),
    limitOf("recipients", day, policy?.recipientsPerDay),
  ];
  if (appPassword === undefined) return finite(limits);
  const { name, messagesPerHour } = appPassword;
  const source = `device\0${account}\0${name}`;
  return finite([
    ...limits,
    {
      key: { direction: "in", events: "messages", source, destination: "" },
      window: hour,
      limit: messagesPerHour,
      metric: "postrider_throttled_total:app_password",
      what: `messages of ${account} by the app password ${name}`,
    },
  ]);
}

function finite(limits: readonly RateLimit[]): readonly RateLimit[] {
  return limits.filter(({ limit }) => limit !== Infinity);
}

/** What a user is told: which limit, and when to try again. 452: not now, for the rest later. */
export function excessReply({ limit, retryAfterMs }: RateExcess): Reply {
  const { window, what } = limit;
  const text = `Sending limit exceeded: ${limit.limit} ${what} per ${window.name}`;
  return {
    code: 452,
    status: "4.7.0",
    lines: [`${ascii(text)}; try again in ${formatWait(retryAfterMs)}`],
  };
}

/** Names may be in any script, replies are ASCII (RFC 5321 §4.2). */
function ascii(text: string): string {
  return text.replace(/[^ -~]/g, "?");
}

/** `40 seconds`, `12 minutes`, `3 hours`: rounded up, so that it is not too early. */
export function formatWait(waitMs: number): string {
  if (waitMs < 2 * MINUTE) return plural(Math.ceil(waitMs / SECOND), "second");
  if (waitMs < 2 * HOUR) return plural(Math.ceil(waitMs / MINUTE), "minute");
  return plural(Math.ceil(waitMs / HOUR), "hour");
}

function plural(count: number, unit: string): string {
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}
