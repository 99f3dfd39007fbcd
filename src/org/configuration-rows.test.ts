import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecretBox } from "../base/secret-box.ts";
import { address } from "../mail/address.fake.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import { applyRows } from "./apply-rows.fake.ts";
import { createDirectory } from "./cached-directory.ts";
import { type Configuration, parseConfiguration } from "./configuration.ts";
import { compareConfiguration, describeComparison, NAMED_MAX } from "./configuration-comparison.ts";
import { formatFault } from "./configuration-fault.ts";
import { createConfigurationRows } from "./configuration-rows.ts";
import { EXAMPLE_CONFIGURATION } from "./example-configuration.ts";
import { hashPassword, parsePasswordHash, verifyPassword } from "./password.ts";
import { buildOrganization } from "./snapshot.ts";

const BOX = createSecretBox(Buffer.alloc(32));
const MACHINE = { hostName: "host.contoso.com", cores: 2 };

function parse(text: string): Configuration {
  const parsed = parseConfiguration(text, { ...MACHINE, fileName: "f.yaml" });
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.fault.map(formatFault).join("\n"));
  return parsed.value;
}

async function apply(store: MemoryOrganizationStore, text: string) {
  const rows = await createConfigurationRows(parse(text), store, BOX);
  return { rows, applied: await applyRows(store, rows) };
}

test("what the store gives back is the organization of the file", async () => {
  const store = new MemoryOrganizationStore();
  await apply(store, EXAMPLE_CONFIGURATION);
  const built = buildOrganization(await store.readObjects(), MACHINE);
  assert.ok(built.ok, built.ok ? "" : built.fault.map(formatFault).join("\n"));
  const { organization } = parse(EXAMPLE_CONFIGURATION);
  const byName = <Row extends { readonly name: string }>(rows: readonly Row[]) =>
    rows.toSorted((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1));
  assert.deepEqual(built.value, {
    ...organization,
    version: 1,
    acceptedDomains: byName(organization.acceptedDomains),
    receiveConnectors: byName(organization.receiveConnectors),
    sendConnectors: byName(organization.sendConnectors),
  });
});

test("the default domain stays the first of the file in the store", async () => {
  const store = new MemoryOrganizationStore();
  await apply(store, "acceptedDomains: [{ name: z.test }, { name: a.test }]");
  const built = buildOrganization(await store.readObjects(), MACHINE);
  assert.ok(built.ok);
  const domains = built.value.acceptedDomains.map((domain) => [domain.name, domain.default]);
  assert.deepEqual(domains, [
    ["a.test", false],
    ["z.test", true],
  ]);
});

test("a file applied again changes nothing, passwords in it or not", async () => {
  const store = new MemoryOrganizationStore();
  const first = await apply(store, EXAMPLE_CONFIGURATION);
  const second = await apply(store, EXAMPLE_CONFIGURATION);
  assert.deepEqual(second.applied, { version: 1, changed: false });
  assert.deepEqual(second.rows, first.rows);
  const third = await apply(store, EXAMPLE_CONFIGURATION.replace("battery staple", "other"));
  assert.equal(third.applied.version, 2);
});

test("no password is stored in clear", async () => {
  const { rows } = await apply(new MemoryOrganizationStore(), EXAMPLE_CONFIGURATION);
  assert.doesNotMatch(JSON.stringify(rows), /battery staple/);
  const bob = rows.recipients.find(({ name }) => name === "bob");
  const { passwordHash } = JSON.parse(bob?.json ?? "{}");
  assert.equal(await verifyPassword("battery staple", passwordHash), true);
});

test("a password fits its hash and no other does", async () => {
  const hash = await hashPassword("pässword");
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword("pa\u0308ssword", hash), true);
  assert.equal(await verifyPassword("password", hash), false);
  assert.equal(await verifyPassword("pässword", hash.replace("t=2", "t=3")), false);
  assert.equal(await verifyPassword("x", "no hash"), false);
  assert.notEqual(await hashPassword("pässword"), hash);
});

for (const [why, text] of [
  ["another algorithm", "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA"],
  [
    "more memory than a logon may cost",
    "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA",
  ],
  [
    "more passes than a logon may cost",
    "$argon2id$v=19$m=19456,t=65,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA",
  ],
  [
    "too little memory for its lanes",
    "$argon2id$v=19$m=8,t=2,p=2$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA",
  ],
  ["no salt", "$argon2id$v=19$m=19456,t=2,p=1$$c29tZXNhbHRzb21lc2FsdA"],
] as const) {
  test(`parsePasswordHash refuses ${why}`, () => assert.equal(parsePasswordHash(text), undefined));
}

test("a hash of argon2's reference program is understood", async () => {
  // echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
  const phc =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  assert.equal(await verifyPassword("password", phc), true);
});

test("a stored object that this release cannot read is a fault, not a default", async () => {
  for (const row of [
    { kind: "newKind", name: "x", json: "{}" },
    { kind: "server", name: "", json: "not JSON" },
    { kind: "sendConnector", name: "x", json: '{"name":"x"}' },
  ]) {
    const built = buildOrganization({ version: 3, value: [row] }, MACHINE);
    assert.equal(built.ok, false, row.json);
    assert.match(built.ok ? "" : built.fault.map(formatFault).join(), /^organization database: /);
  }
});

test("a comparison names what is added, changed and removed", async () => {
  const store = new MemoryOrganizationStore();
  const { rows: before } = await apply(store, EXAMPLE_CONFIGURATION);
  const owner = "/f.yaml";
  assert.equal(describeComparison(await compareConfiguration(before, store)).changedCount, 0);
  const text = EXAMPLE_CONFIGURATION.replace("name: Partner", "name: Fabrikam")
    .replace("maxMessageSize: 50MB", "maxMessageSize: 51MB")
    .replace("transientFailureRetryInterval: 00:10:00", "messageRetryInterval: 00:10:00")
    .replace("dave@fabrikam.com]", "eve@fabrikam.com]")
    .replace('password: "battery staple"', "");
  const after = await createConfigurationRows(parse(text), store, BOX);
  assert.deepEqual(describeComparison(await compareConfiguration(after, store, { owner })), {
    added: ['sendConnector "Fabrikam"'],
    changed: [
      'receiveConnector "Default Frontend"',
      "transportService",
      'distributionGroup "team"',
      'mailbox "bob"',
    ],
    removed: ['sendConnector "Partner"'],
    addedCount: 1,
    changedCount: 4,
    removedCount: 1,
  });
});

test("a comparison names some and counts all", async () => {
  const recipients = Array.from({ length: NAMED_MAX + 5 }, (_, index) => ({
    kind: "mailbox",
    name: `m${index}`,
    json: "{}",
    addresses: [],
    members: [],
  }));
  const store = new MemoryOrganizationStore();
  const compared = await compareConfiguration({ objects: [], recipients }, store);
  const difference = describeComparison(compared);
  assert.deepEqual([difference.added.length, difference.addedCount], [NAMED_MAX, NAMED_MAX + 5]);
});

test("the directory gives each kind of recipient its form", async () => {
  const store = new MemoryOrganizationStore();
  await apply(store, EXAMPLE_CONFIGURATION);
  const directory = createDirectory(store);
  const asked = [
    "A.Smith@contoso.com",
    "carol@contoso.com",
    "fabrikam@contoso.com",
    "team@contoso.com",
    "nobody@contoso.com",
  ];
  const [alice, carol, fabrikam, team, nobody] = await directory.findRecipients(asked.map(address));
  const everybody = {
    requireSenderAuthenticationEnabled: false,
    acceptMessagesOnlyFromSendersOrMembers: [],
    rejectMessagesFromSendersOrMembers: [],
    moderationEnabled: false,
    moderatedBy: [],
    bypassModerationFromSendersOrMembers: [],
    sendModerationNotifications: "Always",
    maxReceiveSize: Number.POSITIVE_INFINITY,
    sendAs: [],
    attributes: {},
  };
  assert.deepEqual(alice, {
    ...everybody,
    maxSendSize: Number.POSITIVE_INFINITY,
    recipientLimits: Number.POSITIVE_INFINITY,
    throttlingPolicy: undefined,
    kind: "mailbox",
    name: "alice",
    primarySmtpAddress: "alice@contoso.com",
    emailAddresses: ["a.smith@contoso.com", "alice@sales.contoso.com"],
    forwardingAddress: undefined,
    deliverToMailboxAndForward: false,
    prohibitSendReceiveQuota: 2 * 1024 ** 3,
    lmtpHost: undefined,
    safeSenders: ["news@fabrikam.com", "litware.com"],
    safeRecipients: [],
    blockedSenders: ["adventure-works.com"],
    antispamBypassEnabled: false,
    sclJunkEnabled: undefined,
    sclJunkThreshold: undefined,
    attributes: { department: "Sales" },
  });
  assert.deepEqual([carol?.kind, fabrikam?.kind, nobody], ["user", "contact", undefined]);
  assert.deepEqual(team, {
    ...everybody,
    kind: "group",
    name: "team",
    primarySmtpAddress: "team@contoso.com",
    emailAddresses: [],
    memberCount: 3,
    reportToOriginatorEnabled: true,
    reportToManagerEnabled: false,
    bypassNestedModerationEnabled: false,
    managedBy: "alice@contoso.com",
  });
  const page = { from: 1, limit: 2 };
  const { members } = await directory.readMembers(address("team@contoso.com"), page);
  assert.deepEqual(members, ["bob@contoso.com", "dave@fabrikam.com"]);
});
