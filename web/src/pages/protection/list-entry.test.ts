import assert from "node:assert/strict";
import { test } from "node:test";
import { ipParameters, parseSenderEntry } from "./list-entry.ts";

for (const [text, kind, name] of [
  ["eve@fabrikam.com", "address", "eve@fabrikam.com"],
  ["<eve@fabrikam.com>", "address", "eve@fabrikam.com"],
  ["fabrikam.com", "domain", "fabrikam.com"],
  ["@fabrikam.com", "domain", "fabrikam.com"],
  ["*.fabrikam.com", "domainAndSubdomains", "fabrikam.com"],
  ["eve", undefined, undefined],
  ["eve@", undefined, undefined],
  ["eve @fabrikam.com", undefined, undefined],
  ["", undefined, undefined],
] as const) {
  test(`what is typed into a list of senders: ${JSON.stringify(text)}`, () => {
    const entry = parseSenderEntry(text);
    assert.deepEqual([entry?.kind, entry?.name], [kind, name]);
  });
}

test("one address is no range", () => {
  assert.deepEqual(ipParameters("192.0.2.7"), { IPAddress: "192.0.2.7" });
  assert.deepEqual(ipParameters("2001:db8::/32"), { IPRange: "2001:db8::/32" });
  assert.deepEqual(ipParameters("192.0.2.1-192.0.2.9"), { IPRange: "192.0.2.1-192.0.2.9" });
});
