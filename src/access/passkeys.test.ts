import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../base/units.ts";
import { openSampleAccess, sampleAdministrator } from "./access.fake.ts";
import { FakeAuthenticator, type Misbehaviour } from "./authenticator.fake.ts";
import { PASSKEYS_MAX, Passkeys } from "./passkeys.ts";

const HOST = "mail.contoso.test:8443";
const ORIGIN = `https://${HOST}`;

async function setUp() {
  const access = await openSampleAccess();
  await access.administrators.rows.change("alice", () => sampleAdministrator());
  await access.administrators.rows.change("bob", () =>
    sampleAdministrator({ name: "bob", createdMs: 2 }),
  );
  const audit = access.auditLog.write.bind(access.auditLog);
  const serverName = () => "Mail.contoso.test";
  const passkeys = new Passkeys({ ...access, audit, serverName });
  const siteOf = (host: string) => {
    const site = passkeys.siteOf(host);
    assert.ok(site.ok);
    return site.value;
  };
  const site = siteOf(HOST);
  const alice = () => access.administrators.rows.find("alice") ?? assert.fail();
  const begin = async (row = alice()) => {
    const options = await passkeys.beginRegistration(row, site);
    assert.ok(options.ok);
    return options.value;
  };
  const register = async (authenticator: FakeAuthenticator, how: Misbehaviour = {}) => {
    const response = authenticator.create(await begin(), how);
    const made = { site, response, name: "Telephone", address: "192.0.2.7" };
    const done = await passkeys.register(alice(), made);
    return done.ok ? "in" : done.fault.kind;
  };
  const signIn = async (response: unknown, at = site) => {
    const done = await passkeys.signIn({ site: at, response });
    return done.ok ? done.value.row.name : done.fault.kind;
  };
  return { ...access, passkeys, siteOf, site, alice, begin, register, signIn };
}

async function registered() {
  const all = await setUp();
  const authenticator = new FakeAuthenticator(ORIGIN);
  assert.equal(await all.register(authenticator), "in");
  const get = async (how: Misbehaviour = {}) =>
    authenticator.get(await all.passkeys.beginSignIn(all.site), how);
  return { ...all, authenticator, get };
}

test("a passkey is registered, and its owner signs in with it, without a name", async () => {
  const { alice, get, signIn, clock, store } = await registered();
  const [passkey] = alice().passkeys;
  assert.equal(passkey?.name, "Telephone");
  assert.equal(passkey.host, "mail.contoso.test");
  assert.deepEqual(passkey.transports, ["internal"]);
  clock.advance(MINUTE);
  assert.equal(await signIn(await get()), "alice");
  assert.equal(alice().passkeys[0]?.counter, 1);
  assert.equal(alice().passkeys[0]?.lastUsedMs, clock.nowMs());
  assert.equal(alice().lastLogonMs, clock.nowMs());
  assert.equal(await signIn(await get()), "alice");
  const page = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100, beforeId: 1e9 };
  const [entry] = (await store.readAudit(page)).rows;
  assert.deepEqual([entry?.cmdlet, entry?.caller], ["New-AdministratorPasskey", "alice"]);
});

test("the browser is told what a passkey here must be", async () => {
  const { begin, passkeys, site, register, alice } = await setUp();
  const options = Object(await begin());
  assert.equal(options.rp.id, "mail.contoso.test");
  assert.equal(options.authenticatorSelection.userVerification, "required");
  assert.equal(options.authenticatorSelection.residentKey, "required");
  assert.equal(options.attestation, "none");
  assert.doesNotMatch(Buffer.from(options.user.id, "base64url").toString("latin1"), /alice/);
  await register(new FakeAuthenticator(ORIGIN));
  const again = Object(await begin());
  assert.equal(again.excludeCredentials[0].id, alice().passkeys[0]?.id);
  const get = Object(await passkeys.beginSignIn(site));
  assert.deepEqual([get.rpId, get.userVerification], ["mail.contoso.test", "required"]);
  assert.notEqual(options.challenge, again.challenge);
});

for (const [why, how] of [
  ["for another origin", { origin: "https://evil.test" }],
  ["for another port", { origin: "https://mail.contoso.test" }],
  ["for another host", { host: "evil.test" }],
  ["by nobody in particular", { isUnverified: true }],
  ["of another kind", { type: "payment.get" }],
] as const) {
  test(`a passkey is refused ${why}, made or shown`, async () => {
    const { register, alice } = await setUp();
    assert.equal(await register(new FakeAuthenticator(ORIGIN), how), "refused");
    assert.deepEqual(alice().passkeys, []);
    const { get, signIn } = await registered();
    assert.equal(await signIn(await get(how)), "refused");
    assert.equal(await signIn(await get()), "alice", "nothing is lost by it");
  });
}

test("an answer counts once", async () => {
  const { get, signIn, passkeys, begin, alice, site } = await registered();
  const response = await get();
  assert.equal(await signIn(response), "alice");
  assert.equal(await signIn(response), "refused");
  const made = new FakeAuthenticator(ORIGIN).create(await begin());
  const registration = { site, response: made, name: "", address: "" };
  assert.ok((await passkeys.register(alice(), registration)).ok);
  assert.equal((await passkeys.register(alice(), registration)).ok, false);
  assert.equal(alice().passkeys.length, 2);
});

test("an answer counts for a short time", async () => {
  const { get, signIn, clock } = await registered();
  const response = await get();
  clock.advance(5 * MINUTE);
  assert.equal(await signIn(response), "refused");
});

test("a challenge for one thing is none for another, nor for another's account", async () => {
  const { authenticator, begin, signIn, passkeys, site, administrators, get } = await registered();
  assert.equal(await signIn(authenticator.get({ ...(await begin()), rpId: site.host })), "refused");
  const bob = administrators.rows.find("bob") ?? assert.fail();
  const response = new FakeAuthenticator(ORIGIN).create(await begin());
  const done = await passkeys.register(bob, { site, response, name: "x", address: "" });
  assert.equal(done.ok, false);
  assert.equal(await signIn(await get()), "alice");
});

test("a passkey is good for the host that it was made for, and for its owner", async () => {
  const { get, signIn, siteOf, authenticator, passkeys } = await registered();
  const local = siteOf("LOCALHOST:8443");
  assert.equal(local.origin, "https://localhost:8443");
  const options = await passkeys.beginSignIn(local);
  const elsewhere = authenticator.get(options, { origin: local.origin });
  assert.equal(await signIn(elsewhere, local), "refused");
  assert.equal(await signIn(await get({ userHandle: "Ym9i" })), "refused");
});

test("a copy is found out by its counter; who does not count is believed", async () => {
  const { get, signIn } = await registered();
  assert.equal(await signIn(await get({ counter: 9 })), "alice");
  assert.equal(await signIn(await get({ counter: 9 })), "refused");
  assert.equal(await signIn(await get({ counter: 3 })), "refused");
  assert.equal(await signIn(await get({ counter: 10 })), "alice");
  const other = await registered();
  assert.equal(await other.signIn(await other.get({ counter: 0 })), "alice");
  assert.equal(await other.signIn(await other.get({ counter: 0 })), "alice");
});

test("who is not enabled, or has lost it, does not sign in", async () => {
  const { get, signIn, administrators } = await registered();
  const change = (isEnabled: boolean) =>
    administrators.rows.change("alice", (row) => row && { ...row, isEnabled });
  await change(false);
  assert.equal(await signIn(await get()), "refused");
  await change(true);
  assert.equal(await signIn(await get()), "alice");
  await administrators.rows.change("alice", (row) => row && { ...row, passkeys: [] });
  assert.equal(await signIn(await get()), "refused");
  await administrators.rows.change("alice", () => sampleAdministrator({ createdMs: 5 }));
  assert.equal(await signIn(await get()), "refused");
});

for (const host of [
  "127.0.0.1:8443",
  "[::1]:8443",
  "mail",
  "evil.test",
  "",
  "localhost.evil.test",
]) {
  test(`passkeys are not for https://${host}`, async () => {
    const { passkeys } = await setUp();
    const site = passkeys.siteOf(host);
    assert.ok(!site.ok && site.fault.kind === "host");
    assert.match(site.fault.message, /https:\/\/mail\.contoso\.test/);
  });
}

test("what is no answer of a browser is refused, and said shortly", async () => {
  const { signIn, get, passkeys, alice, site, told, begin } = await registered();
  const good = await get();
  const part = "A".repeat(40_000);
  const bad: readonly unknown[] = [
    ...[undefined, null, 7, "x", [], {}, { ...good, type: "password" }, { ...good, id: 7 }],
    ...[
      { ...good, id: "x".repeat(2000) },
      { ...good, response: [] },
    ],
    ...["clientDataJSON", "authenticatorData", "signature", "userHandle"].flatMap((name) =>
      [undefined, 7, "", "a b", part].map((value) => ({
        ...good,
        response: { ...good.response, [name]: value },
      })),
    ),
    { ...good, response: { ...good.response, clientDataJSON: "AAAA" } },
    { ...good, response: { ...good.response, authenticatorData: "AAAA" } },
  ];
  for (const response of bad) {
    assert.equal(await signIn(response), "refused", JSON.stringify(response)?.slice(0, 80));
  }
  const create = new FakeAuthenticator(ORIGIN).create(await begin());
  for (const value of ["AAAA", part, 7]) {
    const response = { ...create, response: { ...create.response, attestationObject: value } };
    const made = { site, response, name: "x", address: "" };
    assert.equal((await passkeys.register(alice(), made)).ok, false);
  }
  assert.ok(told.every((one) => JSON.stringify(one).length < 300));
});

test("an administrator has so many passkeys, none of them another's", async () => {
  const { register, alice, authenticator, passkeys, site } = await registered();
  assert.equal(await register(authenticator), "refused", "its id is there already");
  for (let count = 1; count < PASSKEYS_MAX; count += 1) {
    assert.equal(await register(new FakeAuthenticator(ORIGIN)), "in");
  }
  const more = await passkeys.beginRegistration(alice(), site);
  assert.ok(!more.ok && more.fault.kind === "too-many");
});

test("nobody loses his challenge by those that others ask for", async () => {
  const { get, signIn, passkeys, site } = await registered();
  const response = await get();
  for (let count = 0; count < 5000; count += 1) await passkeys.beginSignIn(site);
  assert.equal(await signIn(response), "alice");
  assert.equal(await signIn(response), "refused", "and it counts once all the same");
});

test("a passkey is renamed by its owner alone, to something that can be read", async () => {
  const { passkeys, alice, administrators } = await registered();
  const { id = "" } = alice().passkeys[0] ?? {};
  const rename = (name: string) => passkeys.rename(alice(), { id, name, address: "" });
  assert.ok(await rename(" Key\r\n\u202Ering ".padEnd(200, "x")));
  assert.match(alice().passkeys[0]?.name ?? "", /^Key ring x{55}$/);
  assert.ok(await rename("\u0000"));
  assert.equal(alice().passkeys[0]?.name, "Passkey");
  const bob = administrators.rows.find("bob") ?? assert.fail();
  assert.equal(await passkeys.rename(bob, { id, name: "x", address: "" }), false);
});
