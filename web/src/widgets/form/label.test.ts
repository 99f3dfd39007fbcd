import assert from "node:assert/strict";
import { test } from "node:test";
import { faultAt, labelOf } from "./label.ts";

for (const [name, label] of [
  ["Name", "Name"],
  ["MaxMessageSize", "Max message size"],
  ["RequireTLS", "Require TLS"],
  ["ImplicitTlsEnabled", "Implicit TLS enabled"],
  ["RemoteIPRanges", "Remote IP ranges"],
  ["Fqdn", "FQDN"],
  ["DmarcAction", "DMARC action"],
  ["SCLJunkThreshold", "SCL junk threshold"],
  ["NtlmV1Enabled", "NTLM V1 enabled"],
  ["Identity", "Identity"],
] as const) {
  test(`a label: ${name}`, () => assert.equal(labelOf(name), label));
}

for (const [message, shown] of [
  ['-Members: "alice" is no address', '"alice" is no address'],
  ["-Members is missing; New-X needs it", "-Members is missing; New-X needs it"],
  ['there is no recipient "bob"', 'there is no recipient "bob"'],
  ["-Member: text", "-Member: text"],
] as const) {
  test(`a fault at its field: ${message}`, () => assert.equal(faultAt("Members", message), shown));
}
