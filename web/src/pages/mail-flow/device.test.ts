import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceCalls, isComplete, logonDoors, NEW_DEVICE, openBindings } from "./device.ts";

const SCANNER = { ...NEW_DEVICE, name: " Scanner ", mailbox: "alice" };

test("a device that logs on gets an app password with a limit", () => {
  assert.deepEqual(deviceCalls(SCANNER), [
    {
      cmdlet: "New-AppPassword",
      parameters: { Mailbox: "alice", Name: "Scanner", MessagesPerHour: 200 },
    },
  ]);
});

test("with a mailbox of its own it may send as that alone", () => {
  const device = {
    ...SCANNER,
    isNewMailbox: true,
    mailboxAddress: "scan@contoso.test",
    policy: "Devices",
    perHour: "",
  };
  assert.deepEqual(
    deviceCalls(device).map(({ parameters }) => parameters),
    [
      { Name: "alice", PrimarySmtpAddress: "scan@contoso.test", ThrottlingPolicy: "Devices" },
      { Mailbox: "alice", Name: "Scanner", Senders: ["scan@contoso.test"] },
    ],
  );
});

test("a policy for a mailbox that exists is set before the password is made", () => {
  const [first] = deviceCalls({ ...SCANNER, policy: "Devices" });
  assert.deepEqual(first, {
    cmdlet: "Set-Mailbox",
    parameters: { Identity: "alice", ThrottlingPolicy: "Devices" },
  });
});

test("a device that cannot log on gets a connector for its addresses", () => {
  const device = {
    ...SCANNER,
    way: "address",
    addresses: "10.0.0.1, 10.0.0.2",
    binding: "0.0.0.0:25",
    isRelay: true,
    hasOldTls: true,
  } as const;
  assert.deepEqual(deviceCalls(device)[0]?.parameters, {
    Name: "Scanner",
    Bindings: ["0.0.0.0:25"],
    RemoteIPRanges: ["10.0.0.1", "10.0.0.2"],
    PermissionGroups: ["AnonymousUsers"],
    ExtendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] },
    MessageRateLimit: 60,
    TlsProfile: "legacy",
  });
});

for (const [why, change, expected] of [
  ["a name and a mailbox", {}, true],
  ["no name", { name: " " }, false],
  ["no mailbox", { mailbox: "" }, false],
  ["a new mailbox without address", { isNewMailbox: true }, false],
  ["no address", { way: "address", binding: "0.0.0.0:25" }, false],
  ["an address", { way: "address", binding: "0.0.0.0:25", addresses: "10.0.0.1" }, true],
] as const) {
  test(`isComplete: ${why}`, () => {
    assert.equal(isComplete({ ...SCANNER, ...change }), expected);
  });
}

test("doors for logons: port 587 first, those for others not at all", () => {
  const users = { PermissionGroups: ["ExchangeUsers"], AuthMechanism: ["Tls", "BasicAuth"] };
  const doors = logonDoors(
    [
      { Name: "Anybody", Bindings: ["0.0.0.0:25"], PermissionGroups: ["AnonymousUsers"] },
      { Name: "Implicit", Bindings: ["0.0.0.0:465"], ...users, ImplicitTlsEnabled: true },
      { Name: "Client", Bindings: ["0.0.0.0:587", "[::]:587"], ...users, Fqdn: "smtp.x.test" },
      { Name: "Off", Bindings: ["0.0.0.0:2587"], ...users, Enabled: false },
      { Name: "Clear", Bindings: ["0.0.0.0:26"], ...users, AuthMechanism: ["BasicAuth"] },
    ],
    "mail.x.test",
  );
  assert.deepEqual(
    doors.map(({ server, port, encryption }) => `${server}:${port} ${encryption}`),
    ["smtp.x.test:587 starttls", "mail.x.test:465 implicit", "mail.x.test:26 optional"],
  );
});

test("bindings of strangers come before those of users, port 25 first", () => {
  const bindings = openBindings([
    { Bindings: ["0.0.0.0:587"], PermissionGroups: ["ExchangeUsers"] },
    { Bindings: ["0.0.0.0:26", "0.0.0.0:25"], PermissionGroups: ["AnonymousUsers"] },
    { Bindings: ["0.0.0.0:25"], PermissionGroups: ["AnonymousUsers"] },
  ]);
  assert.deepEqual(bindings, ["0.0.0.0:25", "0.0.0.0:26", "0.0.0.0:587"]);
});
