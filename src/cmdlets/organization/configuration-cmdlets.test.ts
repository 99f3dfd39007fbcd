import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { openRoom } from "./organization-room.fake.ts";

const FULL = `
server: { fqdn: mail.contoso.test, admin: { listen: "127.0.0.1:8443" } }
acceptedDomains:
  - { name: contoso.test, default: true }
  - { name: fabrikam.test, domainName: "*.fabrikam.test" }
receiveConnectors:
  - name: "Front: end #1"
    bindings: ["127.0.0.1:25", "[::1]:25"]
    banner: "220 hello there"
    extendedRights: { AnonymousUsers: [ms-Exch-SMTP-Accept-Any-Recipient] }
sendConnectors:
  - name: Out
    addressSpaces: ["SMTP:*;10", "--"]
    smartHosts: ["[192.0.2.9]"]
    smartHostAuthMechanism: BasicAuth
    authenticationCredential: { userName: u, password: "hush: #1" }
tlsPolicies: [{ name: "*.fabrikam.test", mode: Dane }]
throttlingPolicies: [{ name: Slow, messagesPerHour: 5 }]
transportService: { pickupDirectoryPath: null, messageExpirationTimeout: 3.00:00:00 }
mailboxes:
  - name: alice
    primarySmtpAddress: alice@contoso.test
    emailAddresses: [a@contoso.test, "ü@contoso.test"]
    password: "correct horse"
    ntlmEnabled: true
    throttlingPolicy: Slow
    appPasswords: [{ name: Scanner, password: paper jam, messagesPerHour: 3 }]
  - { name: bob, primarySmtpAddress: bob@contoso.test }
mailUsers: [{ name: carol, primarySmtpAddress: c@contoso.test, externalEmailAddress: c@a.test }]
mailContacts: [{ name: dave, primarySmtpAddress: d@contoso.test, externalEmailAddress: d@a.test }]
distributionGroups:
  - name: team
    primarySmtpAddress: team@contoso.test
    members: [alice@contoso.test, x@away.test]
`;

async function exported(room: Awaited<ReturnType<typeof openRoom>>): Promise<string> {
  return (await room.objects("Export-PostriderConfiguration"))
    .map((one) => textOf(one["Text"]))
    .join("");
}

test("what is exported and applied again changes nothing, secrets and all", async () => {
  const room = await openRoom(FULL);
  const text = await exported(room);
  assert.doesNotMatch(text, /correct horse|paper jam|hush/);
  const { version } = room.organization.organization;
  assert.deepEqual(await room.objects("Import-PostriderConfiguration", { FileData: text }), []);
  assert.equal(room.organization.organization.version, version);
  assert.equal(await exported(room), text);
});

test("an empty server takes an export over", async () => {
  const first = await openRoom(FULL);
  const text = await exported(first);
  const second = await openRoom("server: { fqdn: other.test }\n");
  const changes = await second.objects("Import-PostriderConfiguration", { FileData: text });
  assert.ok(changes.length > 10);
  assert.equal(await exported(second), text);
});

test("a dry run shows what would change, readable and without secrets", async () => {
  const room = await openRoom(FULL);
  const next = FULL.replace("messagesPerHour: 5", "messagesPerHour: 6")
    .replace("hush: #1", "other")
    .replace("x@away.test", "y@away.test")
    .replace("{ name: bob", "{ name: eve, primarySmtpAddress: eve@contoso.test }\n  - { name: bob")
    .replace(", messageExpirationTimeout: 3.00:00:00", "");
  const given = { FileData: next, DryRun: true };
  const changes = await room.objects("Import-PostriderConfiguration", given);
  assert.deepEqual(
    changes.map((one) => [one["Change"], one["Kind"], one["Name"], one["Properties"]]),
    [
      ["Changed", "sendConnectors", "Out", ["authenticationCredential: *** -> ***"]],
      ["Changed", "throttlingPolicies", "Slow", ['messagesPerHour: "5" -> "6"']],
      ["Changed", "transportService", "", ['messageExpirationTimeout: "3.00:00:00" -> (default)']],
      [
        "Changed",
        "distributionGroups",
        "team",
        ['members: ["alice@contoso.test","x@away.test"] -> ["alice@contoso.test","y@away.test"]'],
      ],
      ["Added", "mailboxes", "eve", ['primarySmtpAddress: "eve@contoso.test"']],
    ],
  );
  const again = await room.objects("Import-PostriderConfiguration", given);
  assert.deepEqual(again, changes, "nothing was stored");
  const stored = await room.objects("Import-PostriderConfiguration", { FileData: next });
  assert.deepEqual(stored, changes);
  assert.deepEqual(await room.objects("Import-PostriderConfiguration", given), []);
  assert.doesNotMatch(JSON.stringify(room.audited), /correct horse|sealed:|argon2/);
});

test("what is stored and not in the file is told to who asks for it, and stays", async () => {
  const room = await openRoom(FULL);
  const all = { FileData: await exported(room), DryRun: true, IncludeKept: true };
  assert.deepEqual(await room.objects("Import-PostriderConfiguration", all), []);
  const FileData = FULL.replace(/^.*name: bob,.*$/m, "").replace(
    "messagesPerHour: 5",
    "messagesPerHour: 6",
  );
  const given = { FileData, IncludeKept: true };
  const found = await room.objects("Import-PostriderConfiguration", { ...given, DryRun: true });
  assert.deepEqual(
    found.map((one) => [one["Change"], one["Kind"], one["Name"]]),
    [
      ["Changed", "throttlingPolicies", "Slow"],
      ["Kept", "mailboxes", "bob"],
    ],
  );
  const none = await room.objects("Import-PostriderConfiguration", { FileData, DryRun: true });
  assert.equal(none.length, 1);
  await room.objects("Import-PostriderConfiguration", given);
  assert.doesNotMatch(JSON.stringify(room.audited), /"Kept"/);
  assert.match(await exported(room), /name: bob/);
});

test("a file that is wrong changes nothing and is told with every line", async () => {
  const room = await openRoom(FULL);
  const FileData = "acceptedDomains: [{ name: x.test }]\nmailboxen: []\nserver: { fqdn: a b }\n";
  const last = await room.failure("Import-PostriderConfiguration", {
    FileData,
    FileName: "p.yaml",
  });
  assert.equal(last.code, "bad-parameter");
  assert.match(last.message, /^p\.yaml:2:1: unknown property "mailboxen".*\np\.yaml:3:\d+: /);
});

test("more changes than are wanted are counted", async () => {
  const room = await openRoom(FULL);
  const FileData = FULL.replace("messagesPerHour: 5", "messagesPerHour: 7").replace("hush", "hash");
  const given = { FileData, ResultSize: 1, DryRun: true };
  const records = await room.run("Import-PostriderConfiguration", given);
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["object", "warning", "done"],
  );
});
