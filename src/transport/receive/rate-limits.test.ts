import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logon } from "../../authentication/authenticator.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../base/units.ts";
import { address } from "../../mail/address.fake.ts";
import type { ReceiveConnector } from "../../org/organization.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { ownRateCounts } from "./rate-counts.ts";
import {
  countEvents,
  excessReply,
  findExcess,
  formatWait,
  messageRateLimits,
  type RateLimit,
  userLimits,
} from "./rate-limits.ts";
import { sampleConnector, sampleMailbox } from "./sample-organization.fake.ts";

const NOW_MS = 1_700_006_400_000;

const describe = ({ key, limit, window }: RateLimit) =>
  `${key.direction} ${key.events} ${key.source.replaceAll("\0", " ")} > ${key.destination}: ` +
  `${limit}/${window.name}`;

for (const [why, by, client, want] of [
  ["the address", "IPAddress", {}, ["in messages address 192.0.2.1 > C: 5/minute"]],
  [
    "the /64 of an IPv6 site",
    "IPAddress",
    { remoteAddress: "2001:db8:1:2:3::4" },
    ["in messages address 2001:db8:1:2::/64 > C: 5/minute"],
  ],
  [
    "IPv4 mapped into IPv6",
    "IPAddress",
    { remoteAddress: "::ffff:192.0.2.1" },
    ["in messages address 192.0.2.1 > C: 5/minute"],
  ],
  ["the sender", "User", {}, ["in messages user you@example.com > C: 5/minute"]],
  [
    "who has logged on, whatever he sends as",
    "User",
    { account: "alice@contoso.test" },
    ["in messages user alice@contoso.test > C: 5/minute"],
  ],
  ["nobody's, by address", "User", { sender: "" }, ["in messages address 192.0.2.1 > C: 5/minute"]],
  [
    "both",
    "All",
    {},
    [
      "in messages address 192.0.2.1 > C: 5/minute",
      "in messages user you@example.com > C: 5/minute",
    ],
  ],
  ["both, nobody's", "All", { sender: "" }, ["in messages address 192.0.2.1 > C: 5/minute"]],
  ["none", "None", {}, []],
] satisfies [
  string,
  ReceiveConnector["messageRateSource"],
  Partial<{ remoteAddress: string; account: string; sender: "" }>,
  string[],
][]) {
  test(`message rate by source: ${why}`, () => {
    const connector = sampleConnector({ name: "C", messageRateLimit: 5, messageRateSource: by });
    const limits = messageRateLimits(connector, {
      remoteAddress: "192.0.2.1",
      account: undefined,
      sender: address("You@example.com"),
      ...client,
    });
    assert.deepEqual(limits.map(describe), want);
  });
}

test("without a message rate nothing is counted", () => {
  const connector = sampleConnector({ messageRateSource: "All" });
  const client = { remoteAddress: "192.0.2.1", account: undefined, sender: "" } as const;
  assert.deepEqual(messageRateLimits(connector, client), []);
});

const { throttlingPolicies: POLICIES } = organizationOf(`
throttlingPolicies:
  - name: Staff
    default: true
    messageRateLimit: 1
    messagesPerHour: 2
    messagesPerDay: 3
    recipientsPerHour: 4
    recipientsPerDay: 5
  - { name: Robots, messagesPerDay: 9 }
`);

function logon(changes: Partial<Logon> = {}, throttlingPolicy?: string): Logon {
  const mailbox = { ...sampleMailbox("alice@contoso.test"), throttlingPolicy };
  const account = "alice@contoso.test";
  return { account, mailbox, mechanism: "PLAIN", appPassword: undefined, ...changes };
}
const SCANNER = { name: "Scanner", senders: [], messagesPerHour: 7 };

for (const [why, who, want] of [
  ["of everybody", logon(), ["1/minute", "2/hour", "3/day", "4/hour", "5/day"]],
  ["of his own policy", logon({}, "Robots"), ["9/day"]],
  ["of his device besides", logon({ appPassword: SCANNER }, "Robots"), ["9/day", "7/hour"]],
] satisfies [string, Logon, string[]][]) {
  test(`limits of a user: ${why}`, () => {
    const limits = userLimits(POLICIES, who);
    assert.deepEqual(
      limits.map((one) => describe(one).split(": ")[1]),
      want,
    );
    for (const { key } of limits) assert.match(key.source, /alice@contoso\.test/);
  });
}

test("users and devices are counted apart", () => {
  const sources = [
    ...userLimits(POLICIES, logon({ appPassword: SCANNER }, "Robots")),
    ...userLimits(POLICIES, logon({ account: "bob@contoso.test" }, "Robots")),
  ].map(({ key }) => key.source);
  assert.equal(new Set(sources).size, 3);
});

test("a limit is met with the event past it, and forgotten in time", () => {
  const counts = ownRateCounts();
  const limits = userLimits(POLICIES, logon());
  const two = { events: "recipients", amount: 2, nowMs: NOW_MS } as const;
  assert.equal(findExcess(counts, limits, two), undefined);
  countEvents(counts, limits, two);
  assert.equal(findExcess(counts, limits, two), undefined);
  const three = { ...two, amount: 3 };
  assert.equal(findExcess(counts, limits, three)?.limit.window.name, "hour");
  countEvents(counts, limits, two);
  // An hour later that limit is free again, the day's is not: one more, and no second.
  const laterMs = NOW_MS + HOUR + 5 * MINUTE;
  assert.equal(findExcess(counts, limits, { ...two, amount: 1, nowMs: laterMs }), undefined);
  const excess = findExcess(counts, limits, { ...two, nowMs: laterMs });
  assert.equal(excess?.limit.window.name, "day");
  assert.equal(excess?.retryAfterMs, 26 * HOUR - (laterMs - NOW_MS));
  // Messages are counted for themselves.
  assert.equal(findExcess(counts, limits, { ...two, events: "messages", amount: 1 }), undefined);
  const nextDay = { ...two, nowMs: NOW_MS + DAY + 2 * HOUR };
  assert.equal(findExcess(counts, limits, nextDay), undefined);
});

test("the reply names the limit and the time, in ASCII", () => {
  const [limit] = userLimits(POLICIES, logon({ account: "jürgen@contoso.test" }, "Robots"));
  assert.ok(limit !== undefined);
  assert.deepEqual(excessReply({ limit, retryAfterMs: 90 * MINUTE }), {
    code: 452,
    status: "4.7.0",
    lines: [
      "Sending limit exceeded: 9 messages of j?rgen@contoso.test per day; " +
        "try again in 90 minutes",
    ],
  });
});

for (const [waitMs, want] of [
  [1, "1 second"],
  [40 * SECOND, "40 seconds"],
  [2 * MINUTE - 1, "120 seconds"],
  [2 * MINUTE, "2 minutes"],
  [2 * MINUTE + 1, "3 minutes"],
  [2 * HOUR, "2 hours"],
  [26 * HOUR, "26 hours"],
] as const) {
  test(`a wait of ${waitMs} ms is ${want}`, () => assert.equal(formatWait(waitMs), want));
}
