import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR } from "../../base/units.ts";
import { createReputationMemory, ReputationTable } from "./reputation-table.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

function open() {
  const memory = createReputationMemory();
  return { table: new ReputationTable(memory), other: new ReputationTable(memory) };
}

test("what one thread counts all threads see, and it halves each day", () => {
  const { table, other } = open();
  for (let count = 0; count < 8; count += 1) {
    table.add("192.0.2.1", ["messages", "spam"], { nowMs: NOW, hello: `host${count}.test` });
  }
  table.add("192.0.2.1", ["messages"], { nowMs: NOW, hello: "host1.test" });
  const profile = other.read("192.0.2.1", NOW)?.profile;
  assert.deepEqual([profile?.messages, profile?.spam], [9, 8]);
  assert.ok((profile?.helloNames ?? 0) >= 4, "different names, about");
  assert.equal(other.read("192.0.2.1", NOW + 12 * HOUR)?.profile.helloNames, profile?.helloNames);
  const later = other.read("192.0.2.1", NOW + 12 * HOUR + DAY)?.profile;
  assert.ok(Math.abs((later?.spam ?? 0) - 8 / 2 ** 1.5) < 0.1);
  assert.equal(later?.helloNames, 0);
});

test("a source is an IPv4 address or an IPv6 network", () => {
  const { table } = open();
  table.add("::ffff:192.0.2.1", ["messages"], { nowMs: NOW });
  table.add("2001:db8:0:1::1", ["messages"], { nowMs: NOW });
  table.add("2001:db8:0:1:ffff::2%eth0", ["messages"], { nowMs: NOW });
  table.add("no address", ["messages"], { nowMs: NOW });
  assert.equal(table.read("192.0.2.1", NOW)?.source, "192.0.2.1");
  assert.equal(table.read("192.0.2.2", NOW), undefined);
  assert.equal(table.read("2001:db8:0:1::9", NOW)?.profile.messages, 2);
  assert.deepEqual([...table.all(NOW)].map(({ source }) => source).toSorted(), [
    "192.0.2.1",
    "2001:db8:0:1::/64",
  ]);
  assert.equal(table.forget("2001:db8:0:1::/64"), true);
  assert.equal(table.forget("2001:db8:0:1::/64"), false);
});

test("a block lasts for its time, and what was counted begins anew", () => {
  const { table, other } = open();
  table.add("192.0.2.1", ["messages", "spam"], { nowMs: NOW });
  table.block("192.0.2.1", { nowMs: NOW, untilMs: NOW + DAY, level: 8 });
  assert.equal(other.isBlocked("192.0.2.1", NOW + DAY - 1), true);
  assert.deepEqual(other.read("192.0.2.1", NOW), {
    source: "192.0.2.1",
    profile: { ...other.read("192.0.2.1", NOW)?.profile, messages: 0, spam: 0 },
    blockedUntilMs: NOW + DAY,
    blockedLevel: 8,
  });
  assert.equal(other.isBlocked("192.0.2.1", NOW + DAY), false);
  assert.equal(other.read("192.0.2.1", NOW + DAY)?.blockedLevel, 0);
});

test("however many sources there are, memory stays, and who is blocked stays blocked", () => {
  const { table } = open();
  table.block("192.0.2.1", { nowMs: NOW, untilMs: NOW + DAY, level: 8 });
  for (let count = 0; count < 100_000; count += 1) {
    const address = `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`;
    table.add(address, ["messages"], { nowMs: NOW + HOUR });
  }
  assert.ok([...table.all(NOW + HOUR)].length <= 1 << 15);
  assert.equal(table.isBlocked("192.0.2.1", NOW + HOUR), true);
});
