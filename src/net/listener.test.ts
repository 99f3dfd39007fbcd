import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { type ListenerOptions, openListener } from "./listener.ts";
import { FakeHandler, openHarness } from "./server-harness.fake.ts";

const OPTIONS: ListenerOptions = {
  clock: fakeClock(),
  diagnostics: silentDiagnostics,
  address: "127.0.0.1",
  port: 0,
  count: () => {},
  isTrustedProxy: () => false,
  implicitTls: false,
  handshakeTimeoutMs: 30_000,
  openSession: () => new FakeHandler(),
};

test("policy refuses a connection with its own words", async (context) => {
  const reply = { code: 421, status: "4.3.2", lines: ["Service not active"] };
  const harness = await openHarness([reply, new FakeHandler()]);
  context.after(() => harness.close());
  assert.equal(await harness.connect().reply(), "421 4.3.2 Service not active");
  assert.match(await harness.connect().reply(), /^220 /);
});

test("a fault while a session opens is that connection's only", async (context) => {
  let count = 0;
  const harness = await openHarness([], {
    openSession() {
      count += 1;
      if (count === 1) throw new Error("broken");
      return new FakeHandler();
    },
  });
  context.after(() => harness.close());
  assert.match(await harness.connect().reply(), /^421 4\.3\.0 /);
  assert.match(await harness.connect().reply(), /^220 /);
});

test("two listeners share a port", async () => {
  const first = await openListener(OPTIONS);
  assert.ok(first.ok);
  const second = await openListener({ ...OPTIONS, port: first.value.port });
  assert.ok(second.ok);
  await first.value.stop(0);
  await second.value.stop(0);
});

test("IPv4 and IPv6 wildcards on one port", async () => {
  const ipv4 = await openListener({ ...OPTIONS, address: "0.0.0.0" });
  assert.ok(ipv4.ok);
  const ipv6 = await openListener({ ...OPTIONS, address: "::", port: ipv4.value.port });
  assert.ok(ipv6.ok);
  await ipv4.value.stop(0);
  await ipv6.value.stop(0);
});

test("a port in use is a fault that says so", async (context) => {
  const other = createServer().listen(0, "127.0.0.1");
  context.after(() => other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  assert.ok(typeof address === "object" && address !== null);
  const opened = await openListener({ ...OPTIONS, port: address.port });
  assert.ok(!opened.ok);
  assert.equal(opened.fault.kind, "in-use");
  assert.match(opened.fault.message, new RegExp(`127\\.0\\.0\\.1:${address.port}`));
});

test("an address that is not ours is a fault that says so", async () => {
  const opened = await openListener({ ...OPTIONS, address: "192.0.2.1" });
  assert.ok(!opened.ok);
  assert.equal(opened.fault.kind, "no-such-address");
});
