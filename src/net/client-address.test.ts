import assert from "node:assert/strict";
import { test } from "node:test";
import { shownAddress, sourceOf } from "./client-address.ts";

for (const [address, shown, source] of [
  ["192.0.2.1", "192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3::4", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"],
  ["fe80::1%eth0", "fe80::1", "fe80:0:0:0::/64"],
  ["::1", "::1", "0:0:0:0::/64"],
] as const) {
  test(`source of ${address}`, () => {
    assert.equal(shownAddress(address), shown);
    assert.equal(sourceOf(address), source);
  });
}
