import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddressRange } from "../../org/settings/address-range.ts";
import { clientInReceived, isInternal, originAddress } from "./origin-address.ts";

const INTERNAL = ["10.0.0.0/8", "2001:db8:1::/48"].flatMap((text) => parseAddressRange(text) ?? []);

for (const [value, want] of [
  ["from mx (mx.fabrikam.test [192.0.2.1]) by edge.contoso.test; date", "192.0.2.1"],
  ["from mx.fabrikam.test (192.0.2.1) by edge (10.0.0.1) with SMTP; date", "192.0.2.1"],
  ["from [198.51.100.9] (192.0.2.1) by edge (10.0.0.1); date", "192.0.2.1"],
  ["from [192.0.2.1] (helo=[198.51.100.9]) by edge; date", "192.0.2.1"],
  ["from x ([192.0.2.1] helo=[198.51.100.9]) by edge; date", "192.0.2.1"],
  ["from x (unknown [IPv6:2001:DB8::1]) by edge; date", "2001:db8::1"],
  ["from x (fe80::1%12) by edge; date", "fe80::1"],
  ["from x\tby edge (10.0.0.1); date", undefined],
  ["by edge (10.0.0.1) with HTTP; date", undefined],
  ["from x (unknown [999.0.2.1]) by edge; date", undefined],
  ["", undefined],
] as const) {
  test(`clientInReceived: ${value}`, () => assert.equal(clientInReceived(value), want));
}

test("clientInReceived never throws and gives an address or nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const found = clientInReceived(`from ${text}`);
      assert.ok(found === undefined || /^[\da-f.:]+$/.test(found));
    }),
  );
});

const header = (...lines: readonly string[]) => Buffer.from(`${lines.join("\r\n")}\r\n`);
const RECEIVED = (address: string) => `Received: from a (a [${address}])\r\n\tby b; date`;

for (const [why, remote, lines, want] of [
  ["a stranger is its own origin", "192.0.2.7", [RECEIVED("198.51.100.1")], "192.0.2.7"],
  [
    "behind one of ours",
    "10.0.0.1",
    [RECEIVED("192.0.2.1"), RECEIVED("198.51.100.1")],
    "192.0.2.1",
  ],
  [
    "behind two of ours",
    "10.0.0.1",
    [RECEIVED("2001:db8:1::5"), "X: y", RECEIVED("198.51.100.1")],
    "198.51.100.1",
  ],
  ["nothing but ours", "10.0.0.1", [RECEIVED("10.1.1.1")], undefined],
  ["a hop that hides", "10.0.0.1", ["Received: by b; date", RECEIVED("192.0.2.1")], undefined],
] as const) {
  test(`originAddress: ${why}`, () => {
    assert.equal(originAddress(remote, INTERNAL, header(...lines)), want);
  });
}

test("no list of internal servers makes nobody internal", () => {
  assert.equal(isInternal("10.0.0.1", []), false);
  assert.equal(isInternal("no address", INTERNAL), false);
});
