import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { address } from "../../mail/address.fake.ts";
import { verifyPassword } from "../../org/password.ts";
import { FILE, openRoom } from "./recipient-room.fake.ts";

const ALICE = { Name: "alice", PrimarySmtpAddress: "alice@contoso.test" };

async function storedAlice({ store }: Awaited<ReturnType<typeof openRoom>>) {
  const [row] = (await store.findRecipients([address("alice@contoso.test")])).value;
  assert.ok(row);
  return JSON.parse(row.json) as Record<string, unknown>;
}

test("a mailbox is made, found by any address, changed and removed", async () => {
  const room = await openRoom();
  const { values, run } = room;
  const given = { ...ALICE, EmailAddresses: "a.smith@contoso.test", Password: "hush hush" };
  const [made] = await values("New-Mailbox", given);
  assert.deepEqual(
    [made?.["Identity"], made?.["RecipientType"], made?.["Password"], made?.["EmailAddresses"]],
    ["alice", "UserMailbox", "***", ["a.smith@contoso.test"]],
  );
  await values("Set-Mailbox", {
    Identity: "A.Smith@contoso.test",
    EmailAddresses: { Add: "x@contoso.test", Remove: "a.smith@contoso.test" },
    ProhibitSendReceiveQuota: "2GB",
    ForwardingAddress: "y@contoso.test",
  });
  const [found] = await values("Get-Mailbox", { Identity: "x@contoso.test" });
  assert.deepEqual(
    ["EmailAddresses", "ProhibitSendReceiveQuota", "ForwardingAddress", "MaxSendSize"].map(
      (property) => found?.[property],
    ),
    [["x@contoso.test"], "2GB", "y@contoso.test", "unlimited"],
  );
  await values("Set-Mailbox", { Identity: "alice", ForwardingAddress: null });
  assert.equal(
    (await values("Get-Mailbox", { Identity: "ALICE" }))[0]?.["ForwardingAddress"],
    null,
  );
  await values("Remove-Mailbox", { Identity: "alice" });
  const { failed } = await run("Get-Mailbox", { Identity: "alice" });
  assert.deepEqual([failed?.code, failed?.parameter], ["not-found", "Identity"]);
});

test("each noun is made, shown, changed and removed", async () => {
  const { values, run } = await openRoom();
  const external = { ExternalEmailAddress: "x@example.test" };
  for (const [noun, more] of [
    ["Mailbox", {}],
    ["MailUser", external],
    ["MailContact", external],
    ["DistributionGroup", { Members: ["alice@contoso.test", "x@example.test"] }],
  ] as const) {
    await values(`New-${noun}`, { ...ALICE, ...more });
    await values(`Set-${noun}`, { Identity: "alice", MaxReceiveSize: "5MB" });
    const [shown] = await values(`Get-${noun}`);
    assert.deepEqual([shown?.["Name"], shown?.["MaxReceiveSize"]], ["alice", "5MB"], noun);
    const other = noun === "Mailbox" ? "MailUser" : "Mailbox";
    const { failed } = await run(`Set-${other}`, { Identity: "alice@contoso.test" });
    assert.match(failed?.message ?? "", new RegExp(`is ${noun} alice`));
    await values(`Remove-${noun}`, { Identity: "alice@contoso.test" });
    assert.deepEqual(await values("Get-Recipient"), []);
  }
});

test("an address that somebody has is refused, and a name too", async () => {
  const { run, values } = await openRoom();
  await values("New-Mailbox", ALICE);
  for (const [cmdlet, given, message] of [
    ["New-Mailbox", { Name: "Alice", PrimarySmtpAddress: "b@contoso.test" }, /already a mailbox/],
    ["New-Mailbox", { ...ALICE, Name: "bob" }, /alice@contoso.test already belongs to mailbox/],
    [
      "New-MailContact",
      { ...ALICE, Name: "c", ExternalEmailAddress: "c@example.test" },
      /already belongs to mailbox "alice"/,
    ],
  ] as const) {
    const { failed } = await run(cmdlet, given);
    assert.equal(failed?.code, "conflict");
    assert.match(failed.message, message);
  }
});

test("a password is hashed, shown nowhere, and replaced as a whole", async () => {
  const room = await openRoom();
  const { values, audited, run } = room;
  await values("New-Mailbox", { ...ALICE, Password: "first secret", NtlmEnabled: true });
  const before = await storedAlice(room);
  assert.ok(before["ntHash"]);
  const whatIf = await run(
    "Set-Mailbox",
    { Identity: "alice", Password: "second secret" },
    { whatIf: true },
  );
  assert.deepEqual(whatIf.actions, ['Set Mailbox alice: Password: "***" -> another']);
  assert.deepEqual(await storedAlice(room), before);
  await values("Set-Mailbox", { Identity: "alice", Password: "second secret" });
  const after = await storedAlice(room);
  assert.ok(await verifyPassword("second secret", String(after["passwordHash"])));
  for (const property of ["passwordHash", "scramVerifiers", "ntHash"]) {
    assert.notDeepEqual(after[property], before[property], property);
  }
  await values("Set-Mailbox", { Identity: "alice", NtlmEnabled: false });
  assert.equal((await storedAlice(room))["ntHash"], undefined);
  const [reset] = await values("Reset-MailboxPassword", { Identity: "alice" });
  const made = textOf(reset?.["Password"]);
  assert.match(made, /^([a-z2-9]{5}-){4}[a-z2-9]{5}$/);
  assert.ok(await verifyPassword(made, String((await storedAlice(room))["passwordHash"])));
  await values("Set-Mailbox", { Identity: "alice", Password: null });
  const none = await storedAlice(room);
  assert.equal(none["passwordHash"] ?? none["scramVerifiers"], undefined);
  assert.equal((await values("Get-Mailbox"))[0]?.["Password"], null);
  const told = JSON.stringify([audited, await values("Get-Mailbox")]);
  for (const secret of ["first secret", "second secret", made, "argon2id"]) {
    assert.ok(!told.includes(secret), secret);
  }
  assert.deepEqual(audited[1]?.changes, [
    { object: "Mailbox alice", before: { Password: "***" }, after: { Password: "***" } },
  ]);
});

test("an app password is made, shown once, changed and removed", async () => {
  const room = await openRoom();
  const { values, run, audited } = room;
  await values("New-Mailbox", { ...ALICE, Password: "hush hush" });
  const ownHash = (await storedAlice(room))["passwordHash"];
  const given = { Mailbox: "alice", Name: "Scanner", MessagesPerHour: "60" };
  const [made] = await values("New-AppPassword", { ...given, Senders: "s@contoso.test" });
  const secret = textOf(made?.["Password"]);
  assert.equal(made?.["UserName"], "alice@contoso.test");
  const stored = await storedAlice(room);
  const [device] = stored["appPasswords"] as readonly Record<string, unknown>[];
  assert.ok(await verifyPassword(secret, String(device?.["passwordHash"])));
  assert.equal(stored["passwordHash"], ownHash);
  const twin = await run("New-AppPassword", { Mailbox: "alice", Name: "scanner" });
  assert.equal(twin.failed?.code, "conflict");
  await values("Set-AppPassword", { Mailbox: "alice", Name: "scanner", Enabled: false });
  await values("New-AppPassword", { Mailbox: "alice@contoso.test", Name: "Phone" });
  assert.deepEqual(
    (await values("Get-AppPassword", { Mailbox: "alice" })).map(({ ETag: _, ...one }) =>
      Object.values(one),
    ),
    [
      ["alice", "Scanner", ["s@contoso.test"], "60", false],
      ["alice", "Phone", [], "unlimited", true],
    ],
  );
  assert.deepEqual((await values("Get-Mailbox"))[0]?.["AppPasswords"], ["Scanner", "Phone"]);
  await values("Remove-AppPassword", { Mailbox: "alice", Name: "Scanner" });
  const gone = await run("Remove-AppPassword", { Mailbox: "alice", Name: "Scanner" });
  assert.match(gone.failed?.message ?? "", /no app password "Scanner"; it has "Phone"/);
  const told = JSON.stringify([audited, await values("Get-AppPassword", { Mailbox: "alice" })]);
  assert.ok(!told.includes(secret) && !told.includes("argon2id"));
  assert.deepEqual(
    audited.flatMap(({ changes }) => changes.map(({ object }) => object)),
    [
      "Mailbox alice",
      "AppPassword alice\\Scanner",
      "AppPassword alice\\scanner",
      "AppPassword alice\\Phone",
      "AppPassword alice\\Scanner",
    ],
  );
});

test("a setting changes and the secrets stay as they are", async () => {
  const room = await openRoom();
  const { values } = room;
  await values("New-Mailbox", { ...ALICE, Password: "hush hush", NtlmEnabled: true });
  await values("New-AppPassword", { Mailbox: "alice", Name: "Scanner" });
  const { maxSendSize: _, ...before } = await storedAlice(room);
  await values("Set-Mailbox", { Identity: "alice", MaxSendSize: "1MB" });
  const { maxSendSize, ...after } = await storedAlice(room);
  assert.deepEqual([maxSendSize, after], ["1MB", before]);
});

test("what a file declares is refused; its recipients say so", async () => {
  const yaml = `mailboxes: [{ name: alice, primarySmtpAddress: alice@contoso.test }]
distributionGroups: [{ name: team, primarySmtpAddress: team@contoso.test }]
`;
  const { run, values } = await openRoom(yaml, { owned: true });
  for (const [cmdlet, parameters] of [
    ["Set-Mailbox", { Identity: "alice", MaxSendSize: "1MB" }],
    ["Remove-Mailbox", { Identity: "alice" }],
    ["New-AppPassword", { Mailbox: "alice", Name: "x" }],
    ["Add-RecipientPermission", { Identity: "team", Trustee: "alice" }],
    ["Add-DistributionGroupMember", { Identity: "team", Member: "alice" }],
  ] as const) {
    const { failed } = await run(cmdlet, parameters);
    assert.equal(failed?.code, "not-allowed-now", cmdlet);
    assert.ok(failed.message.includes(FILE), failed.message);
    const forced = await run(cmdlet, { ...parameters, Force: true }, { whatIf: true });
    assert.equal(forced.failed, undefined, cmdlet);
  }
  const shown = await values("Get-Recipient", { Filter: `DeclaredIn -eq '${FILE}'` });
  assert.equal(shown.length, 2);
});

test("help desks look recipients up and change none; others do not even look", async () => {
  const { run } = await openRoom();
  const refused = async (cmdlet: string, role: Parameters<typeof run>[2]) =>
    (await run(cmdlet, { ...ALICE, Identity: "x" }, role)).failed?.code === "forbidden";
  assert.equal(await refused("Get-Recipient", { role: "Help Desk" }), false);
  assert.equal(await refused("New-Mailbox", { role: "Help Desk" }), true);
  assert.equal(await refused("Get-Recipient", { role: "Hygiene Management" }), true);
});

test("addresses of strange domains and mail left behind are told", async () => {
  const { run } = await openRoom();
  const made = await run("New-Mailbox", { ...ALICE, PrimarySmtpAddress: "alice@strange.test" });
  assert.match(made.warnings[0] ?? "", /^strange\.test is no accepted domain/);
  const given = { Identity: "alice", PrimarySmtpAddress: "alice@contoso.test" };
  const moved = await run("Set-Mailbox", given);
  assert.match(moved.warnings[0] ?? "", /stays in mailboxes\/alice@strange\.test/);
});

test("a recipient's tag is the same however it is found, and guards what changes it", async () => {
  const { values, run } = await openRoom();
  await values("New-Mailbox", { ...ALICE, Password: "hush hush" });
  const tags = [];
  for (const parameters of [{ Identity: "alice" }, { Identity: "ali*" }, {}]) {
    for (const cmdlet of ["Get-Mailbox", "Get-Recipient"]) {
      tags.push((await values(cmdlet, parameters))[0]?.["ETag"]);
    }
  }
  assert.equal(new Set(tags).size, 1, textOf(tags));
  const IfMatch = textOf(tags[0]);
  const byTag = await values("Get-Mailbox", { Filter: `ETag -eq '${IfMatch}'` });
  assert.equal(byTag.length, 1);
  await values("Set-Mailbox", { Identity: "alice", IfMatch, MaxSendSize: "5MB" });
  const late = await run("Set-Mailbox", { Identity: "alice", IfMatch, MaxReceiveSize: "5MB" });
  assert.equal(late.failed?.code, "conflict");
  assert.match(late.failed.message, /^mailbox "alice" .* by rita \(MaxSendSize\): look at it/);
  const gone = await run("Remove-Mailbox", { Identity: "alice@contoso.test", IfMatch });
  assert.equal(gone.failed?.code, "conflict");
  assert.equal((await values("Get-Mailbox")).length, 1);
});

test("a group's tag does not mind who comes and goes", async () => {
  const { values } = await openRoom();
  const group = { Name: "team", PrimarySmtpAddress: "team@contoso.test" };
  const [made] = await values("New-DistributionGroup", { ...group, Members: "x@example.test" });
  await values("Add-DistributionGroupMember", { Identity: "team", Member: "y@example.test" });
  const [now] = await values("Get-DistributionGroup", { Identity: "team" });
  assert.equal(now?.["ETag"], made?.["ETag"]);
  const IfMatch = now?.["ETag"];
  await values("Set-DistributionGroup", { Identity: "team", IfMatch, MaxReceiveSize: "1MB" });
  const [after] = await values("Get-DistributionGroup", { Identity: "team" });
  assert.equal(after?.["MemberCount"], 2);
});

test("an app password that nobody knows any more is given another one", async () => {
  const room = await openRoom();
  const { values, run, audited } = room;
  await values("New-Mailbox", ALICE);
  const [first] = await values("New-AppPassword", {
    ...{ Mailbox: "alice", Name: "Scanner" },
    Senders: "s@contoso.test",
  });
  await values("Set-AppPassword", { Mailbox: "alice", Name: "Scanner", Enabled: false });
  const [again] = await values("Reset-AppPassword", { Mailbox: "alice", Name: "scanner" });
  const old = textOf(first?.["Password"]);
  const secret = textOf(again?.["Password"]);
  assert.deepEqual({ ...again, Password: old }, first);
  const [device] = (await storedAlice(room))["appPasswords"] as Record<string, unknown>[];
  const hash = String(device?.["passwordHash"]);
  assert.ok(await verifyPassword(secret, hash));
  assert.ok(!(await verifyPassword(old, hash)));
  const [shown] = await values("Get-AppPassword", { Mailbox: "alice" });
  assert.deepEqual(
    [shown?.["Senders"], shown?.["Enabled"]],
    [["s@contoso.test"], false],
    "what it may be used for stays",
  );
  assert.ok(!JSON.stringify(audited).includes(secret));
  const none = await run("Reset-AppPassword", { Mailbox: "alice", Name: "Fax" });
  assert.match(none.failed?.message ?? "", /no app password "Fax"; it has "Scanner"/);
});

test("an app password has a tag of its own", async () => {
  const { values, run } = await openRoom();
  await values("New-Mailbox", { ...ALICE, Password: "hush hush" });
  const device = { Mailbox: "alice", Name: "Scanner" };
  await values("New-AppPassword", device);
  const [{ ETag: IfMatch } = {}] = await values("Get-AppPassword", device);
  await values("Set-AppPassword", { ...device, IfMatch, MessagesPerHour: "9" });
  for (const [cmdlet, more] of [
    ["Set-AppPassword", { Enabled: false }],
    ["Reset-AppPassword", {}],
    ["Remove-AppPassword", {}],
  ] as const) {
    const late = await run(cmdlet, { ...device, IfMatch, ...more });
    assert.equal(late.failed?.code, "conflict", cmdlet);
  }
  await values("New-AppPassword", { ...device, Name: "Phone" });
  const [{ ETag: now } = {}] = await values("Get-AppPassword", device);
  await values("Remove-AppPassword", { ...device, IfMatch: now });
});
