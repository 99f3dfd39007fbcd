import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { openRoom } from "./organization-room.fake.ts";
import { ORGANIZATION_CMDLETS } from "./table.ts";

const BASE = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }, { name: fabrikam.test, domainType: internalrelay }]
receiveConnectors:
  - name: Frontend
    bindings: "127.0.0.1:25"
    banner: "220 hello"
    permissionGroups: AnonymousUsers
  - { name: Client, usage: Client, remoteIPRanges: "10.0.0.0/8" }
sendConnectors:
  - name: Out
    addressSpaces: ["*"]
    smartHosts: ["[192.0.2.9]"]
    smartHostAuthMechanism: BasicAuth
    authenticationCredential: { userName: u, password: hush }
`;

const open = (options: { readonly file?: string } = {}) => openRoom(BASE, options);

test("Get shows what is in force, written as one would write it", async () => {
  const { objects } = await open();
  const [frontend] = await objects("Get-ReceiveConnector", { Identity: "FRONT*" });
  for (const [name, value] of [
    ["Identity", "Frontend"],
    ["Bindings", ["127.0.0.1:25"]],
    ["Fqdn", "mail.contoso.test"],
    ["Banner", "220 hello"],
    ["PermissionGroups", ["AnonymousUsers"]],
    ["MaxMessageSize", "36MB"],
    ["ConnectionTimeout", "00:10:00"],
    ["MessageRateLimit", "unlimited"],
    ["MaxHopCount", 30],
    ["RequireTLS", false],
    ["ExtendedRights", {}],
    ["DeclaredIn", null],
  ] as const) {
    assert.deepEqual(frontend?.[name], value, name);
  }
  const [client] = await objects("Get-ReceiveConnector", { Identity: "Client" });
  assert.deepEqual(client?.["Bindings"], ["0.0.0.0:587"]);
  assert.deepEqual(client["RemoteIPRanges"], ["10.0.0.0/8"]);
  assert.equal(client["MessageRateLimit"], "5");
  const [out] = await objects("Get-SendConnector");
  assert.deepEqual(out?.["AddressSpaces"], ["SMTP:*;1"]);
  assert.deepEqual(out["SmartHosts"], ["[192.0.2.9]"]);
  assert.deepEqual(out["AuthenticationCredential"], { UserName: "u", Password: "***" });
  assert.equal(out["DnsRoutingEnabled"], false);
  const domains = await objects("Get-AcceptedDomain", { SortOrder: "-Name" });
  assert.deepEqual(
    domains.map((one) => [one["DomainName"], one["DomainType"], one["Default"]]),
    [
      ["fabrikam.test", "InternalRelay", false],
      ["contoso.test", "Authoritative", true],
    ],
  );
  const [config] = await objects("Get-TransportConfig");
  assert.equal(config?.["MaxReceiveSize"], "10MB");
  assert.equal((await objects("Get-TransportServer"))[0]?.["TransportThreads"], 2);
});

for (const noun of ORGANIZATION_CMDLETS.filter(({ name }) => name.startsWith("Get-"))) {
  test(`${noun.name} puts out every property of its type, in order`, async () => {
    const { objects } = await open();
    for (const one of await objects(noun.name)) {
      assert.deepEqual(Object.keys(one), Object.keys(noun.output.properties));
    }
    for (const column of noun.output.table) assert.ok(noun.output.properties[column], column);
  });
}

test("New makes an object, is audited, and is refused a second time", async () => {
  const { objects, failure, organization, audited } = await open();
  const given = { Name: "Relay", Bindings: "127.0.0.1:2525", MaxHopCount: 9, Enabled: false };
  const [made] = await objects("New-ReceiveConnector", given);
  assert.equal(made?.["MaxHopCount"], 9);
  const relay = organization.organization.receiveConnectors.find(({ name }) => name === "Relay");
  assert.deepEqual([relay?.maxHopCount, relay?.enabled], [9, false]);
  assert.equal(audited[0]?.changes[0]?.object, "ReceiveConnector Relay");
  assert.equal(audited[0]?.changes[0]?.after?.["MaxHopCount"], 9);
  const again = await failure("New-ReceiveConnector", { ...given, Name: "RELAY" });
  assert.deepEqual(
    [again.code, again.message],
    ["conflict", 'there is already a receive connector "Relay"'],
  );
});

test("Set changes what is given, lists by Add and Remove; null brings defaults back", async () => {
  const { objects, organization, audited } = await open();
  const identity = { Identity: "frontend" };
  await objects("Set-ReceiveConnector", { ...identity, MaxMessageSize: "50MB", Comment: "x" });
  await objects("Set-ReceiveConnector", {
    ...identity,
    MaxMessageSize: null,
    RemoteIPRanges: {
      add: ["192.0.2.1", "10.0.0.0/8"],
      Remove: "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    },
  });
  const found = organization.organization.receiveConnectors.find(({ name }) => name === "Frontend");
  assert.equal(found?.maxMessageSize, 36 * 1024 * 1024);
  assert.equal(found.comment, "x");
  assert.deepEqual(
    found.remoteIPRanges.map(({ text }) => text),
    ["0.0.0.0-255.255.255.255", "192.0.2.1", "10.0.0.0/8"],
  );
  const [first, second] = audited;
  assert.deepEqual(first?.changes, [
    {
      object: "ReceiveConnector Frontend",
      before: { MaxMessageSize: "36MB", Comment: "" },
      after: { MaxMessageSize: "50MB", Comment: "x" },
    },
  ]);
  assert.deepEqual(Object.keys(second?.changes[0]?.after ?? {}), [
    "RemoteIPRanges",
    "MaxMessageSize",
  ]);
});

test("a secret is stored sealed and reported as changed, never shown", async () => {
  const { objects, organization, audited, run } = await open();
  const change = { Identity: "Out", AuthenticationCredential: { UserName: "u", password: "new!" } };
  const plan = (await run("Set-SendConnector", change, true))[0];
  assert.ok(plan?.kind === "plan");
  assert.match(plan.plan.actions.join(), /AuthenticationCredential: .*-> another$/);
  await objects("Set-SendConnector", change);
  const sealed = organization.organization.sendConnectors[0]?.authenticationCredential?.password;
  assert.match(sealed ?? "", /^sealed:/);
  assert.doesNotMatch(JSON.stringify(audited), /new!|sealed:/);
  assert.deepEqual(audited[0]?.changes[0]?.after, {
    AuthenticationCredential: { UserName: "u", Password: "***" },
  });
});

test("-WhatIf shows the difference and changes nothing", async () => {
  const { run, organization } = await open();
  const { version } = organization.organization;
  const planned = async (cmdlet: string, parameters: object) => {
    const [first] = await run(cmdlet, parameters, true);
    assert.ok(first?.kind === "plan", JSON.stringify(first));
    return first.plan.actions;
  };
  assert.deepEqual(await planned("Set-ReceiveConnector", { Identity: "Client", MaxHopCount: 7 }), [
    "Set ReceiveConnector Client: MaxHopCount: 30 -> 7",
  ]);
  assert.deepEqual(await planned("Set-TransportConfig", { MaxSendSize: "10MB" }), [
    "TransportConfig stays as it is",
  ]);
  assert.deepEqual(await planned("Remove-SendConnector", { Identity: "Out" }), [
    "Remove SendConnector Out",
  ]);
  const created = await planned("New-TlsPolicy", { Name: "a.test", Mode: "dane" });
  assert.deepEqual(created, ["Create TlsPolicy a.test", '  Name: "a.test"', '  Mode: "Dane"']);
  assert.equal(organization.organization.version, version);
});

test("-MakeDefault moves the default from one to the other", async () => {
  const { objects, organization, audited } = await open();
  await objects("Set-AcceptedDomain", { Identity: "fabrikam.test", MakeDefault: true });
  const chosen = organization.organization.acceptedDomains.filter((domain) => domain.default);
  assert.deepEqual(
    chosen.map(({ name }) => name),
    ["fabrikam.test"],
  );
  assert.equal(audited[0]?.changes.length, 2);
});

test("a system message is made of its parts; the originals are ours", async () => {
  const { objects, organization, failure } = await open();
  const given = { DsnCode: "5.7.1", Internal: true, Language: "en", Text: "Call <b>us</b>." };
  const [made] = await objects("New-SystemMessage", given);
  const identity = "En\\Internal\\5.7.1";
  assert.deepEqual(
    ["Identity", "DsnCode", "Internal", "Language", "Text"].map((name) => made?.[name]),
    [identity, "5.7.1", true, "En", "Call <b>us</b>."],
  );
  await objects("Set-SystemMessage", { Identity: identity.toLowerCase(), Text: "Call." });
  assert.deepEqual(organization.organization.systemMessages, [{ name: identity, text: "Call." }]);
  const originals = await objects("Get-SystemMessage", { Original: true });
  assert.ok(originals.length > 50);
  assert.match(textOf(originals[0]?.["Text"]), /\.$/);
  const bad = await failure("Set-SystemMessage", { Identity: identity, Text: "<script>" });
  assert.match(bad.message, /^-Text: .*write only B, EM, BR, P and A/);
});

test("a remote domain has Exchange's names", async () => {
  const { objects, organization } = await open();
  const given = { Name: "Default", DomainName: "*", ndrenabled: false };
  const [made] = await objects("New-RemoteDomain", given);
  assert.deepEqual([made?.["NDREnabled"], made?.["AutoForwardEnabled"]], [false, true]);
  assert.equal(organization.organization.remoteDomains[0]?.ndrEnabled, false);
});

const REFUSED = [
  [
    "Set-ReceiveConnector",
    { Identity: "Nobody", Enabled: true },
    "not-found",
    /Get-ReceiveConnector/,
  ],
  ["Get-ReceiveConnector", { Identity: "Fronten" }, "not-found", /did you mean "Frontend"/],
  [
    "Set-ReceiveConnector",
    { Identity: "Client", MaxHopCount: "x" },
    "bad-parameter",
    /-MaxHopCount/,
  ],
  [
    "New-ReceiveConnector",
    { Name: "Twin", Bindings: "127.0.0.1:25" },
    "bad-parameter",
    /receive connector "(Twin|Frontend)": /,
  ],
  ["New-ReceiveConnector", { Bindings: "127.0.0.1:25" }, "bad-parameter", /-Name/],
  [
    "Set-ReceiveConnector",
    { Identity: "Client", Bindings: { plus: "x" } },
    "bad-parameter",
    /write @\{Add=/,
  ],
  ["Set-SendConnector", { Identity: "Out", Fqdn: "a b" }, "bad-parameter", /"a b" is not a domain/],
] as const;
for (const [cmdlet, parameters, code, message] of REFUSED) {
  test(`${cmdlet} refuses ${JSON.stringify(parameters)}`, async () => {
    const { failure } = await open();
    const last = await failure(cmdlet, parameters);
    assert.equal(last.code, code);
    assert.match(last.message, message);
  });
}

test("what a file declares says so; -Force changes it and warns", async () => {
  const { run, failure, objects, organization } = await open({ file: "/etc/postrider.yaml" });
  const change = { Identity: "Frontend", MaxHopCount: 3 };
  const refused = await failure("Set-ReceiveConnector", change);
  assert.equal(refused.code, "not-allowed-now");
  assert.match(refused.message, /declared in \/etc\/postrider\.yaml.*-Force/);
  assert.equal((await objects("Get-ReceiveConnector"))[0]?.["DeclaredIn"], "/etc/postrider.yaml");
  const records = await run("Set-ReceiveConnector", { ...change, Force: true });
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["warning", "done"],
  );
  assert.equal(
    organization.organization.receiveConnectors.find(({ name }) => name === "Frontend")
      ?.maxHopCount,
    3,
  );
});

test("Remove takes it away", async () => {
  const { objects, organization, audited } = await open();
  await objects("Remove-ReceiveConnector", { Identity: "client" });
  assert.equal(organization.organization.receiveConnectors.length, 1);
  assert.equal(audited[0]?.changes[0]?.before?.["Identity"], "Client");
});
