import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Configuration, parseConfiguration } from "./configuration.ts";
import { formatFault } from "./configuration-fault.ts";
import { EXAMPLE_CONFIGURATION } from "./example-configuration.ts";

const CONTEXT = { fileName: "postrider.yaml", hostName: "host.contoso.com", cores: 4 };

function parse(text: string): Configuration {
  const parsed = parseConfiguration(text, CONTEXT);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.fault.map(formatFault).join("\n"));
  return parsed.value;
}

test("the sample organization parses", async () => {
  const file = join(import.meta.dirname, "../../sample/postrider.yaml");
  const { organization, recipients } = parse(await readFile(file, "utf8"));
  const listeners = organization.receiveConnectors.flatMap(({ name, bindings }) =>
    bindings.map(({ address, port }) => `${name} ${address}:${port}`),
  );
  assert.deepEqual(listeners, [
    "Default Frontend 127.0.0.1:2525",
    "Client Frontend 127.0.0.1:2587",
    "Client Implicit TLS 127.0.0.1:2465",
    "Application Relay 127.0.0.1:2526",
  ]);
  assert.deepEqual(organization.server.admin.listen, { address: "127.0.0.1", port: 8443 });
  assert.deepEqual(organization.sendConnectors, []);
  assert.deepEqual(
    recipients.map(({ name, members }) => [name, members.length]),
    [
      ["alice", 0],
      ["bob", 0],
      ["team", 2],
    ],
  );
});

test("the example of the reference page parses", () => {
  const { organization, recipients } = parse(EXAMPLE_CONFIGURATION);
  assert.equal(organization.receiveConnectors.length, 4);
  assert.equal(organization.transportService.messageExpirationTimeoutMs, 5 * 86_400_000);
  assert.equal(organization.transportService.replayDirectoryPath, undefined);
  assert.equal(recipients.length, 5);
  const branch = organization.acceptedDomains[1];
  assert.deepEqual([branch?.domainName, branch?.matchSubDomains], ["branch.contoso.com", true]);
});

test("an empty file is an organization of defaults", () => {
  const { organization, objects, recipients } = parse("");
  assert.deepEqual([objects, recipients], [[], []]);
  assert.deepEqual(organization.server, {
    fqdn: "host.contoso.com",
    transportThreads: 4,
    dnsServers: [],
    keytab: "smtp.keytab",
    admin: { listen: undefined, oidc: undefined },
  });
  const service = organization.transportService;
  assert.equal(service.transientFailureRetryIntervalMs, 300_000);
  assert.equal(service.messageRetryIntervalMs, 900_000);
  assert.equal(service.maxPerDomainOutboundConnections, 20);
  assert.equal(service.retryJitter, 0.1);
  assert.equal(service.pickupDirectoryPath, "pickup");
  assert.equal(organization.transportConfig.externalDsnMaxMessageAttachSize, 10 * 1024 * 1024);
});

test("connectors have Exchange's defaults", () => {
  const { organization } = parse(`
    server: { fqdn: mail.contoso.com }
    receiveConnectors: [{ name: r, bindings: "0.0.0.0:25" }]
    sendConnectors: [{ name: s, addressSpaces: "*" }]`);
  const [receive] = organization.receiveConnectors;
  const [send] = organization.sendConnectors;
  assert.ok(receive && send);
  assert.deepEqual(
    [receive.fqdn, receive.maxMessageSize, receive.maxHeaderSize, receive.maxRecipientsPerMessage],
    ["mail.contoso.com", 37_748_736, 262_144, 200],
  );
  assert.deepEqual([receive.connectionTimeoutMs, receive.tarpitIntervalMs], [600_000, 5_000]);
  assert.deepEqual(
    receive.remoteIPRanges.map(({ first }) => first),
    [0xffff_0000_0000n, 0n],
  );
  assert.deepEqual(
    [
      send.fqdn,
      send.port,
      send.maxMessageSize,
      send.smtpMaxMessagesPerConnection,
      send.sourceIPAddresses,
    ],
    ["mail.contoso.com", 25, 36_700_160, 20, []],
  );
});

test("intervals may be as short as a test wants them", () => {
  const { organization } = parse(`
    transportService:
      transientFailureRetryInterval: 00:00:00.200
      messageRetryInterval: 00:00:01
      queueMaxIdleTime: 00:00:00.500
      delayNotificationTimeout: 00:00:02`);
  assert.equal(organization.transportService.transientFailureRetryIntervalMs, 200);
  assert.equal(organization.transportService.queueMaxIdleTimeMs, 500);
});

test("all connections together bound those to one domain", () => {
  const { organization } = parse("transportService: { maxOutboundConnections: 5 }");
  assert.equal(organization.transportService.maxPerDomainOutboundConnections, 5);
});

test("a host name that is no domain name does not keep the server from starting", () => {
  const parsed = parseConfiguration("", { ...CONTEXT, hostName: "my host!" });
  assert.ok(parsed.ok);
  assert.equal(parsed.value.organization.server.fqdn, "localhost");
});

for (const [jwks, want] of [
  ["https://login.contoso.com/keys", undefined],
  ["keys/login.json", undefined],
  ["/etc/postrider/login.json", undefined],
  ["http://login.contoso.com/keys", /jwks: "http:.*" is not an https address; write https:/],
  ["file:///etc/login.json", /is not an https address/],
] as const) {
  test(`the keys of an issuer in ${jwks} ${want === undefined ? "are taken" : "are not"}`, () => {
    const text = `oauthIssuers: [{ name: i, issuer: i, jwks: "${jwks}", audiences: [a] }]`;
    const parsed = parseConfiguration(text, CONTEXT);
    const faults = parsed.ok ? "" : parsed.fault.map(formatFault).join("\n");
    if (want === undefined) assert.equal(faults, "");
    else assert.match(faults, want);
  });
}
