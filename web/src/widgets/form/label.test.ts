import assert from "node:assert/strict";
import { test } from "node:test";
import { labelOf } from "./label.ts";

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
