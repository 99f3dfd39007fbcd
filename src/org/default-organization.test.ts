import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultOrganization } from "./default-organization.ts";
import { buildOrganization } from "./snapshot.ts";

function build(hostName: string, ipv6 = true) {
  const { objects } = defaultOrganization({ hostName, ipv6 });
  const value = objects.map(({ kind, name, properties }) => ({
    kind,
    name,
    json: JSON.stringify(properties),
  }));
  const built = buildOrganization({ version: 1, value }, { hostName, cores: 1 });
  assert.ok(built.ok, built.ok ? "" : built.fault.map(({ message }) => message).join("\n"));
  return built.value;
}

test("the default organization is right, and has a door for servers and two for users", () => {
  const { server, acceptedDomains, receiveConnectors } = build("mail.contoso.test");
  assert.equal(server.fqdn, "mail.contoso.test");
  assert.deepEqual(
    acceptedDomains.map(({ domainName, domainType }) => [domainName, domainType]),
    [["contoso.test", "Authoritative"]],
  );
  assert.deepEqual(
    receiveConnectors.map((connector) => [
      connector.name,
      connector.bindings.map(({ address, port }) => `${address} ${port}`).join(),
      connector.permissionGroups.join(),
      connector.implicitTlsEnabled,
      connector.messageRateLimit,
      connector.transportRole,
    ]),
    [
      [
        "Default Frontend mail",
        "0.0.0.0 25,:: 25",
        "AnonymousUsers,ExchangeLegacyServers,ExchangeServers",
        false,
        Infinity,
        "FrontendTransport",
      ],
      [
        "Client Frontend mail",
        "0.0.0.0 587,:: 587",
        "ExchangeUsers",
        false,
        5,
        "FrontendTransport",
      ],
      [
        "Client Implicit TLS mail",
        "0.0.0.0 465,:: 465",
        "ExchangeUsers",
        true,
        5,
        "FrontendTransport",
      ],
    ],
  );
  for (const { authMechanism, extendedRights } of receiveConnectors) {
    assert.ok(authMechanism.includes("BasicAuthRequireTLS"), "no password in clear");
    assert.deepEqual(extendedRights, {}, "nobody relays");
  }
});

for (const [hostName, fqdn, domain] of [
  ["mail.contoso.test", "mail.contoso.test", "contoso.test"],
  ["a.b.contoso.test", "a.b.contoso.test", "b.contoso.test"],
  ["contoso.test", "contoso.test", "contoso.test"],
  ["mx1", "mx1", "mx1"],
  ["not a name", "localhost", "localhost"],
  [`${"x".repeat(63)}.contoso.test`, `${"x".repeat(63)}.contoso.test`, "contoso.test"],
] as const) {
  test(`the default organization of ${hostName}`, () => {
    const { server, acceptedDomains } = build(hostName);
    assert.equal(server.fqdn, fqdn);
    assert.equal(acceptedDomains[0]?.domainName, domain);
  });
}

test("without IPv6 nothing listens there", () => {
  const bindings = build("mail.contoso.test", false).receiveConnectors.flatMap(
    (connector) => connector.bindings,
  );
  assert.ok(bindings.every(({ address }) => address === "0.0.0.0"));
});
