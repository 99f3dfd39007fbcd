import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { MINUTE, SECOND } from "../base/units.ts";
import { createFailureMemory, openFailureCounts } from "./failure-counts.ts";
import { createLogonGuard } from "./logon-guard.ts";

const ALICE = "alice@contoso.test";

function setUp() {
  const clock = fakeClock();
  const memory = createFailureMemory();
  const open = () => createLogonGuard(openFailureCounts(memory), () => clock.nowMs());
  return { clock, guard: open(), other: open() };
}

function at(remoteAddress: string, user = ALICE) {
  return { user, remoteAddress };
}

test("who guesses is held back on every thread, for longer each time, and never for good", () => {
  const { clock, guard, other } = setUp();
  const attacker = at("192.0.2.7");
  for (let count = 0; count < 5; count += 1) {
    assert.equal(guard.judge(attacker).kind, "admitted");
    guard.failed(attacker);
  }
  assert.equal(other.judge(attacker).kind, "held");
  assert.equal(other.judge(at("192.0.2.8")).kind, "held", "a neighbour in the same network");
  assert.equal(other.judge(at("192.0.2.8", "bob@contoso.test")).kind, "admitted");
  assert.equal(other.judge(at("198.51.100.1")).kind, "admitted", "the user elsewhere");
  clock.advance(31 * SECOND);
  assert.equal(other.judge(attacker).kind, "admitted");
  other.failed(attacker);
  clock.advance(31 * SECOND);
  assert.equal(guard.judge(attacker).kind, "held");
  clock.advance(30 * SECOND);
  assert.equal(guard.judge(attacker).kind, "admitted");
});

test("the right password makes the wrong ones before it forgotten", () => {
  const { guard } = setUp();
  for (let count = 0; count < 4; count += 1) guard.failed(at("192.0.2.7"));
  guard.succeeded(at("192.0.2.7"));
  for (let count = 0; count < 4; count += 1) guard.failed(at("192.0.2.7"));
  assert.equal(guard.judge(at("192.0.2.7")).kind, "admitted");
});

test("a thousand attackers slow a user, but not where he is known", () => {
  const { guard } = setUp();
  guard.succeeded(at("203.0.113.5"));
  for (let host = 0; host < 1000; host += 1) {
    guard.failed(at(`10.${host >> 8}.${host & 255}.1`));
  }
  assert.deepEqual(guard.judge(at("198.51.100.1")), { kind: "admitted", delayMs: 8000 });
  assert.deepEqual(guard.judge(at("203.0.113.5")), { kind: "admitted", delayMs: 0 });
});

test("one source that tries everybody is held back for everybody", () => {
  const { guard } = setUp();
  for (let user = 0; user < 20; user += 1) guard.failed(at("192.0.2.7", `user${user}@c.test`));
  assert.equal(guard.judge(at("192.0.2.7")).kind, "held");
  assert.equal(guard.judge(at("192.0.2.7", "")).kind, "held");
  assert.equal(guard.judge(at("192.0.2.8")).kind, "admitted");
});

test("an account of his own does not free an attacker's source", () => {
  const { guard } = setUp();
  for (let user = 0; user < 25; user += 1) {
    guard.failed(at("192.0.2.7", `user${user}@c.test`));
    guard.succeeded(at("192.0.2.7", "mallory@c.test"));
  }
  assert.equal(guard.judge(at("192.0.2.7")).kind, "held");
});

for (const [why, one, other, isSame] of [
  ["an IPv6 /48", "2001:db8:1:1::1", "2001:db8:1:ffff::1", true],
  ["two IPv6 /48", "2001:db8:1:1::1", "2001:db8:2:1::1", false],
  ["an IPv4 /24", "192.0.2.1", "192.0.2.254", true],
  ["an IPv4 address mapped into IPv6", "192.0.2.1", "::ffff:192.0.2.9", true],
  ["two IPv4 /24", "192.0.2.1", "192.0.3.1", false],
] as const) {
  test(`networks: ${why}`, () => {
    const { clock, guard } = setUp();
    for (let count = 0; count < 5; count += 1) guard.failed(at(one));
    assert.equal(guard.judge(at(other)).kind, isSame ? "held" : "admitted");
    clock.advance(MINUTE);
    assert.equal(guard.judge(at(other)).kind, "admitted");
  });
}

test("failures of nobody in particular count for the source alone", () => {
  const { guard } = setUp();
  for (let count = 0; count < 6; count += 1) guard.failed(at("192.0.2.7", ""));
  assert.equal(guard.judge(at("192.0.2.7", "")).kind, "admitted");
  guard.succeeded(at("192.0.2.7", ""));
});
