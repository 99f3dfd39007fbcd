import assert from "node:assert/strict";
import { test } from "node:test";
import { TOTP } from "otpauth";
import { callerOfToken, openSampleAccess, sampleAdministrator } from "../../access/access.fake.ts";
import { textOf } from "../../base/text-of.fake.ts";
import { DAY } from "../../base/units.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { ExecutionRecord } from "../../cmdlet/execution.ts";
import type { Caller } from "../../cmdlet/role-group.ts";
import { verifyPassword } from "../../org/password.ts";
import { createAuditScan } from "./audit-search.ts";
import { ACCESS_CMDLETS } from "./table.ts";

const ROOT: Caller = {
  name: "root",
  roleGroups: ["Organization Management"],
  via: "socket",
  address: "",
};
const BEGUN = { browser: "Firefox", way: "Password", stamp: "" } as const;
const PASSWORD = "correct horse battery";

function textsOf(value: unknown): readonly string[] {
  assert.ok(Array.isArray(value));
  return value.map(textOf);
}

async function setUp() {
  const access = await openSampleAccess();
  const table = createCmdletTable(ACCESS_CMDLETS);
  const services = {
    ...access,
    scanAudit: createAuditScan(access.store),
    serverName: () => "mail.contoso.test",
    cmdlets: () => table.all,
  };
  const { clock, diagnostics, auditLog } = access;
  const audit = auditLog.write.bind(auditLog);
  const execute = createExecute({
    table,
    services: { access: services },
    clock,
    diagnostics,
    audit,
  });
  const run = async (cmdlet: string, parameters: object = {}, caller: Caller = ROOT) => {
    const { signal } = new AbortController();
    const request = { cmdlet, parameters: { ...parameters }, whatIf: false, caller, signal };
    const records: ExecutionRecord[] = [];
    for await (const record of execute(request)) records.push(record);
    const values = records.flatMap((one) => (one.kind === "object" ? [one.value] : []));
    const warnings = records.flatMap((one) => (one.kind === "warning" ? [one.text] : []));
    const failed = records.find((one) => one.kind === "failed");
    return { values, warnings, code: failed?.code, message: failed?.message };
  };
  const alice = { Name: "alice", Password: PASSWORD, RoleGroups: ["help desk"] };
  return { ...access, run, alice };
}

test("an administrator is made, shown, changed and removed", async () => {
  const { run, alice, administrators, clock } = await setUp();
  const made = await run("New-Administrator", alice);
  const shown = {
    Identity: "alice",
    Name: "alice",
    RoleGroups: ["Help Desk"],
    Enabled: true,
    TotpState: "Disabled",
    RecoveryCodesLeft: 0,
    Passkeys: 0,
    ExternalId: null,
    PasswordLastSet: new Date(clock.nowMs()).toISOString(),
    LastLogonDate: null,
    WhenCreated: new Date(clock.nowMs()).toISOString(),
    ETag: made.values[0]?.["ETag"],
  };
  assert.match(textOf(shown.ETag), /^[0-9a-f]{20}$/);
  assert.deepEqual(made.values, [shown]);
  assert.ok(await verifyPassword(PASSWORD, administrators.rows.find("Alice")?.passwordHash ?? ""));
  assert.deepEqual((await run("Get-Administrator")).values, [shown]);
  assert.deepEqual((await run("Get-Administrator", { Identity: "ALICE" })).values, [shown]);
  const filtered = await run("Get-Administrator", { Filter: "TotpState -eq 'Enabled'" });
  assert.deepEqual(filtered.values, []);
  const set = { Identity: "Alice", RoleGroups: "Records Management", Enabled: false };
  const changed = await run("Set-Administrator", { ...set, IfMatch: shown.ETag });
  const ETag = changed.values[0]?.["ETag"];
  assert.deepEqual(changed.values, [
    { ...shown, RoleGroups: ["Records Management"], Enabled: false, ETag },
  ]);
  for (const cmdlet of ["Set-Administrator", "Remove-Administrator"]) {
    const late = await run(cmdlet, { Identity: "Alice", IfMatch: shown.ETag });
    assert.equal(late.code, "conflict", cmdlet);
  }
  assert.equal((await run("Get-Administrator", { Identity: "Alice" })).values[0]?.["ETag"], ETag);
  assert.equal((await run("Remove-Administrator", { Identity: "alice" })).code, undefined);
  assert.equal(administrators.rows.all().length, 0);
});

for (const [why, cmdlet, parameters, code] of [
  ["twice the same name", "New-Administrator", { Name: "ALICE" }, "conflict"],
  ["a short password", "New-Administrator", { Password: "horse" }, "bad-parameter"],
  ["a group that is none", "New-Administrator", { RoleGroups: "Helpers" }, "bad-parameter"],
  ["a name that is local root's", "New-Administrator", { Name: "Root" }, "bad-parameter"],
  ["a name as of a token", "New-Administrator", { Name: "token ci (alice)" }, "bad-parameter"],
  ["a name as of another token", "New-ApiToken", { Name: "ci (bob)" }, "bad-parameter"],
  ["a name that turns text", "New-Administrator", { Name: "alice\u202e" }, "bad-parameter"],
  ["a name with a control character", "New-Administrator", { Name: "a\u0007" }, "bad-parameter"],
  ["nobody of that name", "Get-Administrator", { Identity: "bob" }, "not-found"],
  ["nobody to change", "Set-Administrator", { Identity: "bob", Enabled: true }, "not-found"],
  ["nobody to remove", "Remove-Administrator", { Identity: "bob" }, "not-found"],
  ["no second factor to confirm", "Enable-AdministratorTotp", { Code: "123456" }, "conflict"],
  ["a code that is none", "Enable-AdministratorTotp", { Code: "12345" }, "bad-parameter"],
  ["no such token", "Remove-ApiToken", { Identity: "x" }, "not-found"],
  ["no such session", "Remove-AdministratorSession", { Identity: "x" }, "not-found"],
  ["a date that is past", "New-ApiToken", { ExpirationDate: "-1d" }, "bad-parameter"],
  ["a scope of no cmdlet", "New-ApiToken", { Cmdlets: "Get-Nothing" }, "bad-parameter"],
  [
    "an end before the start",
    "Search-AdminAuditLog",
    { StartDate: "now", EndDate: "-1d" },
    "bad-parameter",
  ],
] as const) {
  test(`${cmdlet} refuses ${why}`, async () => {
    const { run, alice, administrators, tokens } = await setUp();
    await run("New-Administrator", alice);
    const whole: Readonly<Record<string, object>> = {
      "New-Administrator": alice,
      "Enable-AdministratorTotp": { Identity: "alice" },
      "New-ApiToken": { Name: "t", RoleGroups: "Help Desk" },
    };
    const refused = await run(cmdlet, { ...whole[cmdlet], ...parameters });
    assert.equal(refused.code, code);
    assert.deepEqual(
      administrators.rows.all().map(({ name }) => name),
      ["alice"],
    );
    assert.deepEqual(tokens.rows.all(), []);
  });
}

test("a new password, no second factor and no access end the sessions", async () => {
  const { run, sessions, administrators } = await setUp();
  await administrators.rows.change("alice", () => sampleAdministrator());
  for (const change of [{ Password: PASSWORD }, { ResetTotp: true }, { Enabled: false }]) {
    sessions.begin({ ...BEGUN, name: "alice", address: "" });
    sessions.begin({ ...BEGUN, name: "bob", address: "" });
    await run("Set-Administrator", { Identity: "ALICE", ...change });
    assert.deepEqual(
      sessions.all().map(({ name }) => name),
      ["bob"],
    );
    sessions.end(() => true);
  }
  sessions.begin({ ...BEGUN, name: "alice", address: "" });
  await run("Set-Administrator", { Identity: "alice", RoleGroups: [] });
  assert.equal(sessions.all().length, 1);
});

test("a second factor is set up in two steps, its secret shown in the first", async () => {
  const { run, alice, clock, store } = await setUp();
  await run("New-Administrator", alice);
  const [first] = (await run("Enable-AdministratorTotp", { Identity: "alice" })).values;
  assert.equal(first?.["TotpState"], "Pending");
  const secret = textOf(first?.["Secret"]);
  assert.match(
    textOf(first?.["Uri"]),
    /^otpauth:\/\/totp\/Postrider%20mail\.contoso\.test:alice\?/,
  );
  assert.doesNotMatch(JSON.stringify(await store.readAdministrators()), new RegExp(secret));
  const wrong = await run("Enable-AdministratorTotp", { Identity: "alice", Code: "000000" });
  assert.equal(wrong.code, "bad-parameter");
  const code = new TOTP({ secret }).generate({ timestamp: clock.nowMs() });
  const confirmed = await run("Enable-AdministratorTotp", { Identity: "alice", Code: code });
  const [{ RecoveryCodes = [], ...rest } = {}] = confirmed.values;
  assert.deepEqual(rest, { Name: "alice", TotpState: "Enabled", Uri: null, Secret: null });
  const codes = textsOf(RecoveryCodes);
  assert.equal(new Set(codes).size, 10);
  const [renewed] = (await run("New-AdministratorRecoveryCode", { Identity: "alice" })).values;
  assert.equal(textsOf(renewed?.["RecoveryCodes"]).length, 10);
  const stored = JSON.stringify(await store.readAdministrators());
  for (const code of [...codes, ...textsOf(renewed?.["RecoveryCodes"])]) {
    assert.match(code, /^(?:[a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    assert.equal(stored.includes(code), false);
  }
  assert.equal((await run("Enable-AdministratorTotp", { Identity: "alice" })).code, "conflict");
  const [off] = (await run("Disable-AdministratorTotp", { Identity: "alice" })).values;
  assert.equal(off?.["TotpState"], "Disabled");
  assert.equal(off["RecoveryCodesLeft"], 0);
  const none = await run("New-AdministratorRecoveryCode", { Identity: "alice" });
  assert.equal(none.code, "conflict");
  const again = await run("Disable-AdministratorTotp", { Identity: "alice" });
  assert.equal(again.warnings.length, 1);
});

test("passkeys are shown and taken away", async () => {
  const { run, administrators } = await setUp();
  const passkey = {
    ...{ id: "cred-1", publicKey: "k", counter: 0, transports: [], host: "mail.contoso.test" },
    ...{ name: "Telephone", createdMs: 1, lastUsedMs: 0 },
  };
  const row = sampleAdministrator({ passkeys: [passkey, { ...passkey, id: "cred-2" }] });
  await administrators.rows.change("alice", () => row);
  const shown = (await run("Get-AdministratorPasskey", { Administrator: "ALICE" })).values;
  assert.deepEqual(shown[0], {
    Identity: "cred-1",
    Administrator: "alice",
    Name: "Telephone",
    Host: "mail.contoso.test",
    WhenCreated: new Date(1).toISOString(),
    LastUsedDate: null,
  });
  assert.equal(shown.length, 2);
  // Whoever has got at an account may have left a way in for himself.
  const reset = await run("Set-Administrator", { Identity: "alice", Password: PASSWORD });
  assert.match(reset.warnings.join(), /2 passkeys still let him in; Remove-AdministratorPasskey/);
  await run("Remove-AdministratorPasskey", { Identity: "cred-1" });
  const left = (await run("Get-AdministratorPasskey")).values;
  assert.deepEqual(
    left.map((one) => one["Identity"]),
    ["cred-2"],
  );
  const gone = await run("Remove-AdministratorPasskey", { Identity: "cred-1" });
  assert.equal(gone.code, "not-found");
});

test("a token is shown once, and works with its scope until it is removed", async () => {
  const access = await setUp();
  const { run, clock } = access;
  const asked = { Name: "m", RoleGroups: "Help Desk", Cmdlets: ["get-rolegroup"] };
  const [made] = (await run("New-ApiToken", asked)).values;
  const token = textOf(made?.["Token"]);
  assert.equal(made?.["ExpirationDate"], new Date(clock.nowMs() + 365 * DAY).toISOString());
  assert.deepEqual(callerOfToken(access, { token })?.cmdlets, ["get-rolegroup"]);
  const [shown] = (await run("Get-ApiToken")).values;
  assert.equal(shown?.["CreatedBy"], "root");
  assert.equal("Token" in (shown ?? {}), false);
  assert.equal((await run("New-ApiToken", asked)).code, "conflict");
  await run("Remove-ApiToken", { Identity: "M" });
  assert.equal(callerOfToken(access, { token }), undefined);
  await run("New-ApiToken", { Name: "always", RoleGroups: [], NeverExpires: true });
  clock.advance(4000 * DAY);
  const [always] = (await run("Get-ApiToken", { Identity: "always" })).values;
  assert.equal(always?.["Expired"], false);
});

test("a token with a scope makes itself no wider one", async () => {
  const { run, alice } = await setUp();
  await run("New-Administrator", alice);
  const names = ACCESS_CMDLETS.map(({ name }) => name.toLowerCase());
  const scoped: Caller = { ...ROOT, via: "token", cmdlets: names };
  for (const [cmdlet, parameters] of [
    ["New-ApiToken", { Name: "wide", RoleGroups: "Organization Management" }],
    ["New-Administrator", { ...alice, Name: "bob" }],
    ["Set-Administrator", { Identity: "alice", RoleGroups: "Organization Management" }],
    ["Remove-Administrator", { Identity: "alice" }],
    ["Enable-AdministratorTotp", { Identity: "alice" }],
    ["Disable-AdministratorTotp", { Identity: "alice" }],
  ] as const) {
    assert.equal((await run(cmdlet, parameters, scoped)).code, "forbidden", cmdlet);
  }
});

test("who loses his access leaves tokens behind, which are named", async () => {
  const { run, alice } = await setUp();
  await run("New-Administrator", { ...alice, RoleGroups: "Organization Management" });
  const asAlice: Caller = { ...ROOT, name: "alice", via: "session" };
  await run("New-ApiToken", { Name: "backup", RoleGroups: [] }, asAlice);
  const asToken: Caller = { ...ROOT, name: "token backup (alice)", via: "token" };
  await run("New-ApiToken", { Name: "back door", RoleGroups: [] }, asToken);
  await run("New-ApiToken", { Name: "other", RoleGroups: [] });
  const off = await run("Set-Administrator", { Identity: "Alice", Enabled: false });
  assert.match(off.warnings.join(), /still good: back door, backup;/);
  const { warnings } = await run("Remove-Administrator", { Identity: "Alice" });
  assert.match(warnings.join(), /still good: back door, backup;/);
});

test("sessions are shown and ended by their names, which let nobody in", async () => {
  const access = await setUp();
  const { run, sessions } = access;
  const { token } = sessions.begin({ ...BEGUN, name: "alice", address: "192.0.2.7" });
  sessions.begin({ ...BEGUN, name: "bob", address: "" });
  const { values } = await run("Get-AdministratorSession", { Administrator: "ALICE" });
  assert.equal(values.length, 1);
  assert.equal(values[0]?.["ClientIP"], "192.0.2.7");
  assert.doesNotMatch(JSON.stringify(values), new RegExp(token));
  await run("Remove-AdministratorSession", { Identity: textOf(values[0]?.["Identity"]) });
  assert.equal((await run("Get-AdministratorSession")).values.length, 1);
});

test("a role group lists members, tokens and cmdlets", async () => {
  const { run, alice } = await setUp();
  await run("New-Administrator", alice);
  await run("New-ApiToken", { Name: "m", RoleGroups: ["Help Desk", "Records Management"] });
  const [helpDesk] = (await run("Get-RoleGroup", { Name: "help desk" })).values;
  assert.deepEqual(helpDesk?.["Members"], ["alice"]);
  assert.deepEqual(helpDesk?.["Tokens"], ["m"]);
  assert.deepEqual(helpDesk?.["Cmdlets"], []);
  const [records] = (await run("Get-RoleGroup", { Name: "Records Management" })).values;
  assert.deepEqual(records?.["Cmdlets"], ["Search-AdminAuditLog"]);
  assert.equal((await run("Get-RoleGroup")).values.length, 7);
});

test("every change is in the audit log with before and after, and no secret", async () => {
  const { run, alice, clock } = await setUp();
  await run("New-Administrator", alice);
  clock.advance(1000);
  const asBob: Caller = { ...ROOT, name: "bob", via: "session", address: "192.0.2.7" };
  await run(
    "Set-Administrator",
    { Identity: "alice", Enabled: false, Password: `${PASSWORD}!` },
    asBob,
  );
  await run("Set-Administrator", { Identity: "carol", Enabled: false });
  const [totp] = (await run("Enable-AdministratorTotp", { Identity: "alice" })).values;
  const [token] = (await run("New-ApiToken", { Name: "t", RoleGroups: [] })).values;
  await run("Get-Administrator");
  const { values } = await run("Search-AdminAuditLog");
  const told = JSON.stringify(values);
  for (const secret of [PASSWORD, textOf(totp?.["Secret"]), textOf(token?.["Token"])]) {
    assert.ok(!told.includes(secret), secret);
  }
  assert.deepEqual(
    values.map(
      (one) =>
        `${textOf(one["CmdletName"])} ${textOf(one["ObjectModified"])} ${textOf(one["Succeeded"])}`,
    ),
    [
      "New-ApiToken ApiToken t true",
      "Enable-AdministratorTotp Administrator alice true",
      "Set-Administrator carol false",
      "Set-Administrator Administrator alice true",
      "New-Administrator Administrator alice true",
    ],
  );
  const [change] = (await run("Search-AdminAuditLog", { UserIds: "bob" })).values;
  assert.equal(change?.["ClientIP"], "192.0.2.7");
  assert.deepEqual(change?.["CmdletParameters"], [
    { Name: "Identity", Value: "alice" },
    { Name: "Enabled", Value: false },
    { Name: "Password", Value: "***" },
  ]);
  const modified = change?.["ModifiedProperties"];
  assert.ok(Array.isArray(modified));
  assert.deepEqual(modified[0], {
    Object: "Administrator alice",
    Name: "Enabled",
    OldValue: true,
    NewValue: false,
  });
});

for (const [parameters, count] of [
  [{}, 4],
  [{ Cmdlets: "set-*" }, 2],
  [{ Cmdlets: ["New-Administrator", "New-ApiToken"] }, 2],
  [{ ObjectIds: "alice" }, 2],
  [{ ObjectIds: "Administrator alice" }, 2],
  [{ ObjectIds: "ali" }, 0],
  [{ UserIds: "root" }, 4],
  [{ UserIds: "bob" }, 0],
  [{ Parameters: "enabled" }, 2],
  [{ IsSuccess: false }, 1],
  [{ IsSuccess: true }, 3],
  [{ StartDate: "2023-11-14T22:13:21Z" }, 3],
  [{ EndDate: "2023-11-14T22:13:21Z" }, 1],
  [{ StartDate: "-1s", EndDate: "now" }, 0],
  [{ ResultSize: 2 }, 2],
  [{ StartIndex: 3 }, 1],
  [{ ResultSize: 2, StartIndex: 3 }, 1],
  [{ BookmarkObject: 3 }, 2],
  [{ BookmarkObject: 3, UserIds: "bob" }, 0],
  [{ Identity: 2 }, 1],
  [{ Identity: 2, UserIds: "bob" }, 0],
  [{ Identity: 99 }, 0],
] as const) {
  test(`Search-AdminAuditLog ${JSON.stringify(parameters)} finds ${count}`, async () => {
    const { run, alice, clock } = await setUp();
    await run("New-Administrator", alice);
    clock.advance(1000);
    await run("Set-Administrator", { Identity: "alice", Enabled: false });
    await run("Set-Administrator", { Identity: "carol", Enabled: false });
    await run("New-ApiToken", { Name: "t", RoleGroups: [] });
    clock.advance(2000);
    const found = await run("Search-AdminAuditLog", parameters);
    assert.equal(found.code, undefined);
    assert.equal(found.values.length, count);
    assert.equal(
      found.warnings.length,
      "ResultSize" in parameters && !("StartIndex" in parameters) ? 1 : 0,
    );
  });
}
