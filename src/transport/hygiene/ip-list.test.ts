import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { IPListEntry } from "../../org/connection-filter-settings.ts";
import { parseAddressRange } from "../../org/settings/address-range.ts";
import { addressNumber, isLoopback } from "./address-number.ts";
import { findEntry } from "./ip-list.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

function entry(text: string, expirationTime?: string): IPListEntry {
  const name = parseAddressRange(text);
  assert.ok(name);
  return { name, expirationTime, comment: "" };
}

const LIST = [
  entry("192.0.2.0/24"),
  entry("192.0.2.7"),
  entry("198.51.100.1-198.51.100.9", "2026-05-31T23:59:59Z"),
  entry("198.51.100.5", "2026-06-01T00:00:01Z"),
  entry("2001:db8::/32"),
  entry("::/1"),
];

for (const [address, want] of [
  ["192.0.2.7", "192.0.2.7"],
  ["192.0.2.8", "192.0.2.0/24"],
  ["192.0.3.0", undefined],
  ["198.51.100.4", undefined],
  ["198.51.100.5", "198.51.100.5"],
  ["2001:db8:ffff::1", "2001:db8::/32"],
  ["2001:db9::1", "::/1"],
  ["203.0.113.1", undefined],
] as const) {
  test(`the entry of ${address} is ${want}`, () => {
    assert.equal(findEntry(LIST, addressNumber(address) ?? 0n, NOW)?.name.text, want);
  });
}

test("finds what looking at every entry finds", () => {
  const octet = fc.integer({ min: 0, max: 3 });
  const span = fc.tuple(octet, octet, octet, octet);
  fc.assert(
    fc.property(fc.array(span, { maxLength: 60 }), octet, octet, (spans, a, b) => {
      const entries = spans.map(([c, d, e, f]) => {
        const [low, high] = [c * 8 + d, e * 8 + f].toSorted((one, other) => one - other);
        return entry(`10.0.0.${low}-10.0.0.${high}`);
      });
      const address = addressNumber(`10.0.0.${a * 8 + b}`) ?? 0n;
      const holding = entries.filter(({ name }) => name.first <= address && address <= name.last);
      const found = findEntry(entries, address, NOW);
      assert.equal(found !== undefined, holding.length > 0);
      const narrowest = holding.map(({ name }) => name.last - name.first);
      if (found) assert.ok(narrowest.every((width) => found.name.last - found.name.first <= width));
    }),
  );
});

test("this machine's own addresses are known", () => {
  for (const own of ["127.0.0.1", "127.9.9.9", "::1"]) {
    assert.equal(isLoopback(addressNumber(own) ?? 0n), true);
  }
  for (const other of ["128.0.0.1", "::2", "10.0.0.1", "::ffff:192.0.2.127"]) {
    assert.equal(isLoopback(addressNumber(other) ?? 0n), false);
  }
});
