import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import fc from "fast-check";
import { type Configuration, parseConfiguration } from "./configuration.ts";
import { FAULTS_MAX, formatFault } from "./configuration-fault.ts";
import { EXAMPLE_CONFIGURATION } from "./example-configuration.ts";

const CONTEXT = { fileName: "postrider.yaml", hostName: "host.contoso.com", cores: 4 };

function parse(text: string): Configuration {
  const parsed = parseConfiguration(text, CONTEXT);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.fault.map(formatFault).join("\n"));
  return parsed.value;
}

function faultsOf(text: string): readonly string[] {
  const parsed = parseConfiguration(text, CONTEXT);
  return parsed.ok ? [] : parsed.fault.map(formatFault);
}

test("the sample organization parses", async () => {
  const file = new URL("../../sample/postrider.yaml", import.meta.url);
  const { organization, recipients } = parse(await readFile(file, "utf8"));
  const listeners = organization.receiveConnectors.flatMap(({ name, bindings }) =>
    bindings.map(({ address, port }) => `${name} ${address}:${port}`),
  );
  assert.deepEqual(listeners, [
    "Default Frontend 127.0.0.1:2525",
    "Client Frontend 127.0.0.1:2587",
    "Client Implicit TLS 127.0.0.1:2465",
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
    admin: { listen: undefined },
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
      send.sourceIPAddress,
    ],
    ["mail.contoso.com", 25, 36_700_160, 20, undefined],
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

const RECEIVE = (rest: string): string =>
  `receiveConnectors: [{ name: a, bindings: "127.0.0.1:25", ${rest} }]`;
const TWO_RECEIVE = (one: string, other: string): string =>
  `receiveConnectors:\n  - { name: a, bindings: "127.0.0.1:25", remoteIPRanges: [${one}] }\n` +
  `  - { name: b, bindings: "127.0.0.1:25", remoteIPRanges: [${other}] }`;
const SEND = (rest: string): string => `sendConnectors: [{ name: s, addressSpaces: "*", ${rest} }]`;

for (const [why, text] of [
  [
    "two connectors without a binding in common",
    "receiveConnectors: [{ name: a, bindings: '127.0.0.1:25' }, { name: b, bindings: '127.0.0.1:26' }]",
  ],
  ["one range inside another", TWO_RECEIVE("0.0.0.0/0", "10.0.0.0/8, 11.0.0.1")],
  ["ranges side by side", TWO_RECEIVE("10.0.0.0-10.0.0.4", "10.0.0.5-10.0.0.9")],
  [
    "overlapping ranges of one connector",
    TWO_RECEIVE("10.0.0.0-10.0.0.5, 10.0.0.4-10.0.0.9", "11.0.0.1"),
  ],
  [
    "all that Tls allows",
    RECEIVE("authMechanism: [Tls, Integrated, BasicAuth, BasicAuthRequireTLS], requireTLS: true"),
  ],
  [
    "an externally secured connector",
    RECEIVE("authMechanism: [ExternalAuthoritative, Tls], permissionGroups: [ExchangeServers]"),
  ],
  ["no BDAT, and BINARYMIME left out with it", RECEIVE("chunkingEnabled: false")],
  [
    "smart hosts without DNS routing",
    SEND("smartHosts: mx.fabrikam.com, dnsRoutingEnabled: false"),
  ],
  [
    "one address twice at one recipient",
    "mailboxes: [{ name: a, primarySmtpAddress: a@b.test, emailAddresses: [A@b.test, a@b.test] }]",
  ],
  [
    "the same name for two kinds",
    "mailboxes: [{ name: a, primarySmtpAddress: a@b.test }]\nmailUsers: [{ name: a, primarySmtpAddress: b@b.test, externalEmailAddress: c@d.test }]",
  ],
  ["nothing under a name", "mailboxes:\ndistributionGroups: []\nserver:"],
  [
    "a group that reports to its manager",
    "distributionGroups: [{ name: g, primarySmtpAddress: g@b.test, reportToOriginatorEnabled: false, reportToManagerEnabled: true, managedBy: a@b.test }]",
  ],
] as const) {
  test(`parseConfiguration allows ${why}`, () => assert.deepEqual(faultsOf(text), []));
}

for (const [why, text, want] of [
  [
    "a mistyped property",
    'receiveConnectors:\n  - name: Default Frontend\n    bindings: ["127.0.0.1:25"]\n    maxMesageSize: 3MB',
    'postrider.yaml:4:5: receive connector "Default Frontend": unknown property "maxMesageSize"; did you mean "maxMessageSize"?',
  ],
  [
    "a mistyped section",
    "recieveConnectors: []",
    'postrider.yaml:1:1: unknown property "recieveConnectors"; did you mean "receiveConnectors"?',
  ],
  [
    "a property inside a section",
    "server: { admin: { lisen: 1 } }",
    'postrider.yaml:1:20: server: unknown property "admin.lisen"; did you mean "listen"?',
  ],
  ["a section twice", "server: {}\nserver: {}", "postrider.yaml:2:1: server is given twice"],
  [
    "a property twice",
    "server:\n  fqdn: a.test\n  fqdn: b.test",
    "postrider.yaml:3:3: server: fqdn is given twice, first in line 2",
  ],
  [
    "a bad value",
    RECEIVE("maxMessageSize: 36Mo"),
    'postrider.yaml:1:74: receive connector "a": maxMessageSize: "36Mo" is not valid; write: size 64KB–2147483647, as in 36MB',
  ],
  [
    "a missing property",
    "sendConnectors: [{ name: s }]",
    'postrider.yaml:1:18: send connector "s": addressSpaces is missing; it must be given (list of SMTP:space;cost, cost 1–100)',
  ],
  [
    "a missing name",
    "mailboxes: [{ primarySmtpAddress: a@b.test }]",
    "postrider.yaml:1:13: mailbox #1: name is missing; it must be given (name, at most 64 characters)",
  ],
  [
    "null where a value must be",
    RECEIVE("requireTLS: null"),
    'postrider.yaml:1:70: receive connector "a": requireTLS: nothing is not allowed; give a value (true or false) or leave it out',
  ],
  [
    "a name twice",
    "sendConnectors:\n  - { name: Out, addressSpaces: a.test }\n  - { name: OUT, addressSpaces: b.test }",
    'postrider.yaml:3:13: send connector "OUT": name: another send connector "Out" stands in line 2',
  ],
  [
    "an address twice",
    "mailboxes:\n  - { name: a, primarySmtpAddress: x@b.test }\nmailContacts:\n  - { name: b, primarySmtpAddress: y@b.test, emailAddresses: X@B.test, externalEmailAddress: c@d.test }",
    'postrider.yaml:4:46: mail contact "b": emailAddresses: X@b.test already belongs to mailbox "a" (line 2)',
  ],
  [
    "a list where a mapping must be",
    "server: []",
    "postrider.yaml:1:9: server must be a mapping of properties",
  ],
  [
    "a mapping where a list must be",
    "mailboxes: { name: a }",
    'postrider.yaml:1:12: mailboxes must be a list, each entry with "- name: …"',
  ],
  [
    "a text where an object must be",
    "mailboxes: [alice]",
    "postrider.yaml:1:13: entry 1 of mailboxes must be a mapping, as in { name: … }",
  ],
  [
    "None beside others",
    RECEIVE("authMechanism: [None, Tls]"),
    'postrider.yaml:1:58: receive connector "a": authMechanism: None must stand alone',
  ],
  [
    "BasicAuthRequireTLS without BasicAuth",
    RECEIVE("authMechanism: [BasicAuthRequireTLS, Tls]"),
    'postrider.yaml:1:58: receive connector "a": authMechanism: BasicAuthRequireTLS needs BasicAuth beside it',
  ],
  [
    "BasicAuthRequireTLS without Tls",
    RECEIVE("authMechanism: [BasicAuthRequireTLS, BasicAuth]"),
    'postrider.yaml:1:58: receive connector "a": authMechanism: BasicAuthRequireTLS needs Tls beside it',
  ],
  [
    "ExternalAuthoritative with logons",
    RECEIVE("authMechanism: [ExternalAuthoritative, BasicAuth], permissionGroups: ExchangeServers"),
    'postrider.yaml:1:58: receive connector "a": authMechanism: only Tls may stand beside ExternalAuthoritative, not BasicAuth',
  ],
  [
    "ExternalAuthoritative without ExchangeServers",
    RECEIVE("authMechanism: ExternalAuthoritative"),
    'postrider.yaml:1:21: receive connector "a": permissionGroups: ExternalAuthoritative in authMechanism needs ExchangeServers here',
  ],
  [
    "requireTLS without Tls",
    RECEIVE("authMechanism: None, requireTLS: true"),
    'postrider.yaml:1:79: receive connector "a": requireTLS: true needs Tls in authMechanism',
  ],
  [
    "a session shorter than its silence",
    RECEIVE("connectionTimeout: 00:05:00"),
    'postrider.yaml:1:58: receive connector "a": connectionTimeout: connectionTimeout must be longer than connectionInactivityTimeout',
  ],
  [
    "BINARYMIME without BDAT",
    RECEIVE("chunkingEnabled: false, binaryMimeEnabled: true"),
    'postrider.yaml:1:82: receive connector "a": binaryMimeEnabled: true needs chunkingEnabled: true',
  ],
  [
    "one range twice on a binding",
    TWO_RECEIVE("10.0.0.0/8", "1.1.1.1, 10.0.0.0-10.255.255.255"),
    'postrider.yaml:3:42: receive connector "b": remoteIPRanges: 10.0.0.0-10.255.255.255 on 127.0.0.1:25 already belongs to receive connector "a"',
  ],
  [
    "ranges that overlap on a binding",
    TWO_RECEIVE("10.0.0.0-10.0.0.5", "10.0.0.5-10.0.0.9"),
    'postrider.yaml:3:42: receive connector "b": remoteIPRanges: 10.0.0.5-10.0.0.9 overlaps 10.0.0.0-10.0.0.5 of receive connector "a" on 127.0.0.1:25; make them apart or one inside the other',
  ],
  [
    "an unknown principal",
    RECEIVE("extendedRights: { Anonymous: [ms-Exch-SMTP-Submit] }"),
    'postrider.yaml:1:76: receive connector "a": extendedRights: "Anonymous" is not one of AnonymousUsers, ExchangeUsers, ExchangeServers, ExchangeLegacyServers, Partners',
  ],
  [
    "a banner without 220",
    RECEIVE("banner: Hello"),
    'postrider.yaml:1:66: receive connector "a": banner: "Hello" is not a banner; write 220, a space and text in ASCII',
  ],
  [
    "DNS routing with smart hosts",
    SEND("smartHosts: a.test, dnsRoutingEnabled: true"),
    'postrider.yaml:1:69: send connector "s": dnsRoutingEnabled: must be false or left out with smartHosts',
  ],
  [
    "neither DNS routing nor smart hosts",
    SEND("dnsRoutingEnabled: false"),
    'postrider.yaml:1:49: send connector "s": dnsRoutingEnabled: false needs smartHosts',
  ],
  [
    "TLS required and ignored",
    SEND("requireTLS: true, ignoreSTARTTLS: true"),
    'postrider.yaml:1:67: send connector "s": ignoreSTARTTLS: must be false with requireTLS: true',
  ],
  [
    "two default domains",
    "acceptedDomains:\n  - { name: a.test, default: true }\n  - { name: b.test, default: true }",
    'postrider.yaml:3:21: accepted domain "b.test": default: accepted domain "a.test" is the default already',
  ],
  [
    "one domain twice",
    "acceptedDomains:\n  - name: a.test\n  - { name: b, domainName: A.test }",
    'postrider.yaml:3:16: accepted domain "b": domainName: a.test already belongs to accepted domain "a.test"',
  ],
  [
    "a name that is no domain",
    "acceptedDomains: [{ name: Head office }]",
    'postrider.yaml:1:21: accepted domain "Head office": name: "Head office" is not a domain; write contoso.com or *.contoso.com, or give domainName',
  ],
  [
    "a delay notice amid the retries",
    "transportService: { delayNotificationTimeout: 00:30:00 }",
    "postrider.yaml:1:21: transport service: delayNotificationTimeout (00:30:00) must exceed transientFailureRetryCount × transientFailureRetryInterval (00:30:00)",
  ],
  [
    "more connections to a domain than in all",
    "transportService: { maxOutboundConnections: 5, maxPerDomainOutboundConnections: 6 }",
    "postrider.yaml:1:48: transport service: maxPerDomainOutboundConnections: 6 exceeds maxOutboundConnections, which is 5",
  ],
  [
    "reports to both",
    "distributionGroups: [{ name: g, primarySmtpAddress: g@b.test, reportToManagerEnabled: true, managedBy: a@b.test }]",
    'postrider.yaml:1:63: distribution group "g": reportToManagerEnabled: true needs reportToOriginatorEnabled: false; notices go to one of them',
  ],
  [
    "two passwords",
    'mailboxes: [{ name: a, primarySmtpAddress: a@b.test, password: x, passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$c29tZXNhbHRzb21lc2FsdA" }]',
    'postrider.yaml:1:67: mailbox "a": passwordHash: give password or passwordHash, not both',
  ],
  [
    "a terminal's control characters",
    'server: { "a\\e[2J": 1 }',
    'postrider.yaml:1:11: server: unknown property "a\\u001b[2J"',
  ],
] as const) {
  test(`parseConfiguration refuses ${why}`, () => assert.deepEqual(faultsOf(text), [want]));
}

test("a fault carries its parts", () => {
  const parsed = parseConfiguration(RECEIVE("maxHopCount: many"), CONTEXT);
  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.fault, [
    {
      fileName: "postrider.yaml",
      line: 1,
      column: 71,
      object: 'receive connector "a"',
      property: "maxHopCount",
      value: "many",
      message: 'maxHopCount: "many" is not valid; write: integer 1–500',
    },
  ]);
});

test("all faults are told in the order of the file, and no password among them", () => {
  const faults = faultsOf(`
mailboxes:
  - { name: a, primarySmtpAddress: nobody, password: [hunter2] }
  - { name: b, primarySmtpAddress: b@b.test, passwordHash: hunter2 }
server: { fqdn: a b, transportThreads: 0 }`);
  assert.deepEqual(
    faults.map((text) => text.split(":")[1]),
    ["3", "3", "4", "5", "5"],
  );
  assert.doesNotMatch(faults.join("\n"), /hunter2/);
});

test("no more faults are told than anybody reads", () => {
  const mailboxes = Array.from({ length: FAULTS_MAX + 10 }, () => "{ name: a, quota: 1 }");
  const faults = faultsOf(`mailboxes: [${mailboxes.join(", ")}]`);
  assert.equal(faults.length, FAULTS_MAX + 1);
  assert.match(faults.at(-1) ?? "", /and \d+ more faults$/);
});

test("a host name that is no domain name does not keep the server from starting", () => {
  const parsed = parseConfiguration("", { ...CONTEXT, hostName: "my host!" });
  assert.ok(parsed.ok);
  assert.equal(parsed.value.organization.server.fqdn, "localhost");
});

test("any text gives a configuration or faults, each on one line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      for (const fault of faultsOf(text)) assert.doesNotMatch(fault, /[\r\n\0]/);
    }),
    { numRuns: 500 },
  );
});

test("a damaged file gives a configuration or faults", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    "\n",
    "  ",
    "- ",
    "&a ",
    "*a",
    "!x ",
    "null",
    "'",
    '"',
    "|",
    "\0",
    "\u2028",
    "99999999999999999999",
    "-1",
    "name: x",
  );
  const damage = fc.tuple(fc.nat(EXAMPLE_CONFIGURATION.length), fc.nat(30), piece);
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 5 }), (wounds) => {
      const text = wounds.reduce(
        (whole, [at, length, put]) => whole.slice(0, at) + put + whole.slice(at + length),
        EXAMPLE_CONFIGURATION,
      );
      for (const fault of faultsOf(text)) assert.doesNotMatch(fault, /[\r\n\0]/);
    }),
    { numRuns: 200 },
  );
});

test("any value of any property gives a configuration or faults", () => {
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.constantFrom(
        "true",
        "00:05:00",
        "36MB",
        "*",
        "127.0.0.1:25",
        "a@b.test",
        "unlimited",
        null,
      ),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom(
          "name",
          "bindings",
          "addressSpaces",
          "members",
          "admin",
          "password",
          "fqdn",
          "__proto__",
          "toString",
        ),
        tie("value"),
        { maxKeys: 5 },
      ),
    ),
  })).value;
  const section = fc.constantFrom(
    "server",
    "acceptedDomains",
    "receiveConnectors",
    "sendConnectors",
    "transportService",
    "mailboxes",
    "distributionGroups",
    "constructor",
  );
  fc.assert(
    // JSON is YAML.
    fc.property(fc.dictionary(section, tree), (value) => void faultsOf(JSON.stringify(value))),
    { numRuns: 500 },
  );
});
