import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfiguration } from "./configuration.ts";
import { organizationOf } from "./sample-objects.fake.ts";

const HOSTS = "smartHosts: [relay.test]";
const LOGON = "authenticationCredential: { userName: u, password: hunter2 }";
const CLIENT =
  "oauthClient: { tokenEndpoint: 'https://login.test/t', clientId: c, clientSecret: hunter2, " +
  "userName: a@b.test }";
const CERTIFICATE = 'tlsCertificateName: "<S>CN=us.test"';

/** A connector's properties, and the property that is complained of, `good` when none is. */
const CASES: readonly (readonly [properties: string, want: string])[] = [
  ["", "good"],
  [`${HOSTS}, dnsRoutingEnabled: false`, "good"],
  [`${HOSTS}, dnsRoutingEnabled: true`, "dnsRoutingEnabled"],
  ["dnsRoutingEnabled: false", "dnsRoutingEnabled"],
  ["port: 0", "port"],
  ["requireTLS: true, ignoreSTARTTLS: true", "ignoreSTARTTLS"],
  ["requireTLS: true, forceHELO: true", "forceHELO"],
  ["tlsAuthLevel: EncryptionOnly", "tlsAuthLevel"],
  ["requireTLS: true, tlsAuthLevel: EncryptionOnly", "good"],
  ["requireTLS: true, tlsAuthLevel: DomainValidation", "good"],
  [`${HOSTS}, requireTLS: true, tlsAuthLevel: DomainValidation`, "tlsAuthLevel"],
  [`${HOSTS}, requireTLS: true, tlsAuthLevel: DomainValidation, tlsDomain: "*.b.test"`, "good"],
  ["requireTLS: true, tlsAuthLevel: CertificateValidation, tlsDomain: b.test", "tlsDomain"],
  [`ignoreSTARTTLS: true, ${CERTIFICATE}`, "tlsCertificateName"],
  ["ignoreSTARTTLS: true, smtpDaneMode: Mandatory", "ignoreSTARTTLS"],
  ["domainSecureEnabled: true", "good"],
  ["domainSecureEnabled: true, addressSpaces: ['*.b.test']", "domainSecureEnabled"],
  [`domainSecureEnabled: true, ${HOSTS}`, "domainSecureEnabled"],
  ["domainSecureEnabled: true, ignoreSTARTTLS: true", "ignoreSTARTTLS"],
  [`${HOSTS}, smartHostAuthMechanism: BasicAuth, ${LOGON}`, "good"],
  [`${HOSTS}, smartHostAuthMechanism: BasicAuth, ignoreSTARTTLS: true, ${LOGON}`, "good"],
  [`smartHostAuthMechanism: BasicAuth, ${LOGON}`, "smartHostAuthMechanism"],
  [`${HOSTS}, smartHostAuthMechanism: BasicAuth`, "smartHostAuthMechanism"],
  [`${HOSTS}, smartHostAuthMechanism: Ntlm`, "smartHostAuthMechanism"],
  [
    `${HOSTS}, smartHostAuthMechanism: BasicAuth, forceHELO: true, ${LOGON}`,
    "smartHostAuthMechanism",
  ],
  [
    `${HOSTS}, smartHostAuthMechanism: BasicAuthRequireTLS, ignoreSTARTTLS: true, ${LOGON}`,
    "smartHostAuthMechanism",
  ],
  [`${HOSTS}, ${LOGON}`, "authenticationCredential"],
  [`${HOSTS}, smartHostAuthMechanism: OAuth, ${CLIENT}`, "good"],
  [`${HOSTS}, smartHostAuthMechanism: OAuth`, "smartHostAuthMechanism"],
  [`${HOSTS}, ${CLIENT}`, "oauthClient"],
  [`${HOSTS}, smartHostAuthMechanism: Certificate`, "smartHostAuthMechanism"],
  [`${HOSTS}, smartHostAuthMechanism: Certificate, ${CERTIFICATE}`, "good"],
  [`${HOSTS}, smartHostAuthMechanism: ExternalAuthoritative`, "good"],
  ["connectorType: XPremises", "connectorType"],
  ["connectorType: XPremises, cloudServicesMailEnabled: true", "good"],
  ["useExternalDNSServersEnabled: true", "useExternalDNSServersEnabled"],
  ["errorPolicies: [Default, DowngradeDnsFailures]", "errorPolicies"],
  ["errorPolicies: [DowngradeCustomFailures]", "errorPolicies"],
  ["errorPolicies: [UpgradeCustomFailures], customFailureCodes: [452, 4.3.1]", "good"],
  ["errorPolicies: [UpgradeCustomFailures], customFailureCodes: [550]", "errorPolicies"],
  ["customFailureCodes: ['550']", "customFailureCodes"],
  ["errorPolicies: [DowngradeCustomFailures], customFailureCodes: [never]", "customFailureCodes"],
];

for (const [properties, want] of CASES) {
  test(`send connector: ${properties === "" ? "nothing more" : properties}`, () => {
    const spaces = properties.includes("addressSpaces") ? "" : "addressSpaces: ['*'], ";
    const text = `sendConnectors: [{ name: out, ${spaces}${properties} }]`;
    const context = { fileName: "test.yaml", hostName: "us.test", cores: 1 };
    const read = parseConfiguration(text, context);
    const faults = read.ok ? [] : read.fault;
    const [first = "good"] = faults.map(({ property }) => property ?? "?");
    assert.equal(first, want);
    for (const fault of faults) {
      assert.ok(fault.message.startsWith(`${fault.property}: `), fault.message);
      assert.doesNotMatch(fault.message, /hunter2/);
    }
  });
}

for (const [usage, given, want] of [
  ["Internal", "", Number.POSITIVE_INFINITY],
  ["Internal", ", maxMessageSize: 1MB", 1_048_576],
  ["Internet", "", 36_700_160],
  ["Partner", "", 36_700_160],
] as const) {
  test(`send connector: usage ${usage}${given} takes ${want} bytes`, () => {
    const text = `sendConnectors: [{ name: a, addressSpaces: "*", usage: ${usage}${given} }]`;
    assert.equal(organizationOf(text).sendConnectors[0]?.maxMessageSize, want);
  });
}

test("send connector: spaces are read, other types refused", () => {
  const [own] = organizationOf(
    `sendConnectors: [{ name: a, addressSpaces: "SMTP:--;5" }]`,
  ).sendConnectors;
  assert.deepEqual(own?.addressSpaces, [{ space: "--", cost: 5 }]);
  assert.throws(
    () => organizationOf(`sendConnectors: [{ name: a, addressSpaces: "X400:c=US" }]`),
    /is not of type SMTP/,
  );
});

test("send connector: external DNS servers make useExternalDNSServersEnabled good", () => {
  const organization = organizationOf(`
transportService: { externalDNSServers: ["192.0.2.53"] }
sendConnectors: [{ name: a, addressSpaces: "*", useExternalDNSServersEnabled: true }]`);
  assert.equal(organization.sendConnectors[0]?.useExternalDNSServersEnabled, true);
});
