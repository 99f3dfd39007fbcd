import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { FakePeer } from "./client-peer.fake.ts";
import { type DialOptions, type DialTarget, dial } from "./dial.ts";

const OPTIONS: DialOptions = {
  clock: systemClock,
  connectTimeoutMs: 30_000,
  sourceAddress: undefined,
  signal: undefined,
};

async function outcome(target: DialTarget, options: Partial<DialOptions> = {}): Promise<string> {
  const result = await dial(target, { ...OPTIONS, ...options });
  if (!result.ok) return result.fault.kind;
  const text = `${result.value.localAddress}`;
  result.value.destroy();
  return text;
}

test("dial: connects, from the address it is told", async () => {
  const peer = new FakePeer({});
  await peer.listen();
  const target = { kind: "tcp", address: "127.0.0.1", port: peer.port } as const;
  assert.equal(await outcome(target), "127.0.0.1");
  assert.equal(await outcome(target, { sourceAddress: "127.0.0.9" }), "127.0.0.9");
  const { port } = peer;
  await peer.close();
  assert.equal(await outcome({ ...target, port }), "refused");
});

test("dial: what cannot be", async () => {
  const target = { kind: "tcp", address: "127.0.0.1", port: 9 } as const;
  assert.equal(await outcome(target, { sourceAddress: "::1" }), "unreachable");
  // A name would be looked up by the system's resolver, behind our own's back.
  assert.equal(await outcome({ ...target, address: "localhost" }), "unreachable");
  assert.equal(await outcome({ kind: "unix", path: "/nowhere/socket" }), "refused");
  assert.equal(await outcome(target, { signal: AbortSignal.abort() }), "aborted");
});

test("dial: gives up in time, and when told to", async () => {
  const peer = new FakePeer({});
  await peer.listen();
  const target = { kind: "tcp", address: "127.0.0.1", port: peer.port } as const;
  const clock = fakeClock();
  const late = outcome(target, { clock });
  // The connection cannot have been made before this: nothing has run since the call.
  clock.advance(OPTIONS.connectTimeoutMs);
  assert.equal(await late, "timeout");
  const controller = new AbortController();
  const stopped = outcome(target, { signal: controller.signal });
  controller.abort();
  assert.equal(await stopped, "aborted");
  await peer.close();
});
