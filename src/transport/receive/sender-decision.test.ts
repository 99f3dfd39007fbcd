import assert from "node:assert/strict";
import { test } from "node:test";
import { address as sampleAddress } from "../../mail/address.fake.ts";
import { NO_DMARC, type SenderAuthentication } from "../../mailauth/sender-authentication.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { decideSender, findOverride, type SenderFacts } from "./sender-decision.ts";

const FOUND: SenderAuthentication = {
  spf: { result: "pass", identity: "mailfrom", domain: "fabrikam.test" },
  dkim: [],
  dmarc: NO_DMARC,
  arc: { result: "none" },
  iprev: { result: "pass" },
};

const FAILED = { ...NO_DMARC, result: "fail", domain: "news.fabrikam.test" } as const;

function configOf(yaml: string) {
  return organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
senderIdConfig: ${yaml}
`).senderIdConfig;
}

function factsOf(
  found: Partial<SenderAuthentication>,
  rest: Partial<Omit<SenderFacts, "found">> = {},
): SenderFacts {
  return {
    found: { ...FOUND, ...found },
    suspicions: [],
    remoteAddress: "192.0.2.7",
    sender: sampleAddress("ann@fabrikam.test"),
    recipients: [sampleAddress("bob@contoso.test")],
    ...rest,
  };
}

const OFF = {
  senderAuthenticationEnabled: true,
  dmarcAction: "None",
  rejectOnMissingPtr: false,
} as const;

const SPF_FAILS = { spf: { ...FOUND.spf, result: "fail" } } as const;
const SPF_UNKNOWN = { spf: { ...FOUND.spf, result: "temperror" } } as const;

for (const [why, yaml, connector, facts, want] of [
  ["nothing", "{}", {}, factsOf(SPF_FAILS), "accept"],
  ["SPF fail", "{ spoofedDomainAction: Reject }", {}, factsOf(SPF_FAILS), "refuse 550 SpfFail"],
  ["SPF fail", "{ spoofedDomainAction: Delete }", {}, factsOf(SPF_FAILS), "discard SpfFail"],
  [
    "SPF pass",
    "{ spoofedDomainAction: Reject, tempErrorAction: Reject }",
    {},
    factsOf({}),
    "accept",
  ],
  [
    "SPF unknown",
    "{ tempErrorAction: Reject }",
    {},
    factsOf(SPF_UNKNOWN),
    "refuse 451 SpfTempError",
  ],
  [
    "SPF unknown, fails refused",
    "{ spoofedDomainAction: Reject }",
    {},
    factsOf(SPF_UNKNOWN),
    "accept",
  ],
  [
    "a bypassed sender",
    "{ spoofedDomainAction: Reject, bypassedSenderDomains: [Fabrikam.test] }",
    {},
    factsOf(SPF_FAILS),
    "accept",
  ],
  [
    "a bypassed recipient",
    "{ spoofedDomainAction: Reject, bypassedRecipients: [Bob@contoso.test] }",
    {},
    factsOf(SPF_FAILS),
    "accept",
  ],
  [
    "a bypassed recipient and another",
    "{ spoofedDomainAction: Reject, bypassedRecipients: [bob@contoso.test] }",
    {},
    factsOf(SPF_FAILS, {
      recipients: ["bob@contoso.test", "eve@contoso.test"].map(sampleAddress),
    }),
    "refuse 550 SpfFail",
  ],
  [
    "a lookalike",
    "{ displayNameAction: Quarantine }",
    {},
    factsOf({}, { suspicions: ["ProtectedName"] }),
    "quarantine Policy ProtectedName",
  ],
  [
    "no author",
    "{ missingFromAction: Reject }",
    {},
    factsOf({}, { suspicions: ["MissingFrom"] }),
    "refuse 550 MissingFrom",
  ],
  [
    "an unclear author",
    "{ multipleFromAction: Reject }",
    {},
    factsOf({}, { suspicions: ["AmbiguousFrom", "AddressInName"] }),
    "refuse 550 AmbiguousFrom",
  ],
  [
    "p=quarantine",
    "{}",
    { dmarcAction: "Reject" },
    factsOf({ dmarc: { ...FAILED, policy: "quarantine" } }),
    "quarantine Dmarc DmarcQuarantine",
  ],
  [
    "p=reject",
    "{}",
    { dmarcAction: "Quarantine" },
    factsOf({ dmarc: { ...FAILED, policy: "reject" } }),
    "quarantine Dmarc DmarcReject",
  ],
  [
    "p=reject, and a refusal besides",
    "{ spoofedDomainAction: Reject }",
    { dmarcAction: "Quarantine" },
    factsOf({ ...SPF_FAILS, dmarc: { ...FAILED, policy: "reject" } }),
    "refuse 550 SpfFail",
  ],
  [
    "p=reject from an exempt domain",
    "{ dmarcExemptions: [fabrikam.test] }",
    { dmarcAction: "Reject" },
    factsOf({ dmarc: { ...FAILED, policy: "reject" } }),
    "accept",
  ],
  [
    "several From fields",
    "{}",
    { dmarcAction: "Reject" },
    factsOf({ dmarc: { ...NO_DMARC, result: "permerror", hasSeveralFrom: true } }),
    "refuse 550 SeveralFromFields",
  ],
] as const) {
  test(`${why} with ${yaml} ${JSON.stringify(connector)}: ${want}`, () => {
    const settings = { connector: { ...OFF, ...connector }, config: configOf(yaml) };
    const decision = decideSender(settings, facts);
    const told = [
      decision.kind,
      ...(decision.kind === "refuse" ? [decision.reply.code] : []),
      ...(decision.kind === "quarantine" ? [decision.type] : []),
      ...(decision.kind === "accept" ? [] : [decision.reason]),
    ];
    assert.equal(told.join(" "), want);
  });
}

const seals = (...all: readonly (readonly [string, boolean])[]) => ({
  result: "pass" as const,
  seals: all.map(([domain, dmarcPass]) => ({ domain, dmarcPass })),
});

for (const [why, yaml, found, address, want] of [
  ["nothing", "{}", { dmarc: FAILED }, "192.0.2.7", undefined],
  [
    "a range",
    '{ dmarcExemptions: ["192.0.2.0/24"] }',
    { dmarc: FAILED },
    "192.0.2.7",
    "local_policy",
  ],
  [
    "another range",
    '{ dmarcExemptions: ["192.0.3.0/24"] }',
    { dmarc: FAILED },
    "192.0.2.7",
    undefined,
  ],
  [
    "IPv6",
    '{ dmarcExemptions: ["2001:db8::/32"] }',
    { dmarc: FAILED },
    "2001:db8::1",
    "local_policy",
  ],
  [
    "the domain",
    "{ dmarcExemptions: [news.fabrikam.test] }",
    { dmarc: FAILED },
    "::1",
    "local_policy",
  ],
  ["its parent", "{ dmarcExemptions: [fabrikam.test] }", { dmarc: FAILED }, "::1", "local_policy"],
  [
    "a name that ends alike",
    "{ dmarcExemptions: [kam.test] }",
    { dmarc: FAILED },
    "::1",
    undefined,
  ],
  ["a pass needs none", "{ dmarcExemptions: [fabrikam.test] }", {}, "::1", undefined],
  [
    "a trusted sealer",
    "{ arcTrustedSealers: [lists.test] }",
    { dmarc: FAILED, arc: seals(["lists.test", true]) },
    "::1",
    "trusted_forwarder",
  ],
  [
    "a trusted sealer that saw no pass",
    "{ arcTrustedSealers: [lists.test] }",
    { dmarc: FAILED, arc: seals(["lists.test", false]) },
    "::1",
    undefined,
  ],
  [
    "a sealer that nobody trusts",
    "{ arcTrustedSealers: [lists.test] }",
    { dmarc: FAILED, arc: seals(["evil.test", true]) },
    "::1",
    undefined,
  ],
  [
    "a trusted one behind another",
    "{ arcTrustedSealers: [lists.test] }",
    { dmarc: FAILED, arc: seals(["evil.test", false], ["lists.test", true]) },
    "::1",
    undefined,
  ],
  [
    "two trusted ones in a row",
    "{ arcTrustedSealers: [lists.test, mx.test] }",
    { dmarc: FAILED, arc: seals(["mx.test", false], ["lists.test", true]) },
    "::1",
    "trusted_forwarder",
  ],
  [
    "a chain that fails",
    "{ arcTrustedSealers: [lists.test] }",
    { dmarc: FAILED, arc: { ...seals(["lists.test", true]), result: "fail" } },
    "::1",
    undefined,
  ],
] as const) {
  test(`a failure of DMARC is overridden: ${why}: ${want ?? "no"}`, () => {
    const override = findOverride(configOf(yaml), factsOf(found, { remoteAddress: address }));
    assert.equal(override?.type, want);
  });
}
