import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfiguration } from "./configuration.ts";
import type { ReceiveConnector } from "./organization.ts";

const CONTEXT = { fileName: "test.yaml", hostName: "mail.contoso.test", cores: 1 };

function parse(...connectors: readonly string[]) {
  const entries = connectors.map((text, index) => `  - { name: c${index + 1}, ${text} }\n`);
  const domains = "acceptedDomains: [{ name: contoso.test }]\n";
  return parseConfiguration(`${domains}receiveConnectors:\n${entries.join("")}`, CONTEXT);
}

function connector(text: string): ReceiveConnector {
  const parsed = parse(text);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.fault.map(({ message }) => message).join());
  const [only] = parsed.value.organization.receiveConnectors;
  assert.ok(only);
  return only;
}

const faultsOf = (...connectors: readonly string[]) => {
  const parsed = parse(...connectors);
  return parsed.ok ? [] : parsed.fault.map(({ message }) => message);
};

const RANGES = 'remoteIPRanges: ["10.0.0.0/8"]';
const BINDINGS = 'bindings: ["0.0.0.0:26"]';
const ALL_IPV4 = "0.0.0.0-255.255.255.255";

for (const [text, want] of [
  [
    `usage: Client, ${RANGES}`,
    ["ExchangeUsers", "Tls BasicAuth BasicAuthRequireTLS Integrated", "0.0.0.0:587", "10.0.0.0/8"],
  ],
  [`usage: Custom, ${BINDINGS}, ${RANGES}`, ["None", "Tls", "0.0.0.0:26", "10.0.0.0/8"]],
  [
    `usage: Internal, ${RANGES}`,
    ["ExchangeLegacyServers ExchangeServers", "Tls ExchangeServer", "0.0.0.0:25", "10.0.0.0/8"],
  ],
  [`usage: Internet, ${BINDINGS}`, ["AnonymousUsers", "Tls", "0.0.0.0:26", ALL_IPV4]],
  [`usage: Partner, ${BINDINGS}, ${RANGES}`, ["Partners", "Tls", "0.0.0.0:26", "10.0.0.0/8"]],
  [
    `usage: Internet, ${BINDINGS}, permissionGroups: [None], authMechanism: [None]`,
    ["None", "None", "0.0.0.0:26", ALL_IPV4],
  ],
  [
    BINDINGS,
    ["None", "Tls", "0.0.0.0:26", `${ALL_IPV4} ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff`],
  ],
] as const) {
  test(`usage sets what is not given: ${text}`, () => {
    const { permissionGroups, authMechanism, bindings, remoteIPRanges } = connector(text);
    assert.deepEqual(
      [
        permissionGroups.join(" "),
        authMechanism.join(" "),
        bindings.map(({ address, port }) => `${address}:${port}`).join(" "),
        remoteIPRanges.map((range) => range.text).join(" "),
      ],
      want,
    );
  });
}

test("usage and role set the limits that are not given", () => {
  const limits = (text: string) => {
    const found = connector(text);
    return [
      found.maxRecipientsPerMessage,
      found.maxInboundConnectionPerSource,
      found.maxInboundConnectionPercentagePerSource,
      found.messageRateLimit,
      found.messageRateSource,
    ];
  };
  const hub = "transportRole: HubTransport";
  assert.deepEqual(limits(BINDINGS), [200, 20, 2, Infinity, "IPAddress"]);
  assert.deepEqual(limits(`${BINDINGS}, ${hub}`), [5000, Infinity, 100, Infinity, "IPAddress"]);
  assert.deepEqual(limits(`${BINDINGS}, ${hub}, maxRecipientsPerMessage: 7`)[0], 7);
  assert.deepEqual(limits(`usage: Client, ${RANGES}`), [200, 20, 2, 5, "User"]);
  assert.deepEqual(limits(`usage: Client, ${RANGES}, ${hub}`), [200, 20, 2, 5, "User"]);
  assert.deepEqual(limits(`usage: Client, ${RANGES}, messageRateLimit: unlimited`)[3], Infinity);
});

test("usage Partner is by domain, unless certificates are named", () => {
  const partner = `usage: Partner, ${BINDINGS}, ${RANGES}`;
  assert.equal(connector(partner).domainSecureEnabled, true);
  const named = `${partner}, partnerCertificateNames: ["<S>CN=mail.fabrikam.test"]`;
  assert.equal(connector(named).domainSecureEnabled, false);
  assert.equal(connector(`${partner}, domainSecureEnabled: false`).domainSecureEnabled, false);
});

const INTEGRATED = "authMechanism: [Tls, Integrated]";
const SERVERS = "permissionGroups: [ExchangeServers]";
const EXTERNAL = "authMechanism: [Tls, ExternalAuthoritative]";
const CUSTOM = "permissionGroups: [Custom]";
const NO_TLS = "authMechanism: [BasicAuth]";

for (const [text, ...want] of [
  ["usage: Custom", /bindings is missing.*usage Custom/, /remoteIPRanges is missing.*Custom/],
  ["comment: x", /bindings is missing; it must be given \(/],
  ["usage: Client", /remoteIPRanges is missing/],
  [`usage: Client, ${RANGES}, ${BINDINGS}`, /bindings: usage Client has 0.0.0.0:587; leave it out/],
  [`usage: Internal, ${RANGES}, ${BINDINGS}`, /bindings: usage Internal has 0.0.0.0:25/],
  [`usage: Internet, ${BINDINGS}, ${RANGES}`, /remoteIPRanges: usage Internet has 0.0.0.0-255/],
  [`${BINDINGS}, authMechanism: [None, Tls]`, /None must stand alone/],
  [`${BINDINGS}, authMechanism: [Tls, BasicAuthRequireTLS]`, /needs BasicAuth beside it/],
  [`${BINDINGS}, authMechanism: [BasicAuth, BasicAuthRequireTLS]`, /needs Tls beside it/],
  [
    `${BINDINGS}, ${SERVERS}, authMechanism: [ExternalAuthoritative, BasicAuth]`,
    /only Tls may stand beside ExternalAuthoritative, not BasicAuth/,
  ],
  [`${BINDINGS}, authMechanism: [ExternalAuthoritative]`, /needs ExchangeServers here/],
  [`${BINDINGS}, authMechanism: [OAuth]`, /OAuth needs Tls beside it, or implicitTlsEnabled/],
  [`${BINDINGS}, authMechanism: [Certificate]`, /Certificate needs Tls/],
  [`${BINDINGS}, authMechanism: [ExchangeServer]`, /ExchangeServer needs Tls/],
  [`${BINDINGS}, enableAuthGSSAPI: true`, /enableAuthGSSAPI: true needs Integrated/],
  [`${BINDINGS}, ntlmV1Enabled: true`, /ntlmV1Enabled: true needs Integrated/],
  [`${BINDINGS}, extendedProtectionPolicy: Allow`, /Allow needs Integrated/],
  [
    `${BINDINGS}, authMechanism: [Integrated], extendedProtectionPolicy: Require`,
    /Require needs Tls in authMechanism, or implicitTlsEnabled/,
  ],
  [`${BINDINGS}, permissionGroups: [None, Partners]`, /None must stand alone/],
  [`${BINDINGS}, permissionGroups: [Custom]`, /Custom needs extendedRights/],
  [`${BINDINGS}, partnerCertificateNames: ["<S>CN=a"]`, /needs Partners in permissionGroups/],
  [
    `${BINDINGS}, ${NO_TLS}, permissionGroups: [Partners], partnerCertificateNames: ["<S>CN=a"]`,
    /partnerCertificateNames: needs Tls/,
  ],
  [`${BINDINGS}, defaultDomain: fabrikam.test`, /fabrikam.test is not among acceptedDomains/],
  [`${BINDINGS}, ${NO_TLS}, requireTLS: true`, /requireTLS: true needs Tls/],
  [`${BINDINGS}, ${NO_TLS}, domainSecureEnabled: true`, /domainSecureEnabled: true needs Tls/],
  [
    `${BINDINGS}, ${SERVERS}, ${EXTERNAL}, domainSecureEnabled: true`,
    /must be false with ExternalAuthoritative/,
  ],
  [`${BINDINGS}, ${NO_TLS}, tlsCertificateName: "<S>CN=a"`, /tlsCertificateName: needs Tls/],
  [`${BINDINGS}, tlsMinimumVersion: TLSv1`, /TLSv1 is below TLSv1.2, the oldest of tlsProfile/],
  [`${BINDINGS}, tlsProfile: modern, tlsMinimumVersion: TLSv1.2`, /below TLSv1.3/],
  [
    `${BINDINGS}, chunkingEnabled: false, binaryMimeEnabled: true`,
    /true needs chunkingEnabled: true/,
  ],
  [`${BINDINGS}, longAddressesEnabled: true`, /true needs transportRole: HubTransport/],
  [
    `${BINDINGS}, connectionTimeout: "00:00:10", connectionInactivityTimeout: "00:00:10"`,
    /connectionTimeout must be longer/,
  ],
  [`${BINDINGS}, extendedRights: { "a b@contoso.test": [] }`, /nor the address of a mailbox/],
] as const) {
  test(`a connector that contradicts itself is refused: ${text}`, () => {
    const faults = faultsOf(text);
    assert.equal(faults.length, want.length, faults.join("\n"));
    for (const [index, pattern] of want.entries()) assert.match(faults[index] ?? "", pattern);
  });
}

for (const text of [
  `${BINDINGS}, ${INTEGRATED}, enableAuthGSSAPI: true, extendedProtectionPolicy: Require`,
  `${BINDINGS}, implicitTlsEnabled: true, authMechanism: [BasicAuth, BasicAuthRequireTLS, OAuth]`,
  `${BINDINGS}, tlsProfile: legacy, tlsMinimumVersion: TLSv1`,
  `${BINDINGS}, tlsMinimumVersion: TLSv1.3`,
  `${BINDINGS}, chunkingEnabled: false`,
  `${BINDINGS}, transportRole: HubTransport, longAddressesEnabled: true`,
  `${BINDINGS}, defaultDomain: CONTOSO.test`,
  `${BINDINGS}, ${CUSTOM}, extendedRights: { bob@contoso.test: [ms-Exch-SMTP-Submit] }`,
  `usage: Client, ${RANGES}, bindings: ["0.0.0.0:587"]`,
]) {
  test(`a connector is right: ${text}`, () => assert.deepEqual(faultsOf(text), []));
}

test("rights are given to groups in any case, and to users by address", () => {
  const rights = "[ms-Exch-SMTP-Accept-Any-Sender]";
  const given = `{ anonymoususers: ${rights}, Scanner@Contoso.Test: ${rights} }`;
  const { extendedRights } = connector(`${BINDINGS}, extendedRights: ${given}`);
  assert.deepEqual(Object.keys(extendedRights), ["AnonymousUsers", "scanner@contoso.test"]);
});

const on = (binding: string, rest = RANGES) => `bindings: ["${binding}"], ${rest}`;
const IMPLICIT = `${RANGES}, implicitTlsEnabled: true`;
const HUB = "remoteIPRanges: [192.0.2.1], transportRole: HubTransport";

for (const [why, first, second, want] of [
  ["the same range", on("0.0.0.0:26"), on("0.0.0.0:26"), /10.0.0.0\/8 on .* already belongs to/],
  ["apart", on("0.0.0.0:26"), on("0.0.0.0:26", "remoteIPRanges: [192.0.2.1]"), undefined],
  ["inside", on("0.0.0.0:26"), on("0.0.0.0:26", "remoteIPRanges: [10.1.1.1]"), undefined],
  ["another port", on("0.0.0.0:26"), on("0.0.0.0:27", IMPLICIT), undefined],
  [
    "partly",
    on("0.0.0.0:26"),
    on("0.0.0.0:26", "remoteIPRanges: [9.0.0.0-10.0.0.1]"),
    /9.0.0.0-10.0.0.1 overlaps 10.0.0.0\/8 of .*make them apart or one inside the other/,
  ],
  [
    "implicit TLS beside clear",
    on("0.0.0.0:26", "remoteIPRanges: [192.0.2.1]"),
    on("0.0.0.0:26", IMPLICIT),
    /implicitTlsEnabled: true, but receive connector "c1" on 0.0.0.0:26 has false/,
  ],
  [
    "implicit TLS on one of all addresses",
    on("0.0.0.0:26", "remoteIPRanges: [192.0.2.1]"),
    on("127.0.0.1:26", IMPLICIT),
    /implicitTlsEnabled: true, but/,
  ],
  ["implicit TLS on another address", on("127.0.0.2:26"), on("127.0.0.1:26", IMPLICIT), undefined],
  ["implicit TLS on the other family", on("[::]:26"), on("0.0.0.0:26", IMPLICIT), undefined],
  [
    "another role",
    on("0.0.0.0:26"),
    on("0.0.0.0:26", HUB),
    /transportRole: HubTransport, but .* has FrontendTransport; use the same or another binding/,
  ],
  [
    "the same range on two links",
    on("[::]:26", 'remoteIPRanges: ["fe80::/10%eth0"]'),
    on("[::]:26", 'remoteIPRanges: ["fe80::/10%eth1"]'),
    undefined,
  ],
  [
    "one link inside all",
    on("[::]:26", 'remoteIPRanges: ["fe80::/10"]'),
    on("[::]:26", 'remoteIPRanges: ["fe80::/10%11"]'),
    undefined,
  ],
  [
    "a wider range of one link",
    on("[::]:26", 'remoteIPRanges: ["fe80::/64"]'),
    on("[::]:26", 'remoteIPRanges: ["fe80::/10%11"]'),
    /fe80::\/64 overlaps fe80::\/10%11|fe80::\/10%11 overlaps fe80::\/64/,
  ],
] as const) {
  test(`connectors side by side: ${why}`, () => {
    const faults = faultsOf(first, second);
    if (want === undefined) assert.deepEqual(faults, []);
    else assert.match(faults.join("\n"), want);
    assert.ok(faults.length <= 1, faults.join("\n"));
  });
}

for (const [text, scope] of [
  ["fe80::1%eth0", "eth0"],
  ["fe80::1%11", "11"],
  ["fe80::/10%br-lan", "br-lan"],
  ["fe80::%br-lan/10", "br-lan"],
  ["fe80::1%br-lan-fe80::5%br-lan", "br-lan"],
  ["fe80::1-fe80::5%eth0", "eth0"],
  ["fe80::1", undefined],
] as const) {
  test(`a range of one link: ${text}`, () => {
    const [range] = connector(`${BINDINGS}, remoteIPRanges: ["${text}"]`).remoteIPRanges;
    assert.equal(range?.scope, scope);
    assert.equal(range?.text, text);
  });
}

for (const text of ["10.0.0.1%eth0", "fe80::1%", "fe80::1%a-fe80::5%b", "fe80::1%e th"]) {
  test(`no range of one link: ${text}`, () => {
    assert.match(
      faultsOf(`${BINDINGS}, remoteIPRanges: ["${text}"]`).join(),
      /not an address range/,
    );
  });
}

test("a binding of one link keeps it", () => {
  const { bindings } = connector('bindings: ["[FE80::0:1%eth0]:26"]');
  assert.deepEqual(bindings, [{ address: "fe80::1%eth0", port: 26 }]);
});
