import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDnsServer, parseResolvConf } from "./resolv-conf.ts";

test("parseResolvConf reads the first three servers", () => {
  const text = [
    "# nameserver 192.0.2.9",
    "search example.test",
    "nameserver 192.0.2.1 # first",
    "\tnameserver\t2001:db8::1",
    "nameserver not-an-address",
    "nameserver",
    "nameserver fe80::1%eth0\r",
    "nameserver 192.0.2.4",
  ].join("\n");
  assert.deepEqual(
    parseResolvConf(text).map((server) => server.address),
    ["192.0.2.1", "2001:db8::1", "fe80::1%eth0"],
  );
});

test("parseResolvConf without a server means this machine", () => {
  assert.deepEqual(parseResolvConf(""), [{ address: "127.0.0.1", port: 53 }]);
});

for (const [text, want] of [
  ["192.0.2.1", { address: "192.0.2.1", port: 53 }],
  ["127.0.0.1:5353", { address: "127.0.0.1", port: 5353 }],
  ["2001:db8::1", { address: "2001:db8::1", port: 53 }],
  ["[2001:db8::1]:5353", { address: "2001:db8::1", port: 5353 }],
  ["[2001:db8::1]", { address: "2001:db8::1", port: 53 }],
  ["127.0.0.1:0", undefined],
  ["127.0.0.1:65536", undefined],
  ["ns.example.test:53", undefined],
  ["", undefined],
] as const) {
  test(`parseDnsServer ${text}`, () => assert.deepEqual(parseDnsServer(text), want));
}
