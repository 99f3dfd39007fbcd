import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FakePeer, type PeerScript } from "../../net/client-peer.fake.ts";
import { parseLmtpEndpoint } from "./hop-candidates.ts";
import { FakeLane, makeDelivery } from "./lane.fake.ts";
import { createLmtpCourier } from "./lmtp-courier.ts";
import { fakeDependencies, makeOrganization } from "./send-harness.fake.ts";

for (const [text, want] of [
  ["/run/lmtp.sock", { kind: "unix", path: "/run/lmtp.sock" }],
  ["box.test:2400", { kind: "host", host: { host: "box.test", isAddress: false }, port: 2400 }],
  ["box.test", { kind: "host", host: { host: "box.test", isAddress: false }, port: 24 }],
  ["127.0.0.1:1", { kind: "host", host: { host: "127.0.0.1", isAddress: true }, port: 1 }],
  ["[::1]:65535", { kind: "host", host: { host: "::1", isAddress: true }, port: 65535 }],
  ["[box.test]:24", undefined],
  ["box.test:0", undefined],
  ["box.test:65536", undefined],
  ["box.test:x", undefined],
  ["::1", undefined],
  ["", undefined],
] as const) {
  test(`LMTP endpoint "${text}"`, () => assert.deepEqual(parseLmtpEndpoint(text), want));
}

async function runLmtp(script: PeerScript, options: { readonly path?: string } = {}) {
  const peer = new FakePeer(script, "lmtp");
  await peer.listen(options.path);
  const lane = new FakeLane({
    key: {
      deliveryType: "LmtpDelivery",
      nextHopDomain: options.path ?? `127.0.0.1:${peer.port}`,
      nextHopConnector: "",
    },
    organization: makeOrganization([]),
    deliveries: [makeDelivery(1, { recipients: ["r0@y.test", "r1@y.test", "r2@y.test"] })],
  });
  const dependencies = fakeDependencies();
  const end = await createLmtpCourier(dependencies).run(lane);
  if (end.kind === "done") await peer.quiet();
  await peer.close();
  return { peer, lane, end, dependencies };
}

test("LMTP: an outcome for each recipient, from RCPT or from its own final reply", async () => {
  const { peer, lane, end, dependencies } = await runLmtp({
    offers: ["PIPELINING", "CHUNKING", "DSN"],
    command: (line) => (line.includes("r1@") ? "550 5.1.1 who" : undefined),
    final: () => "250 2.0.0 in the box\r\n452 4.2.2 full",
  });
  assert.equal(end.kind, "done");
  assert.deepEqual(lane.outcomesOf(1), [
    "delivered 250 2.0.0 in the box",
    "failed 550 5.1.1 who",
    "deferred 452 4.2.2 full",
  ]);
  assert.ok(peer.lines.includes("1: LHLO us.test"));
  assert.ok(peer.lines.includes("1: DATA"));
  assert.ok(dependencies.lines.every(({ source }) => source === "LMTP"));
});

test("LMTP: who has no reply yet when the server hangs up is in doubt", async () => {
  const { lane } = await runLmtp({ final: () => ({ act: "drop", text: "250 2.0.0 in the box" }) });
  const [first, second, third] = lane.outcomesOf(1);
  assert.equal(first, "delivered 250 2.0.0 in the box");
  assert.match(second ?? "", /^deferred 421 4\.4\.2 .*\(in doubt\)$/);
  assert.equal(third, second);
});

test("LMTP: a Unix socket, and a server that bears our own name", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lmtp-"));
  try {
    const path = join(directory, "lmtp.sock");
    const { lane, end } = await runLmtp({ name: "us.test" }, { path });
    assert.equal(end.kind, "done");
    assert.equal(lane.outcomesOf(1).length, 3);
    assert.equal(lane.hops[0]?.address, path);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("LMTP: a socket that is not there is a hop that is down", async () => {
  const lane = new FakeLane({
    key: { deliveryType: "LmtpDelivery", nextHopDomain: "/nowhere/lmtp", nextHopConnector: "" },
    organization: makeOrganization([]),
    deliveries: [makeDelivery(1)],
  });
  const end = await createLmtpCourier(fakeDependencies()).run(lane);
  assert.equal(end.kind === "done" ? "" : end.fault.diagnostic, "451 4.4.316 Connection refused");
  assert.deepEqual(lane.givenBack, [1]);
});
