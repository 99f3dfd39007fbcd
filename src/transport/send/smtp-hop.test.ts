import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { MINUTE, SECOND } from "../../base/units.ts";
import type { MxPlan } from "../../dns/mx-plan.ts";
import { fakeServerTls } from "../../net/certificate.fake.ts";
import { FakePeer, type PeerScript } from "../../net/client-peer.fake.ts";
import type { SendConnector } from "../../org/organization.ts";
import type { Lane, LaneEnd } from "../queue/courier.ts";
import { describeOutcome, makeDelivery } from "./lane.fake.ts";
import { fakeDependencies, laneTo, runAgainst } from "./send-harness.fake.ts";
import { createSmtpCourier } from "./smtp-courier.ts";

const secureContext = fakeServerTls.secureContext(undefined);
const TLS_OFFER = ["PIPELINING", "STARTTLS"];

function describeEnd(end: LaneEnd): string {
  return end.kind === "done" ? "done" : `${end.kind} ${end.fault.diagnostic}`;
}

async function withPeers(
  scripts: readonly PeerScript[],
  work: (peers: readonly FakePeer[]) => Promise<void>,
): Promise<void> {
  const peers = scripts.map((script) => new FakePeer(script));
  for (const peer of peers) await peer.listen();
  try {
    await work(peers);
  } finally {
    for (const peer of peers) await peer.close();
  }
}

test("STARTTLS is used where it is offered, whoever the certificate names", async () => {
  const { peer, lane, dependencies } = await runAgainst({ offers: TLS_OFFER, secureContext }, [
    makeDelivery(1),
  ]);
  assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
  assert.equal(peer.messages[0]?.tls, true);
  assert.equal(dependencies.counts.get("tls-connections"), 1);
  assert.ok(dependencies.lines.some(({ description }) => /^TLS .*TLSv1\.3/.test(description)));
});

for (const [why, script, connector, outcome, laneEnd] of [
  [
    "the handshake fails: in clear on a new connection",
    { offers: TLS_OFFER },
    {},
    ["relayed 250 2.6.0 queued"],
    "done",
  ],
  [
    "the handshake fails, TLS required",
    { offers: TLS_OFFER },
    { requireTLS: true },
    [],
    "hop-failed 454 4.7.5 TLS handshake failed",
  ],
  [
    "the handshake fails where we log on: never the password in clear for it",
    { offers: [...TLS_OFFER, "AUTH PLAIN"] },
    {
      smartHostAuthMechanism: "BasicAuth",
      authenticationCredential: { userName: "u", password: "p" },
    },
    [],
    "hop-failed 454 4.7.5 TLS handshake failed",
  ],
  [
    "STARTTLS is refused: in clear",
    { offers: TLS_OFFER, command: starttls("454 4.7.0 no") },
    {},
    ["relayed 250 2.6.0 queued"],
    "done",
  ],
  [
    "STARTTLS is refused, TLS required",
    { offers: TLS_OFFER, command: starttls("454 4.7.0 no") },
    { requireTLS: true },
    [],
    "hop-failed 454 4.7.0 no",
  ],
  [
    "STARTTLS is not offered, TLS required",
    {},
    { requireTLS: true },
    [],
    "hop-failed 451 4.7.3 STARTTLS is required to send mail",
  ],
  [
    "STARTTLS is ignored",
    { offers: TLS_OFFER },
    { ignoreSTARTTLS: true },
    ["relayed 250 2.6.0 queued"],
    "done",
  ],
  [
    "bytes behind the 220 of STARTTLS",
    { offers: TLS_OFFER, command: starttls("220 go\r\n250 injected") },
    {},
    [],
    "hop-failed 451 4.5.0 SMTP protocol violation: data before the TLS handshake",
  ],
] as const satisfies readonly (readonly [
  string,
  PeerScript,
  Partial<SendConnector>,
  readonly string[],
  string,
])[]) {
  test(`TLS: ${why}`, async () => {
    const { lane, end, peer } = await runAgainst(script, [makeDelivery(1)], connector);
    assert.deepEqual(lane.outcomesOf(1), outcome);
    assert.equal(describeEnd(end), laneEnd);
    assert.ok(peer.messages.every(({ tls }) => !tls));
  });
}

function starttls(answer: string): NonNullable<PeerScript["command"]> {
  return (line) => (line === "STARTTLS" ? answer : undefined);
}

const at = (...addresses: string[]): MxPlan => ({
  kind: "hosts",
  hosts: addresses.map((address, index) => ({
    name: `mx${index}.test`,
    addresses: [address],
    preference: 0,
  })),
});

test("MX: the next host is tried when one is down or turns us away", async () => {
  const command: PeerScript["command"] = (line, _count, connection) =>
    connection === 1 && line.startsWith("EHLO") ? "421 4.3.2 busy" : undefined;
  await withPeers([{ command }], async ([peer]) => {
    assert.ok(peer);
    const hosts = at("127.0.0.2", "127.0.0.1", "127.0.0.1");
    const dependencies = fakeDependencies({ "smart.test": hosts });
    const lane = laneTo(peer.port, [makeDelivery(1)], { smartHosts: [] });
    assert.equal(describeEnd(await createSmtpCourier(dependencies).run(lane)), "done");
    assert.deepEqual(
      lane.hops.map(({ name }) => name),
      ["mx2.test"],
    );
    const told = dependencies.lines.map(({ description }) => description);
    assert.match(told[1] ?? "", /^DNS smart\.test: \d+ mx0\.test \[127\.0\.0\.2\]/);
    assert.match(told[2] ?? "", /^Failed to connect to 127\.0\.0\.2:\d+: 451 4\.4\.316/);
    assert.ok(told.some((text) => /is of no use: 421 4\.3\.2 busy$/.test(text)));
  });
});

for (const [why, plan, want] of [
  [
    "never",
    { kind: "impossible", status: "5.4.4", text: "nonexistent domain" },
    "hop-impossible 554 5.4.4 nonexistent domain",
  ],
  ["not now", { kind: "failed", status: "4.4.3", text: "timeout" }, "hop-failed 451 4.4.3 timeout"],
] as const) {
  test(`MX: no host, ${why}: the delivery goes back`, async () => {
    const lane = laneTo(1, [makeDelivery(1)], { smartHosts: [] });
    const courier = createSmtpCourier(fakeDependencies({ "smart.test": plan }));
    assert.equal(describeEnd(await courier.run(lane)), want);
    assert.deepEqual(lane.givenBack, [1]);
  });
}

test("smart hosts take turns, and one that is down costs nobody a message", async () => {
  await withPeers([{}], async ([peer]) => {
    assert.ok(peer);
    const smartHosts = ["127.0.0.1", "127.0.0.3"].map((host) => ({ host, isAddress: true }));
    const dependencies = fakeDependencies();
    const courier = createSmtpCourier(dependencies);
    for (let round = 0; round < 3; round++) {
      const lane = laneTo(peer.port, [makeDelivery(round)], { smartHosts });
      assert.equal((await courier.run(lane)).kind, "done");
    }
    // Round 2 starts at the host that is down; round 3 and later know that it is.
    assert.equal(dependencies.counts.get("connection-failures"), 1);
    assert.equal(peer.messages.length, 3);
  });
});

test("the source address is the connector's", async () => {
  const { lane } = await runAgainst({}, [makeDelivery(1)], { sourceIPAddresses: ["127.0.0.5"] });
  assert.equal(lane.hops[0]?.localAddress, "127.0.0.5");
});

test("a connector that is gone is told as that", async () => {
  const lane = laneTo(1, [makeDelivery(1)], { name: "Other" });
  assert.equal((await createSmtpCourier(fakeDependencies()).run(lane)).kind, "route-gone");
});

const SILENCE = { act: "silence" } as const;
const silentAt = (verb: string): PeerScript => ({
  command: (line) => (line.startsWith(verb) ? SILENCE : undefined),
});

for (const [why, script, pattern, limitMs, outcome] of [
  ["EHLO", silentAt("EHLO"), /EHLO/, 5 * MINUTE, []],
  ["MAIL", silentAt("MAIL"), /DATA/, 5 * MINUTE, []],
  ["DATA", silentAt("DATA"), /DATA/, 5 * MINUTE, []],
  [
    "content",
    { final: () => SILENCE },
    /<content>/,
    10 * MINUTE,
    ["deferred 421 4.4.1 Connection timed out; the message may arrive twice (in doubt)"],
  ],
  [
    "content, dribbling",
    { final: () => ({ act: "dribble", text: "250-never" }) },
    /<content>/,
    10 * MINUTE,
    ["deferred 421 4.4.1 Connection timed out; the message may arrive twice (in doubt)"],
  ],
] as const satisfies readonly (readonly [
  string,
  PeerScript,
  RegExp,
  number,
  readonly string[],
])[]) {
  test(`timeout: silence after ${why}`, async () => {
    await withPeers([script], async ([peer]) => {
      assert.ok(peer);
      const clock = fakeClock();
      const lane = laneTo(peer.port, [makeDelivery(1)]);
      let isOver = false;
      const running = createSmtpCourier(fakeDependencies({}, clock)).run(lane);
      void running.then(() => {
        isOver = true;
      });
      await peer.seen(pattern);
      // No phase is shorter than this; the longest is over at the next advance.
      clock.advance(2 * MINUTE - SECOND);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(isOver, false, "too early");
      clock.advance(limitMs);
      assert.equal(describeEnd(await running), "hop-failed 421 4.4.1 Connection timed out");
      assert.deepEqual(lane.outcomesOf(1), outcome);
    });
  });
}

for (const [why, script, pattern, graceMs, want] of [
  ["before the content the message goes back", silentAt("DATA"), /DATA/, 0, []],
  [
    "after the content the reply has its time",
    { final: () => SILENCE },
    /<content>/,
    10 * SECOND,
    ["deferred 421 4.4.1 Connection timed out; the message may arrive twice (in doubt)"],
  ],
] as const satisfies readonly (readonly [
  string,
  PeerScript,
  RegExp,
  number,
  readonly string[],
])[]) {
  test(`stopping: ${why}`, async () => {
    await withPeers([script], async ([peer]) => {
      assert.ok(peer);
      const clock = fakeClock();
      const lane = laneTo(peer.port, [makeDelivery(1)]);
      const running = createSmtpCourier(fakeDependencies({}, clock)).run(lane);
      await peer.seen(pattern);
      lane.abort.abort();
      clock.advance(graceMs);
      assert.equal((await running).kind, "done");
      assert.deepEqual(lane.outcomesOf(1), want);
      assert.deepEqual(lane.givenBack, want.length === 0 ? [1] : []);
    });
  });
}

test("a fault of ours while a session opens is the lane's, and not the thread's", async () => {
  await withPeers([{ offers: ["AUTH PLAIN"] }], async ([peer]) => {
    assert.ok(peer);
    const lane = laneTo(peer.port, [makeDelivery(1)], {
      smartHostAuthMechanism: "BasicAuth",
      authenticationCredential: { userName: "u", password: "p" },
    });
    const base = fakeDependencies();
    const openSecret = () => {
      throw new Error("our fault");
    };
    const logon = { ...base.logon, openSecret };
    await assert.rejects(createSmtpCourier({ ...base, logon }).run(lane), /our fault/);
    await peer.quiet();
  });
});

test("stopping does not wait for name servers and policies", { timeout: 20_000 }, async () => {
  const connector = { smartHosts: [{ host: "slow.test", isAddress: false }] };
  const lane = laneTo(25, [makeDelivery(1)], connector);
  const never = new Promise<MxPlan>(() => {});
  const asked = Promise.withResolvers<undefined>();
  const resolveHost = () => {
    asked.resolve(undefined);
    return never;
  };
  const running = createSmtpCourier({ ...fakeDependencies(), resolveHost }).run(lane);
  await asked.promise;
  lane.abort.abort();
  assert.equal((await running).kind, "done");
  assert.deepEqual(lane.givenBack, [1]);
});

test("stopping while idle ends the lane", async () => {
  await withPeers([{}], async ([peer]) => {
    assert.ok(peer);
    const lane = laneTo(peer.port, [makeDelivery(1)]);
    const idle: Lane["takeWithin"] = () =>
      new Promise((resolve) => lane.signal.addEventListener("abort", () => resolve(undefined)));
    lane.whenIdle = () => {
      setImmediate(() => lane.abort.abort());
      return idle(0);
    };
    const end = await createSmtpCourier(fakeDependencies()).run(lane);
    assert.equal(end.kind, "done");
    assert.deepEqual(
      lane.settled.map(({ outcomes }) => outcomes.map((one) => describeOutcome(one.outcome))),
      [["relayed 250 2.6.0 queued"]],
    );
  });
});
