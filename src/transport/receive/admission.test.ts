import assert from "node:assert/strict";
import { test } from "node:test";
import { admitConnection } from "./admission.ts";
import {
  type ConnectionCounts,
  connectionCountsBytes,
  openConnectionCounts,
  ownConnectionCounts,
} from "./connection-counts.ts";
import { sampleConnector } from "./sample-organization.fake.ts";

const KINDS: readonly (readonly [string, () => ConnectionCounts])[] = [
  ["own", ownConnectionCounts],
  [
    "shared",
    () => {
      const memory = new SharedArrayBuffer(connectionCountsBytes(2));
      openConnectionCounts(memory, { thread: 1, threads: 2 });
      return openConnectionCounts(memory, { thread: 0, threads: 2 });
    },
  ],
];

for (const [kind, open] of KINDS) {
  test(`${kind} counts: MaxInboundConnectionPerSource at the limit and past it`, () => {
    const counts = open();
    const connector = sampleConnector({ maxInboundConnectionPerSource: 3 });
    const admit = (from: string) => admitConnection(counts, connector, from);
    const first = admit("192.0.2.1");
    assert.equal(first.kind, "admitted");
    assert.equal(admit("192.0.2.1").kind, "admitted");
    assert.equal(admit("192.0.2.1").kind, "admitted");
    assert.equal(admit("192.0.2.1").kind, "source-limit");
    assert.equal(admit("192.0.2.2").kind, "admitted");
    if (first.kind === "admitted") {
      first.leave();
      first.leave();
    }
    assert.equal(admit("192.0.2.1").kind, "admitted");
    assert.equal(admit("192.0.2.1").kind, "source-limit");
  });

  test(`${kind} counts: MaxInboundConnection at the limit and past it`, () => {
    const counts = open();
    const connector = sampleConnector({ maxInboundConnection: 2 });
    assert.equal(admitConnection(counts, connector, "192.0.2.1").kind, "admitted");
    assert.equal(admitConnection(counts, connector, "192.0.2.2").kind, "admitted");
    assert.equal(admitConnection(counts, connector, "192.0.2.3").kind, "limit");
    const other = sampleConnector({ name: "other", maxInboundConnection: 2 });
    assert.equal(admitConnection(counts, other, "192.0.2.3").kind, "admitted");
  });

  test(`${kind} counts: a source gets its share of what is free, at least one`, () => {
    const counts = open();
    const connector = sampleConnector({
      maxInboundConnection: 100,
      maxInboundConnectionPercentagePerSource: 2,
    });
    const admit = (from: string) => admitConnection(counts, connector, from).kind;
    // 2 % of 100, then 2 % of 99 and less: one.
    assert.equal(admit("192.0.2.1"), "admitted");
    assert.equal(admit("192.0.2.1"), "source-limit");
    assert.equal(admit("192.0.2.2"), "admitted");
  });

  test(`${kind} counts: unlimited`, () => {
    const counts = open();
    const connector = sampleConnector({
      maxInboundConnection: Number.POSITIVE_INFINITY,
      maxInboundConnectionPerSource: Number.POSITIVE_INFINITY,
      maxInboundConnectionPercentagePerSource: 100,
    });
    for (let index = 0; index < 500; index += 1) {
      assert.equal(admitConnection(counts, connector, "192.0.2.1").kind, "admitted");
    }
  });
}

test("threads count together, and a thread that starts anew leaves nothing behind", () => {
  const memory = new SharedArrayBuffer(connectionCountsBytes(2));
  const first = openConnectionCounts(memory, { thread: 0, threads: 2 });
  const second = openConnectionCounts(memory, { thread: 1, threads: 2 });
  first.enter("a");
  second.enter("a");
  second.enter("a");
  assert.equal(first.count("a"), 3);
  assert.equal(second.count("a"), 3);
  second.leave("a");
  assert.equal(first.count("a"), 2);
  const restarted = openConnectionCounts(memory, { thread: 1, threads: 2 });
  assert.equal(first.count("a"), 1);
  assert.equal(restarted.count("a"), 1);
});

test("ten thousand other sources leave a newcomer's count at zero or near it", () => {
  const memory = new SharedArrayBuffer(connectionCountsBytes(1));
  const counts = openConnectionCounts(memory, { thread: 0, threads: 1 });
  for (let index = 0; index < 10_000; index += 1) {
    counts.enter(`c 192.0.${index >> 8}.${index & 255}`);
  }
  let overcounted = 0;
  for (let index = 0; index < 1000; index += 1) {
    if (counts.count(`c 203.0.113.${index}`) > 1) overcounted += 1;
  }
  assert.ok(overcounted < 10, `${overcounted} of 1000`);
  for (let index = 0; index < 10_000; index += 1) {
    counts.leave(`c 192.0.${index >> 8}.${index & 255}`);
  }
  assert.equal(counts.count("c 192.0.0.0"), 0);
});
