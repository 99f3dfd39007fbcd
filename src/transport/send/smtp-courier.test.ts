import assert from "node:assert/strict";
import { test } from "node:test";
import { FakePeer, type PeerScript } from "../../net/client-peer.fake.ts";
import type { LaneEnd } from "../queue/courier.ts";
import { makeDelivery } from "./lane.fake.ts";
import { fakeDependencies, laneTo, runAgainst } from "./send-harness.fake.ts";
import { createSmtpCourier } from "./smtp-courier.ts";

function describeEnd(end: LaneEnd): string {
  return end.kind === "done" ? "done" : `${end.kind} ${end.fault.diagnostic}`;
}

test("one message: two writes, one outcome, the hop's name and addresses", async () => {
  const { peer, lane, end } = await runAgainst({}, [
    makeDelivery(1, { content: "A: b\r\n\r\n.x\r\n" }),
  ]);
  assert.deepEqual(end, { kind: "done" });
  assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued"]);
  assert.deepEqual(
    peer.messages.map(({ content }) => content),
    ["A: b\r\n\r\n.x\r\n"],
  );
  assert.deepEqual(peer.lines, [
    "1: EHLO us.test",
    "1: MAIL FROM:<a@x.test>",
    "1: RCPT TO:<r0@y.test>",
    "1: DATA",
    "1: <content>",
    "1: QUIT",
  ]);
  const [{ sessionId, ...hop } = { sessionId: "" }, ...others] = lane.hops;
  assert.deepEqual(hop, { name: "peer.test", address: "127.0.0.1", localAddress: "127.0.0.1" });
  assert.match(sessionId ?? "", /^[0-9A-F]{16}$/);
  assert.deepEqual(others, []);
  // EHLO, commands, content, and QUIT where it was not too late to be read.
  assert.ok((peer.reads[1] ?? 0) <= 4, `${peer.reads[1]} reads`);
});

test("several messages share a connection, up to the connector's limit", async () => {
  const deliveries = Array.from({ length: 5 }, (_, index) => makeDelivery(index));
  const { peer, lane, end } = await runAgainst({}, deliveries, { smtpMaxMessagesPerConnection: 2 });
  assert.equal(end.kind, "done");
  assert.equal(lane.settled.length, 5);
  assert.deepEqual(
    peer.messages.map(({ connection }) => connection),
    [1, 1, 2, 2, 3],
  );
  assert.equal(peer.lines.filter((line) => line.endsWith("QUIT")).length, 3);
});

test("LIMITS MAILMAX and RCPTMAX of the hop are kept", async () => {
  const offers = ["PIPELINING", "LIMITS MAILMAX=2 RCPTMAX=2"];
  const recipients = ["r0@y.test", "r1@y.test", "r2@y.test"];
  const { peer, lane } = await runAgainst({ offers }, [
    makeDelivery(1, { recipients }),
    makeDelivery(2),
  ]);
  assert.deepEqual(
    peer.messages.map((one) => one.recipients.length),
    [2, 1, 1],
  );
  assert.deepEqual(
    peer.messages.map(({ connection }) => connection),
    [1, 1, 2],
  );
  assert.equal(lane.outcomesOf(1).length, 3);
});

test("an idle connection is kept for the next message", async () => {
  const peer = new FakePeer({});
  await peer.listen();
  const lane = laneTo(peer.port, [makeDelivery(1)]);
  const later = [makeDelivery(2)];
  lane.whenIdle = () => Promise.resolve(later.shift());
  await createSmtpCourier(fakeDependencies()).run(lane);
  await peer.close();
  assert.equal(peer.connections, 1);
  assert.equal(lane.settled.length, 2);
});

const TWO = { recipients: ["r0@y.test", "r1@y.test"] };

const OUT_OF_TURN = "451 4.5.0 SMTP protocol violation: 354 to the content";

/** One message, one fresh connection: what becomes of recipients, lane and message. */
const FAULTS: readonly (readonly [string, PeerScript, readonly string[], string])[] = [
  ["MAIL refused", { command: on("MAIL", "550 5.7.1 no") }, ["failed 550 5.7.1 no"], "done"],
  [
    "MAIL deferred",
    { command: on("MAIL", "451 4.7.1 later") },
    ["deferred 451 4.7.1 later"],
    "done",
  ],
  ["RCPT refused", { command: on("RCPT", "550 5.1.1 who") }, ["failed 550 5.1.1 who"], "done"],
  ["RCPT deferred", { command: on("RCPT", "450 4.2.1 grey") }, ["deferred 450 4.2.1 grey"], "done"],
  ["DATA refused", { command: on("DATA", "554 5.5.0 no") }, ["failed 554 5.5.0 no"], "done"],
  ["content refused", { final: () => "552 5.3.4 big" }, ["failed 552 5.3.4 big"], "done"],
  ["content deferred", { final: () => "452 4.3.1 full" }, ["deferred 452 4.3.1 full"], "done"],
  ["no enhanced code", { final: () => "554" }, ["failed 554"], "done"],
  [
    "several lines",
    { final: () => "554-5.7.1 spam\r\n554 5.7.1 here" },
    ["failed 554 5.7.1 spam here"],
    "done",
  ],
  [
    "dribbled",
    { final: () => ({ act: "dribble", text: "250-2.6.0 a\r\n250 2.6.0 b" }) },
    ["relayed 250 2.6.0 a b"],
    "done",
  ],
  [
    "250 to DATA",
    { command: on("DATA", "250 ok") },
    [],
    "hop-failed 451 4.5.0 SMTP protocol violation: 250 to DATA",
  ],
  ["421 to MAIL", { command: on("MAIL", "421 4.3.2 busy") }, [], "hop-failed 421 4.3.2 busy"],
  [
    "421 to the content",
    { final: () => "421 4.3.2 busy" },
    ["deferred 421 4.3.2 busy"],
    "hop-failed 421 4.3.2 busy",
  ],
  [
    "hangs up in MAIL",
    { command: on("MAIL", { act: "drop" }) },
    [],
    "hop-failed 421 4.4.2 Connection dropped",
  ],
  [
    "hangs up after the content",
    { final: () => ({ act: "drop" }) },
    ["deferred 421 4.4.2 Connection dropped; the message may arrive twice (in doubt)"],
    "hop-failed 421 4.4.2 Connection dropped",
  ],
  [
    "354 after the content",
    { final: () => "354 more" },
    [`deferred ${OUT_OF_TURN}; the message may arrive twice (in doubt)`],
    `hop-failed ${OUT_OF_TURN}`,
  ],
  ["greets with 554", { greeting: "554 5.7.1 no" }, [], "hop-failed 554 5.7.1 no"],
  ["greets with 421", { greeting: "421 4.3.2 busy" }, [], "hop-failed 421 4.3.2 busy"],
  [
    "hangs up at once",
    { greeting: { act: "drop" } },
    [],
    "hop-failed 421 4.4.2 Connection dropped",
  ],
  [
    "is no mail server",
    { greeting: "HTTP/1.1 400 Bad" },
    [],
    "hop-failed 451 4.5.0 SMTP protocol violation: not a reply: HTTP/1.1 400 Bad",
  ],
  [
    "is ourselves",
    { name: "us.test" },
    [],
    "hop-failed 451 5.3.5 System incorrectly configured: us.test is this server itself",
  ],
  ["EHLO unknown", { ehlo: "502 5.5.1 what" }, ["relayed 250 2.6.0 queued"], "done"],
  [
    "lone dot for nobody",
    {
      command: (line) => (line.startsWith("RCPT") ? "550 5.1.1 who" : undefined),
      final: () => "554 none",
    },
    ["failed 550 5.1.1 who"],
    "done",
  ],
];

function on(verb: string, answer: string | { act: "drop" }): NonNullable<PeerScript["command"]> {
  return (line) => (line.startsWith(verb) ? answer : undefined);
}

for (const [why, script, outcomes, laneEnd] of FAULTS) {
  for (const offers of [["PIPELINING"], ["SIZE 0"]]) {
    test(`one message, ${offers}: the hop: ${why}`, async () => {
      const { lane, end } = await runAgainst({ offers, ...script }, [makeDelivery(1)]);
      assert.deepEqual(lane.outcomesOf(1), outcomes);
      assert.equal(describeEnd(end), laneEnd);
      assert.deepEqual(lane.givenBack, outcomes.length === 0 ? [1] : []);
    });
  }
}

test("the first message's trouble is not the second's", async () => {
  const command = (line: string) => (line === "RCPT TO:<bad@y.test>" ? "550 5.1.1 who" : undefined);
  const deliveries = [makeDelivery(1, { recipients: ["bad@y.test"] }), makeDelivery(2)];
  const { peer, lane } = await runAgainst({ command }, deliveries);
  assert.deepEqual(lane.outcomesOf(1), ["failed 550 5.1.1 who"]);
  assert.deepEqual(lane.outcomesOf(2), ["relayed 250 2.6.0 queued"]);
  assert.equal(peer.connections, 1);
});

test("several recipients have an outcome each", async () => {
  const command = (line: string) =>
    line.includes("r1@") ? "550 5.1.1 who" : line.includes("r2@") ? "450 4.2.1 grey" : undefined;
  const recipients = ["r0@y.test", "r1@y.test", "r2@y.test", "r3@y.test"];
  const { peer, lane } = await runAgainst({ command }, [makeDelivery(1, { recipients })]);
  assert.deepEqual(lane.outcomesOf(1), [
    "relayed 250 2.6.0 queued",
    "failed 550 5.1.1 who",
    "deferred 450 4.2.1 grey",
    "relayed 250 2.6.0 queued",
  ]);
  assert.deepEqual(peer.messages[0]?.recipients, ["RCPT TO:<r0@y.test>", "RCPT TO:<r3@y.test>"]);
});

test("452 to the recipients that are too many: they follow in a second transaction", async () => {
  const command = (line: string, count: number) =>
    line.startsWith("RCPT") && count === 2 ? "452 4.5.3 enough" : undefined;
  const { peer, lane } = await runAgainst({ command }, [makeDelivery(1, TWO)]);
  assert.deepEqual(lane.outcomesOf(1), ["relayed 250 2.6.0 queued", "relayed 250 2.6.0 queued"]);
  assert.deepEqual(
    peer.messages.map((one) => one.recipients.length),
    [1, 1],
  );
});

test("a used connection that ends before the content is replaced, and nobody notices", async () => {
  for (const answer of ["421 4.4.2 idle", { act: "drop" as const }]) {
    const command: PeerScript["command"] = (line, count, connection) =>
      connection === 1 && line.startsWith("MAIL") && count === 2 ? answer : undefined;
    const { peer, lane, end } = await runAgainst({ command }, [makeDelivery(1), makeDelivery(2)]);
    assert.equal(end.kind, "done");
    assert.deepEqual(lane.outcomesOf(2), ["relayed 250 2.6.0 queued"]);
    assert.deepEqual(
      peer.messages.map(({ connection }) => connection),
      [1, 2],
    );
  }
});

test("a connection that fails again at the same message ends the lane", async () => {
  const command: PeerScript["command"] = (line, count, connection) =>
    line.startsWith("MAIL") && (connection > 1 || count === 2) ? { act: "drop" } : undefined;
  const { peer, lane, end } = await runAgainst({ command }, [makeDelivery(1), makeDelivery(2)]);
  assert.equal(end.kind, "hop-failed");
  assert.deepEqual(lane.givenBack, [2]);
  assert.equal(peer.connections, 2);
});

test("a message that makes the server hang up is deferred by itself the second time", async () => {
  const peer = new FakePeer({ command: on("MAIL", { act: "drop" }) });
  await peer.listen();
  const courier = createSmtpCourier(fakeDependencies());
  const first = laneTo(peer.port, [makeDelivery(1)]);
  const second = laneTo(peer.port, [makeDelivery(1)]);
  assert.equal((await courier.run(first)).kind, "hop-failed");
  assert.equal((await courier.run(second)).kind, "hop-failed");
  await peer.close();
  assert.deepEqual(first.givenBack, [1]);
  assert.deepEqual(second.outcomesOf(1), ["deferred 421 4.4.2 Connection dropped"]);
});

test("the connectivity log tells the story, once each", async () => {
  const { dependencies, peer } = await runAgainst({}, [makeDelivery(1), makeDelivery(2)]);
  const { lines, counts } = dependencies;
  assert.equal(new Set(lines.map(({ session }) => session)).size, 1);
  assert.match(lines[0]?.session ?? "", /^[0-9A-F]{16}$/);
  const sent = peer.messages.reduce((bytes, { content }) => bytes + content.length, 0);
  assert.deepEqual(
    lines.map(({ direction, description }) => `${direction} ${description}`),
    [
      "+ SmartHostConnectorDelivery Out",
      `> Established connection to 127.0.0.1:${lines[1]?.description.split(":")[1]}`,
      `- Messages: 2 Bytes: ${sent} ()`,
    ],
  );
  assert.equal(counts.get("connections"), 1);
  assert.equal(counts.get("messages"), 2);
  assert.equal(counts.get("recipients-delivered"), 2);
});

test("MX that leads to ourselves: a loop, unless a better host may come back", async () => {
  const peer = new FakePeer({ name: "us.test" });
  await peer.listen();
  const own = { name: "other.test", addresses: ["127.0.0.1"], preference: 20 };
  const away = { name: "away.test", addresses: ["127.0.0.9"], preference: 10 };
  for (const [hosts, want] of [
    [[own], "hop-impossible 5.4.6"],
    [[away, own], "hop-failed 4.4.316"],
  ] as const) {
    const dependencies = fakeDependencies({ "smart.test": { kind: "hosts", hosts } });
    const lane = laneTo(peer.port, [makeDelivery(1)], { smartHosts: [] });
    const end = await createSmtpCourier(dependencies).run(lane);
    assert(end.kind !== "done");
    assert.equal(`${end.kind} ${end.fault.status}`, want);
    assert.equal(lane.settled.length, 0);
  }
  await peer.close();
});
