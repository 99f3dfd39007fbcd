import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsaRecord } from "../../dns/message.ts";
import type { SendConnector } from "../../org/organization.ts";
import type { TlsPolicy } from "../../org/tls-settings.ts";
import type { StsPolicy } from "../../tls/mta-sts.ts";
import type { PeerCheck } from "../../tls/peer-check.ts";
import { makeConnector } from "./lane.fake.ts";
import {
  decideTls,
  requirementOf,
  selectTlsPolicy,
  type TlsDecision,
  type TlsHostFacts,
  withoutPublished,
} from "./tls-policy.ts";

const policy = (name: string, mode: TlsPolicy["mode"], tlsDomain?: string): TlsPolicy => ({
  name,
  mode,
  tlsDomain,
});

for (const [domain, want] of [
  ["contoso.test", "contoso.test"],
  ["www.contoso.test", "*.contoso.test"],
  ["mail.contoso.test", "*.mail.contoso.test"],
  ["deep.mail.contoso.test", "*.mail.contoso.test"],
  ["fabrikam.test", "*.fabrikam.test"],
  ["xcontoso.test", undefined],
  ["test", undefined],
  ["", undefined],
] as const) {
  test(`selectTlsPolicy: ${domain} has ${want}`, () => {
    const names = ["*.contoso.test", "contoso.test", "*.mail.contoso.test", "*.fabrikam.test"];
    const policies = names.map((name) => policy(name, "None"));
    assert.equal(selectTlsPolicy(policies, domain)?.name, want);
  });
}

const SMART: Partial<SendConnector> = { smartHosts: [{ host: "smart.test", isAddress: false }] };

for (const [why, connector, policies, want] of [
  ["nothing said", {}, [], "opportunistic none dane=opportunistic sts=opportunistic"],
  ["STARTTLS ignored", { ignoreSTARTTLS: true }, [], "never none dane=off sts=off"],
  ["TLS required", { requireTLS: true }, [], "required none dane=opportunistic sts=opportunistic"],
  [
    "a valid certificate",
    { requireTLS: true, tlsAuthLevel: "CertificateValidation", mtaStsMode: "None" },
    [],
    "required chain dane=opportunistic sts=off",
  ],
  [
    "for the recipients' domain",
    { requireTLS: true, tlsAuthLevel: "DomainValidation", smtpDaneMode: "None" },
    [],
    "required name a.test dane=off sts=opportunistic",
  ],
  [
    "for a name",
    { requireTLS: true, tlsAuthLevel: "DomainValidation", tlsDomain: "*.b.test" },
    [],
    "required name *.b.test dane=opportunistic sts=opportunistic",
  ],
  [
    "at a smart host, for its own name",
    { ...SMART, requireTLS: true, tlsAuthLevel: "DomainValidation" },
    [],
    "required name dane=opportunistic sts=opportunistic",
  ],
  [
    "DANE and nothing else",
    { smtpDaneMode: "Mandatory" },
    [],
    "required none dane=required sts=opportunistic",
  ],
  [
    "a policy in place of the connector",
    { requireTLS: true, tlsAuthLevel: "DomainValidation" },
    [policy("a.test", "Opportunistic")],
    "opportunistic none dane=off sts=off",
  ],
  ["a policy: in clear", {}, [policy("a.test", "None")], "never none dane=off sts=off"],
  ["a policy: TLS", {}, [policy("a.test", "EncryptionOnly")], "required none dane=off sts=off"],
  [
    "a policy: certificate",
    {},
    [policy("*.a.test", "CertificateValidation")],
    "required chain dane=off sts=off",
  ],
  [
    "a policy: the host's name",
    {},
    [policy("a.test", "DomainValidation")],
    "required name dane=off sts=off",
  ],
  [
    "a policy: another name",
    {},
    [policy("a.test", "DomainValidation", "b.test")],
    "required name b.test dane=off sts=off",
  ],
  ["a policy: DANE", {}, [policy("a.test", "Dane")], "required none dane=required sts=off"],
  ["a policy: MTA-STS", {}, [policy("a.test", "MtaSts")], "required none dane=off sts=required"],
  ["Domain Security elsewhere", { domainSecureEnabled: true }, [policy("a.test", "None")], ""],
] as const) {
  test(`requirementOf: ${why}`, () => {
    const isSecure = want === "";
    const requirement = requirementOf({
      connector: makeConnector(connector),
      policies,
      secureDomains: isSecure ? ["a.test"] : [],
      domain: "a.test",
    });
    const { startTls, check, names, dane, sts } = requirement;
    const got = [startTls, check, ...names, `dane=${dane}`, `sts=${sts}`].join(" ");
    assert.equal(got, want || "required name a.test *.a.test dane=off sts=off");
  });
}

for (const [why, connector, policies, want] of [
  ["what the domain publishes", {}, [], "opportunistic none dane=off sts=off"],
  ["not TLS", { requireTLS: true }, [], "required none dane=off sts=off"],
  [
    "not a certificate",
    { requireTLS: true, tlsAuthLevel: "CertificateValidation" },
    [],
    "required chain dane=off sts=off",
  ],
  [
    "not DANE that we insist on",
    { smtpDaneMode: "Mandatory" },
    [],
    "required none dane=required sts=off",
  ],
  ["no policy of DANE", {}, [policy("a.test", "Dane")], "required none dane=required sts=off"],
  ["no policy of MTA-STS", {}, [policy("a.test", "MtaSts")], "required none dane=off sts=required"],
] as const) {
  test(`TLS-Required: No passes over ${why}`, () => {
    const requirement = withoutPublished(
      requirementOf({
        connector: makeConnector(connector),
        policies,
        secureDomains: [],
        domain: "a.test",
      }),
    );
    const { startTls, check, dane, sts, origin } = requirement;
    assert.equal([startTls, check, `dane=${dane}`, `sts=${sts}`].join(" "), want);
    assert.match(origin, /, TLS-Required: No$/);
  });
}

const GOOD: TlsaRecord = { usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) };
const USELESS: TlsaRecord = { ...GOOD, usage: 1 };
const tlsa = (...records: TlsaRecord[]): TlsHostFacts["tlsa"] => ({
  kind: "records",
  records,
  baseDomain: "base.test",
});
const NO_TLSA: TlsHostFacts["tlsa"] = { kind: "none" };
const LOST: TlsHostFacts["tlsa"] = { kind: "failed", reason: "SERVFAIL" };
const NO_STS: TlsHostFacts["sts"] = { kind: "none", failure: undefined };
const BAD_STS: TlsHostFacts["sts"] = {
  kind: "none",
  failure: { type: "sts-webpki-invalid", detail: "CERT_HAS_EXPIRED" },
};
const sts = (mode: StsPolicy["mode"], ...mx: string[]): TlsHostFacts["sts"] => ({
  kind: "policy",
  policy: { mode, mx, maxAgeMs: 1 },
  text: ["version: STSv1"],
});

const CHAIN = { requireTLS: true, tlsAuthLevel: "CertificateValidation" } as const;
const DANE_ONLY = { smtpDaneMode: "Mandatory" } as const;

/** What decides, and what comes of it. */
const DECISIONS: readonly (readonly [
  string,
  Partial<SendConnector>,
  Pick<TlsHostFacts, "tlsa" | "sts">,
  string,
])[] = [
  ["nothing published", {}, { tlsa: NO_TLSA, sts: NO_STS }, "opportunistic no-policy-found"],
  ["DANE", {}, { tlsa: tlsa(GOOD), sts: NO_STS }, "required tlsa dane"],
  [
    "DANE wins over MTA-STS",
    {},
    { tlsa: tlsa(GOOD), sts: sts("enforce", "other.test") },
    "required tlsa dane",
  ],
  ["DANE and our own check", CHAIN, { tlsa: tlsa(GOOD), sts: NO_STS }, "required tlsa dane chain"],
  ["DANE lost", {}, { tlsa: LOST, sts: NO_STS }, "refuse tlsa dnssec-invalid"],
  [
    "DANE lost, MTA-STS good",
    {},
    { tlsa: LOST, sts: sts("enforce", "mx.a.test") },
    "refuse tlsa dnssec-invalid",
  ],
  [
    "DANE switched off",
    { smtpDaneMode: "None" },
    { tlsa: LOST, sts: NO_STS },
    "opportunistic no-policy-found",
  ],
  [
    "DANE unusable: encrypted all the same",
    {},
    { tlsa: tlsa(USELESS), sts: NO_STS },
    "required no-policy-found",
  ],
  [
    "DANE unusable, MTA-STS good",
    {},
    { tlsa: tlsa(USELESS), sts: sts("enforce", "mx.a.test") },
    "required sts name",
  ],
  [
    "DANE unusable, MTA-STS tested",
    {},
    { tlsa: tlsa(USELESS), sts: sts("testing", "mx.a.test") },
    "required sts watched:name",
  ],
  [
    "DANE mandatory and missing",
    DANE_ONLY,
    { tlsa: NO_TLSA, sts: sts("enforce", "mx.a.test") },
    "refuse tlsa dane-required",
  ],
  [
    "DANE mandatory and unusable",
    DANE_ONLY,
    { tlsa: tlsa(USELESS), sts: NO_STS },
    "refuse tlsa tlsa-invalid",
  ],
  ["DANE mandatory and good", DANE_ONLY, { tlsa: tlsa(GOOD), sts: NO_STS }, "required tlsa dane"],
  ["MTA-STS", {}, { tlsa: NO_TLSA, sts: sts("enforce", "mx.a.test") }, "required sts name"],
  [
    "MTA-STS and our own check",
    CHAIN,
    { tlsa: NO_TLSA, sts: sts("enforce", "*.a.test") },
    "required sts name chain",
  ],
  [
    "MTA-STS for other hosts",
    {},
    { tlsa: NO_TLSA, sts: sts("enforce", "x.a.test") },
    "refuse sts validation-failure",
  ],
  [
    "MTA-STS tested",
    {},
    { tlsa: NO_TLSA, sts: sts("testing", "mx.a.test") },
    "opportunistic sts watched:name",
  ],
  [
    "MTA-STS tested, for other hosts",
    {},
    { tlsa: NO_TLSA, sts: sts("testing", "x.a.test") },
    "opportunistic sts failure:validation-failure",
  ],
  ["MTA-STS none", {}, { tlsa: NO_TLSA, sts: sts("none") }, "opportunistic no-policy-found"],
  [
    "MTA-STS out of reach",
    {},
    { tlsa: NO_TLSA, sts: BAD_STS },
    "opportunistic sts failure:sts-webpki-invalid",
  ],
  [
    "MTA-STS switched off",
    { mtaStsMode: "None" },
    { tlsa: NO_TLSA, sts: sts("enforce", "x.a.test") },
    "opportunistic no-policy-found",
  ],
  ["our own check alone", CHAIN, { tlsa: NO_TLSA, sts: NO_STS }, "required no-policy-found chain"],
];

function describe(decision: TlsDecision): string {
  const { policy: applied } = decision;
  if (decision.kind === "refuse") return `refuse ${applied.type} ${decision.failure.type}`;
  const kinds = (checks: readonly PeerCheck[], prefix = "") =>
    checks.map(({ kind }) => prefix + kind);
  return [
    decision.startTls,
    applied.type,
    ...kinds(decision.checks),
    ...kinds(decision.watched, "watched:"),
    ...(decision.failure === undefined ? [] : [`failure:${decision.failure.type}`]),
  ].join(" ");
}

function decide(connector: Partial<SendConnector>, facts: Partial<TlsHostFacts>, by?: TlsPolicy) {
  const requirement = requirementOf({
    connector: makeConnector(connector),
    policies: by === undefined ? [] : [by],
    secureDomains: [],
    domain: "a.test",
  });
  const full = { domain: "a.test", host: "mx.a.test", tlsa: NO_TLSA, sts: NO_STS, ...facts };
  return decideTls(requirement, full);
}

for (const [why, connector, facts, want] of DECISIONS) {
  test(`decideTls: ${why}`, () => assert.equal(describe(decide(connector, facts)), want));
}

for (const [why, by, facts, want] of [
  [
    "DANE demanded and missing",
    "Dane",
    { sts: sts("enforce", "mx.a.test") },
    "refuse tlsa dane-required",
  ],
  ["MTA-STS demanded and missing", "MtaSts", {}, "refuse sts sts-policy-fetch-error"],
  [
    "MTA-STS demanded and out of reach",
    "MtaSts",
    { sts: BAD_STS },
    "refuse sts sts-webpki-invalid",
  ],
  [
    "MTA-STS demanded: a tested policy counts",
    "MtaSts",
    { sts: sts("testing", "mx.a.test") },
    "required sts name",
  ],
  [
    "a policy asks for less than the domain",
    "Opportunistic",
    { tlsa: LOST },
    "opportunistic no-policy-found",
  ],
  ["in clear", "None", { tlsa: tlsa(GOOD) }, "never no-policy-found"],
  [
    "a name, and only an address is known",
    "DomainValidation",
    { host: "" },
    "refuse no-policy-found validation-failure",
  ],
] as const) {
  test(`decideTls: ${why}`, () => {
    assert.equal(describe(decide({}, facts, policy("a.test", by))), want);
  });
}

test("DANE: base domain, host and next-hop domain are the names (RFC 7672 §3.2.2)", () => {
  const decision = decide({}, { tlsa: tlsa(GOOD) });
  assert.ok(decision.kind === "try");
  const [check] = decision.checks;
  assert.deepEqual(check?.kind === "dane" && check.names, ["base.test", "mx.a.test", "a.test"]);
  assert.deepEqual(decision.policy.text, [`3 1 1 ${"00".repeat(32)}`]);
});

for (const [connector, facts, want] of [
  [{}, {}, "Opportunistic"],
  [{ ignoreSTARTTLS: true }, {}, "None"],
  [{ requireTLS: true }, {}, "EncryptionOnly"],
  [CHAIN, { sts: sts("testing", "mx.a.test") }, "CertificateValidation"],
  [{ requireTLS: true, tlsAuthLevel: "DomainValidation" }, {}, "DomainValidation"],
  [{}, { tlsa: tlsa(USELESS) }, "EncryptionOnly"],
  [CHAIN, { tlsa: tlsa(GOOD) }, "Dane"],
  [{}, { sts: sts("enforce", "mx.a.test") }, "MtaSts"],
  [{}, { sts: sts("testing", "mx.a.test") }, "Opportunistic"],
] as const) {
  test(`decideTls: what passes has come to ${want}`, () => {
    const decision = decide(connector, facts);
    assert.equal(decision.kind === "try" && decision.mode, want);
  });
}
