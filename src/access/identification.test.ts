import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, MINUTE } from "../base/units.ts";
import { callerOfToken, openSampleAccess, sampleAdministrator } from "./access.fake.ts";
import { credentialStamp } from "./administrators.ts";
import { findSession, identify } from "./identification.ts";
import {
  SESSION_IDLE_MS,
  SESSION_LIFETIME_MS,
  SESSIONS_MAX,
  SESSIONS_PER_NAME_MAX,
} from "./sessions.ts";

const PASSKEY = {
  ...{ publicKey: "k", counter: 0, transports: [], host: "mail.contoso.test" },
  ...{ name: "Telephone", createdMs: 1, lastUsedMs: 0 },
};
const BEGUN = { name: "alice", address: "", browser: "", way: "Password", stamp: "" } as const;
const ADDRESS = "192.0.2.7";

async function logIn() {
  const access = await openSampleAccess();
  await access.administrators.rows.change("alice", () => sampleAdministrator());
  const from = { address: ADDRESS, browser: "" };
  const request = { name: "alice", password: "open sesame please", code: "", ...from };
  const done = await access.login.logIn(request);
  assert.ok(done.ok);
  const { token } = done.value;
  const caller = (shown = token) => callerOfToken(access, { token: shown, address: ADDRESS });
  return { ...access, token, caller };
}

async function makeToken(cmdlets?: readonly string[], expiresMs?: number) {
  const access = await openSampleAccess();
  const wanted = { name: "monitor", roleGroups: ["Server Management"], createdBy: "root" };
  const token = await access.tokens.create({ ...wanted, cmdlets, expiresMs });
  assert.ok(token !== undefined);
  const caller = (address = ADDRESS) => callerOfToken(access, { token, address });
  return { ...access, token, caller, wanted };
}

test("a session's caller has the administrator's groups as they are now", async () => {
  const { caller, administrators } = await logIn();
  assert.deepEqual(caller(), {
    name: "alice",
    roleGroups: ["Help Desk"],
    via: "session",
    address: ADDRESS,
  });
  await administrators.rows.change("alice", (row) => row && { ...row, roleGroups: ["Gone"] });
  assert.deepEqual(caller()?.roleGroups, []);
});

for (const [why, header] of [
  ["no header", undefined],
  ["another scheme", "Basic YWxpY2U6eA=="],
  ["an empty token", "Bearer "],
  ["a token that nobody has", `Bearer ps_${"x".repeat(43)}`],
  ["an API token that nobody has", `Bearer pt_${"x".repeat(43)}`],
  ["a token of no kind", `Bearer px_${"x".repeat(43)}`],
  ["a token that is too long", `Bearer ps_${"x".repeat(4000)}`],
] as const) {
  test(`${why} is nobody`, async () => {
    const access = await logIn();
    const headers = header === undefined ? {} : { authorization: header };
    const presented = { method: "GET", headers, address: ADDRESS, cookies: "taken" } as const;
    assert.deepEqual(identify(access, presented), { kind: "stranger" });
  });
}

test("the scheme's case does not count, the token's does", async () => {
  const access = await logIn();
  const { caller, token } = access;
  const headers = { authorization: `bearer ${token}` };
  const presented = { method: "GET", headers, address: ADDRESS, cookies: "ignored" } as const;
  assert.equal(identify(access, presented).kind, "known");
  assert.equal(caller(token.toLowerCase()), undefined);
});

test("a session ends after silence", async () => {
  const { caller, clock } = await logIn();
  clock.advance(SESSION_IDLE_MS - 1);
  assert.ok(caller());
  clock.advance(SESSION_IDLE_MS);
  assert.equal(caller(), undefined);
});

test("a session ends after its time, however busy", async () => {
  const { caller, clock } = await logIn();
  for (let spent = 0; spent < SESSION_LIFETIME_MS - MINUTE; spent += MINUTE) {
    clock.advance(MINUTE);
    assert.ok(caller());
  }
  clock.advance(MINUTE);
  assert.equal(caller(), undefined);
});

for (const [what, change] of [
  ["another password", { passwordSetMs: 2 }],
  ["a second factor", { isTotpEnabled: true }],
  ["not being enabled", { isEnabled: false }],
] as const) {
  test(`${what} ends a session`, async () => {
    const { caller, administrators, sessions } = await logIn();
    await administrators.rows.change("alice", (row) => row && { ...row, ...change });
    assert.equal(caller(), undefined);
    assert.deepEqual(sessions.all(), []);
  });
}

test("another second factor in the place of the first ends the sessions of before", async () => {
  const { administrators, sessions, caller } = await logIn();
  const set = (totpSecret: string) =>
    administrators.rows.change(
      "alice",
      (row) => row && { ...row, isTotpEnabled: true, totpSecret },
    );
  await set("one");
  const stamp = credentialStamp(administrators.rows.find("alice") ?? assert.fail());
  const { token } = sessions.begin({ ...BEGUN, stamp });
  assert.ok(caller(token));
  // Nothing has asked for the session while there was none.
  await set("two");
  assert.equal(caller(token), undefined);
});

test("with a passkey that is taken away, the sessions end that began with it", async () => {
  const { administrators, sessions, caller } = await logIn();
  const stamp = credentialStamp(administrators.rows.find("alice") ?? assert.fail());
  const passkeys = ["lost", "kept"].map((id) => ({ ...PASSKEY, id }));
  await administrators.rows.change("alice", (row) => row && { ...row, passkeys });
  const [lost, kept] = ["lost", "kept"].map((passkey) =>
    sessions.begin({ ...BEGUN, way: "Passkey", stamp, passkey }),
  );
  assert.ok(lost && kept && caller(lost.token));
  await administrators.rows.change(
    "alice",
    (row) => row && { ...row, passkeys: passkeys.slice(1) },
  );
  assert.equal(caller(lost.token), undefined);
  assert.ok(caller(kept.token));
  assert.ok(caller());
});

test("an administrator who is removed has no session", async () => {
  const access = await logIn();
  await access.administrators.rows.change("alice", () => undefined);
  assert.equal(access.caller(), undefined);
  assert.equal(findSession(access, access.token), undefined);
});

test("sessions are bounded: the one idle longest goes", async () => {
  const { sessions, caller, clock } = await logIn();
  const of = BEGUN;
  for (let count = 1; count < SESSIONS_PER_NAME_MAX; count += 1) {
    clock.advance(1);
    sessions.begin(of);
  }
  assert.ok(caller());
  sessions.begin(of);
  sessions.begin(of);
  assert.ok(caller(), "used last, so not the one idle longest");
  assert.equal(sessions.all().length, SESSIONS_PER_NAME_MAX);
  for (let count = 0; count < SESSIONS_MAX; count += 1)
    sessions.begin({ ...of, name: `n${count}` });
  assert.equal(sessions.all().length, SESSIONS_MAX);
  assert.equal(caller(), undefined);
});

test("a token's caller has its groups and scope", async () => {
  const { caller } = await makeToken(["get-queue"]);
  assert.deepEqual(caller(), {
    name: "token monitor (root)",
    roleGroups: ["Server Management"],
    via: "token",
    address: ADDRESS,
    cmdlets: ["get-queue"],
  });
  assert.equal("cmdlets" in ((await makeToken()).caller() ?? {}), false);
});

test("a token is good until it expires", async () => {
  const { clock } = await openSampleAccess();
  const { caller, clock: own } = await makeToken(undefined, clock.nowMs() + DAY);
  own.advance(DAY - 1);
  assert.ok(caller());
  own.advance(1);
  assert.equal(caller(), undefined);
});

test("a token that is removed is worth nothing, and its name is free again", async () => {
  const { caller, tokens, wanted } = await makeToken();
  const again = { ...wanted, cmdlets: undefined, expiresMs: undefined };
  assert.equal(await tokens.create(again), undefined);
  await tokens.rows.change("MONITOR", () => undefined);
  assert.equal(caller(), undefined);
  assert.ok(await tokens.create(again));
  assert.equal(caller(), undefined);
});

test("neither token nor session token is stored", async () => {
  const { store, token } = await makeToken();
  assert.doesNotMatch(JSON.stringify(await store.readTokens()), new RegExp(token));
});

test("the last use is noted by and by, and a store that fails costs no request", async () => {
  const { caller, store, clock, told } = await makeToken();
  const stored = async () => (await store.readTokens())[0];
  caller();
  await new Promise((resolve) => setImmediate(resolve));
  const firstMs = clock.nowMs();
  assert.equal((await stored())?.lastUsedMs, firstMs);
  assert.equal((await stored())?.lastUsedFrom, ADDRESS);
  clock.advance(MINUTE);
  caller();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await stored())?.lastUsedMs, firstMs);
  clock.advance(5 * MINUTE);
  store.failure = "disk full";
  assert.ok(caller());
  await new Promise((resolve) => setImmediate(resolve));
  store.failure = undefined;
  assert.equal(told.at(-1)?.event, "token-use-not-noted");
  caller("198.51.100.1");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await stored())?.lastUsedFrom, "198.51.100.1");
});
