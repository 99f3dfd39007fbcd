import assert from "node:assert/strict";
import { test } from "node:test";
import { domain } from "../../mail/address.fake.ts";
import type { SendConnector } from "../../org/organization.ts";
import { sampleOrganization, sendConnector } from "./organization.fake.ts";
import {
  connectorQueueKey,
  mailboxQueueKey,
  type RouteQuestion,
  selectSendConnector,
} from "./route.ts";
import { Router } from "./router.ts";

const small = { maxMessageSize: 999 };
const off = { enabled: false };

const CASES: readonly (readonly [
  why: string,
  connectors: readonly SendConnector[],
  domain: string,
  want: string | "too small" | undefined,
])[] = [
  ["no connectors", [], "a.test", undefined],
  ["everything", [sendConnector("all", ["*"])], "a.test", "all"],
  ["the domain itself", [sendConnector("a", ["a.test"])], "a.test", "a"],
  ["not its subdomains", [sendConnector("a", ["a.test"])], "b.a.test", undefined],
  ["a star takes the subdomains", [sendConnector("a", ["*.a.test"])], "c.b.a.test", "a"],
  ["and the domain", [sendConnector("a", ["*.a.test"])], "a.test", "a"],
  ["but no lookalike", [sendConnector("a", ["*.a.test"])], "ba.test", undefined],
  [
    "the domain beats its star, whatever the cost",
    [sendConnector("star", ["*.a.test;1"]), sendConnector("exact", ["a.test;90"])],
    "a.test",
    "exact",
  ],
  [
    "the longer star beats the shorter",
    [sendConnector("short", ["*.test"]), sendConnector("long", ["*.a.test"])],
    "b.a.test",
    "long",
  ],
  [
    "any star beats everything",
    [sendConnector("all", ["*;1"]), sendConnector("star", ["*.test;50"])],
    "a.test",
    "star",
  ],
  ["cost breaks a tie", [sendConnector("a", ["*;5"]), sendConnector("b", ["*;4"])], "a.test", "b"],
  ["then the name", [sendConnector("B", ["*"]), sendConnector("a", ["*"])], "a.test", "a"],
  [
    "a connector's best space counts",
    [sendConnector("a", ["*;1", "x.test;9"]), sendConnector("b", ["x.test;5"])],
    "x.test",
    "b",
  ],
  [
    "its cheapest, when it has one twice",
    [sendConnector("a", ["*;9", "*;2"]), sendConnector("b", ["*;5"])],
    "x.test",
    "a",
  ],
  ["disabled", [sendConnector("a", ["a.test"], off), sendConnector("b", ["*"])], "a.test", "b"],
  ["too small", [sendConnector("a", ["a.test"], small), sendConnector("b", ["*"])], "a.test", "b"],
  ["all too small", [sendConnector("a", ["a.test"], small)], "a.test", "too small"],
  [
    "a disabled one is no matter of size",
    [sendConnector("a", ["*"], { ...off, ...small })],
    "a.test",
    undefined,
  ],
  ["at the limit", [sendConnector("a", ["*"], { maxMessageSize: 1000 })], "a.test", "a"],
  ["-- is our own domains", [sendConnector("in", ["--"])], "home.test", "in"],
  ["-- with their subdomains", [sendConnector("in", ["--"])], "b.homes.test", "in"],
  ["-- is no other domain", [sendConnector("in", ["--"])], "a.test", undefined],
  [
    "-- is as specific as the accepted domain",
    [sendConnector("in", ["--;9"]), sendConnector("near", ["*.home.test;1"])],
    "home.test",
    "in",
  ],
  [
    "-- of a tree gives way to the domain itself",
    [sendConnector("in", ["--;1"]), sendConnector("near", ["b.homes.test;9"])],
    "b.homes.test",
    "near",
  ],
  [
    "a server that is not ours",
    [sendConnector("far", ["a.test"], { sourceTransportServers: ["other.test"] })],
    "a.test",
    undefined,
  ],
  [
    "scoped to others: not seen",
    [
      sendConnector("far", ["a.test"], {
        isScopedConnector: true,
        sourceTransportServers: ["other.test"],
      }),
      sendConnector("b", ["*"]),
    ],
    "a.test",
    "b",
  ],
  [
    "scoped to us among others",
    [
      sendConnector("near", ["a.test"], {
        isScopedConnector: true,
        sourceTransportServers: ["other.test", "US.test"],
      }),
    ],
    "a.test",
    "near",
  ],
  [
    "an address literal is everything only",
    [sendConnector("a", ["*.test"]), sendConnector("b", ["*"])],
    "[192.0.2.1]",
    "b",
  ],
];

/** Our server is `us.test`; `home.test` and all of `*.homes.test` are accepted domains. */
function questionFor(name: string): RouteQuestion {
  const homes = { "home.test": domain("home.test"), "b.homes.test": "*.homes.test" } as const;
  const home = name === "home.test" || name === "b.homes.test" ? homes[name] : undefined;
  return { domain: domain(name), messageBytes: 1000, serverName: "us.test", home };
}

for (const [why, connectors, name, want] of CASES) {
  test(`selectSendConnector: ${why}`, () => {
    const question = questionFor(name);
    const choice = selectSendConnector(connectors, question);
    assert.equal(choice.allTooSmall ? "too small" : choice.connector?.name, want);
    assert.equal(choice.reasons.length, connectors.length);
    const backwards = selectSendConnector(connectors.toReversed(), question);
    assert.equal(backwards.connector, choice.connector, "order does not matter");
  });
}

test("selectSendConnector: says why, the chosen one first", () => {
  const connectors = [
    sendConnector("dear", ["*;9"]),
    sendConnector("off", ["*"], off),
    sendConnector("small", ["*"], small),
    sendConnector("other", ["b.test"]),
    sendConnector("later", ["*;1"]),
    sendConnector("first", ["*;1"]),
    sendConnector("near", ["a.test;40"]),
  ];
  const choice = selectSendConnector(connectors, questionFor("a.test"));
  assert.deepEqual(choice.reasons, [
    "near: chosen for a.test;40",
    "first: *;1 is less specific",
    "later: *;1 is less specific",
    "dear: *;9 is less specific",
    "off: disabled",
    "small: takes 999 bytes, fewer than the message has",
    "other: no address space for a.test",
  ]);
  const among = selectSendConnector(connectors, questionFor("c.test"));
  assert.deepEqual(among.reasons.slice(0, 3), [
    "first: chosen for *;1",
    "later: *;1 costs the same, its name is later",
    "dear: *;9 costs more",
  ]);
});

test("queue keys are Exchange's", () => {
  assert.deepEqual(connectorQueueKey(sendConnector("Internet", ["*"]), domain("a.test")), {
    deliveryType: "DnsConnectorDelivery",
    nextHopDomain: "a.test",
    nextHopConnector: "Internet",
  });
  const smartHosts = [
    { host: "192.0.2.1", isAddress: true },
    { host: "relay.test", isAddress: false },
  ];
  assert.deepEqual(
    connectorQueueKey(sendConnector("Smart", ["*"], { smartHosts }), domain("a.test")),
    {
      deliveryType: "SmartHostConnectorDelivery",
      nextHopDomain: "[192.0.2.1],relay.test",
      nextHopConnector: "Smart",
    },
  );
  assert.deepEqual(mailboxQueueKey(undefined), {
    deliveryType: "SmtpDeliveryToMailbox",
    nextHopDomain: "Mailbox Database",
    nextHopConnector: "",
  });
  assert.deepEqual(mailboxQueueKey("127.0.0.1:24"), {
    deliveryType: "LmtpDelivery",
    nextHopDomain: "127.0.0.1:24",
    nextHopConnector: "",
  });
});

test("Router: remembers per domain and size class", () => {
  const router = new Router(
    sampleOrganization({
      sendConnectors: [
        sendConnector("large", ["*"], { maxMessageSize: 5000 }),
        sendConnector("small", ["*;0"], { maxMessageSize: 1000 }),
      ],
    }),
  );
  const name = domain("a.test");
  const connectorFor = (bytes: number) => {
    const route = router.decide(name, bytes).external;
    return route?.kind === "queue" ? route.key.nextHopConnector : route?.kind;
  };
  assert.deepEqual([0, 1000, 1001, 5000, 5001].map(connectorFor), [
    "small",
    "small",
    "large",
    "large",
    undefined,
  ]);
  assert.equal(router.decide(name, 1), router.decide(name, 999));
  assert.notEqual(router.decide(name, 1), router.decide(name, 1001));
});

test("Router: a flood of domains is forgotten, and answers stay right", () => {
  const router = new Router(sampleOrganization());
  const first = router.decide(domain("d0.test"), 1);
  for (let index = 1; index <= 10_000; index += 1) router.decide(domain(`d${index}.test`), 1);
  const again = router.decide(domain("d0.test"), 1);
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
});
