import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isComplete,
  NEW_PARTNER,
  type Partner,
  partnerName,
  receiveConnectorCall,
  sendConnectorCall,
} from "./partner.ts";

const FABRIKAM: Partner = { ...NEW_PARTNER, domains: "Fabrikam.com\nbob@fabrikam.net" };

test("TLS is enforced with the partner's name unless something else is asked for", () => {
  assert.deepEqual(sendConnectorCall(FABRIKAM).parameters, {
    Name: "Partner fabrikam.com",
    Usage: "Partner",
    AddressSpaces: ["SMTP:fabrikam.com;1", "SMTP:fabrikam.net;1"],
    DnsRoutingEnabled: true,
    RequireTLS: true,
    TlsAuthLevel: "DomainValidation",
  });
});

test("hosts, port, subdomains and the name in the certificate are taken over", () => {
  const { parameters } = sendConnectorCall({
    ...FABRIKAM,
    name: " Fabrikam ",
    domains: "*.fabrikam.com",
    withSubdomains: true,
    bySmartHost: true,
    smartHosts: "mx1.fabrikam.com, [192.0.2.1]",
    port: "2525",
    certificateName: "*.fabrikam.com",
  });
  assert.equal(parameters["Name"], "Fabrikam");
  assert.deepEqual(parameters["AddressSpaces"], ["SMTP:*.fabrikam.com;1"]);
  assert.deepEqual(parameters["SmartHosts"], ["mx1.fabrikam.com", "[192.0.2.1]"]);
  assert.equal(parameters["Port"], 2525);
  assert.equal(parameters["TlsDomain"], "*.fabrikam.com");
  assert.equal("DnsRoutingEnabled" in parameters, false);
});

test("the way in takes TLS only", () => {
  const { parameters } = receiveConnectorCall(
    { ...FABRIKAM, ranges: "192.0.2.0/24\n198.51.100.7", binding: "0.0.0.0:25" },
    "From it",
  );
  assert.equal(parameters["RequireTLS"], true);
  assert.deepEqual(parameters["RemoteIPRanges"], ["192.0.2.0/24", "198.51.100.7"]);
});

for (const [why, change, expected] of [
  ["domains are enough", {}, true],
  ["none", { domains: " " }, false],
  ["hosts that are not named", { bySmartHost: true, certificateName: "x.test" }, false],
  ["hosts without a name to check", { bySmartHost: true, smartHosts: "x" }, false],
  ["hosts", { bySmartHost: true, smartHosts: "x", certificateName: "x.test" }, true],
  ["hosts, whoever", { bySmartHost: true, smartHosts: "x", assurance: "EncryptionOnly" }, true],
  ["a way in from nowhere", { alsoIn: true, binding: "0.0.0.0:25" }, false],
  ["a way in", { alsoIn: true, binding: "0.0.0.0:25", ranges: "192.0.2.1" }, true],
] as const) {
  test(`isComplete: ${why}`, () => {
    assert.equal(isComplete({ ...FABRIKAM, ...change }), expected);
  });
}

test("a name is made from the first domain", () => {
  assert.equal(partnerName(FABRIKAM), "Partner fabrikam.com");
  assert.equal(partnerName(NEW_PARTNER), "");
});
