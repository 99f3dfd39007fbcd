import assert from "node:assert/strict";
import { test } from "node:test";
import { TOTP } from "otpauth";
import { MINUTE, SECOND } from "../base/units.ts";
import type { AdministratorRow } from "../store/access-store.ts";
import { openSampleAccess, sampleAdministrator } from "./access.fake.ts";
import type { LoginRequest } from "./login.ts";
import { digestRecoveryCode, makeRecoveryCodes } from "./recovery-codes.ts";
import { makeTotpSecret } from "./totp.ts";

const RIGHT = "open sesame please";
const ALICE: LoginRequest = {
  name: "alice",
  password: RIGHT,
  code: "",
  address: "192.0.2.7",
  browser: "Firefox",
};

async function setUp(...administrators: readonly AdministratorRow[]) {
  const access = await openSampleAccess();
  for (const row of administrators) await access.administrators.rows.change(row.name, () => row);
  const outcome = async (change: Partial<LoginRequest> = {}) => {
    const done = await access.login.logIn({ ...ALICE, ...change });
    return done.ok ? "in" : done.fault.kind;
  };
  return { ...access, outcome };
}

test("the right password begins a session, and is noted", async () => {
  const { login, clock, administrators, told } = await setUp(sampleAdministrator());
  const done = await login.logIn({ ...ALICE, name: "ALICE" });
  assert.ok(done.ok);
  assert.equal(done.value.session.name, "alice");
  assert.match(done.value.token, /^ps_[\w-]{43}$/);
  assert.equal(administrators.rows.find("alice")?.lastLogonMs, clock.nowMs());
  assert.equal(told[0]?.event, "administrator-logged-in");
  assert.doesNotMatch(JSON.stringify(told), new RegExp(`${RIGHT}|${done.value.token}`));
});

for (const [why, change, row] of [
  ["a wrong password", { password: "open sesame plea" }, {}],
  ["a name that nobody has", { name: "bob" }, {}],
  ["no name", { name: "" }, {}],
  ["a long name", { name: "x".repeat(100_000) }, {}],
  ["a long password", { password: "x".repeat(100_000) }, {}],
  ["an administrator who is not enabled", {}, { isEnabled: false }],
  ["an administrator without a password", { password: "" }, { passwordHash: "" }],
] as const) {
  test(`nobody gets in with ${why}, after the same work`, async () => {
    const { outcome, calculations, told } = await setUp(sampleAdministrator(row));
    assert.equal(await outcome(change), "wrong");
    assert.equal(calculations.length, 1);
    assert.equal(told[0]?.event, "administrator-login-failed");
    assert.ok(JSON.stringify(told).length < 300);
    assert.doesNotMatch(JSON.stringify(told), /sesame/);
  });
}

test("who guesses is held back, even with the right password; others are not", async () => {
  const { outcome, calculations, clock } = await setUp(
    sampleAdministrator(),
    sampleAdministrator({ name: "bob" }),
  );
  for (let count = 0; count < 5; count += 1)
    assert.equal(await outcome({ password: "x" }), "wrong");
  assert.equal(await outcome(), "held");
  assert.equal(calculations.length, 5);
  assert.equal(await outcome({ address: "198.51.100.1" }), "in");
  assert.equal(await outcome({ name: "bob" }), "in");
  clock.advance(MINUTE);
  assert.equal(await outcome(), "in");
});

test("a name that nobody has is held back in the same way", async () => {
  const { outcome } = await setUp();
  const outcomes = [];
  for (let count = 0; count < 6; count += 1) outcomes.push(await outcome({ name: "nobody" }));
  assert.deepEqual(outcomes.slice(4), ["wrong", "held"]);
});

test("a source that tries many names is held back", async () => {
  const { outcome } = await setUp(sampleAdministrator());
  for (let count = 0; count < 20; count += 1) await outcome({ name: `nobody${count}` });
  assert.equal(await outcome(), "held");
  assert.equal(await outcome({ address: "192.0.2.8" }), "in");
});

test("guesses at the same time are no more than one after the other", async () => {
  const { login, calculations } = await setUp(sampleAdministrator());
  const tries = Array.from({ length: 30 }, () => login.logIn({ ...ALICE, password: "x" }));
  await Promise.all(tries);
  // Two are at work when the fifth failure counts.
  assert.ok(calculations.length <= 6, `${calculations.length}`);
});

test("more than can be in line are told to come back", async () => {
  const { login } = await setUp();
  const tries = Array.from({ length: 60 }, (_, host) =>
    login.logIn({ ...ALICE, name: `n${host}`, address: `10.0.${host}.1` }),
  );
  const outcomes = (await Promise.all(tries)).map((done) => (done.ok ? "in" : done.fault.kind));
  assert.equal(outcomes.filter((outcome) => outcome === "busy").length, 18);
});

test("a crowd keeps neither its neighbours out nor those who have been here before", async () => {
  const { login, outcome } = await setUp(sampleAdministrator());
  assert.equal(await outcome(), "in");
  const crowd = Array.from({ length: 100 }, (_, at) =>
    login.logIn({ ...ALICE, name: `n${at}`, address: `2001:db8:1:${at.toString(16)}::1` }),
  );
  const known = Array.from({ length: 11 }, () => login.logIn(ALICE));
  const elsewhere = login.logIn({ ...ALICE, address: "198.51.100.1" });
  assert.ok((await elsewhere).ok, "one network is in nobody else's way");
  for (const done of await Promise.all(known)) assert.ok(done.ok);
  const busy = (await Promise.all(crowd)).filter((done) => !done.ok && done.fault.kind === "busy");
  assert.equal(busy.length, 59);
});

function codeOf(secret: string, nowMs: number): string {
  return new TOTP({ secret }).generate({ timestamp: nowMs });
}

test("with a second factor the code counts too, and each of them once", async () => {
  const secret = makeTotpSecret();
  const access = await setUp();
  const totpSecret = access.box.seal(secret);
  const row = sampleAdministrator({ totpSecret, isTotpEnabled: true });
  await access.administrators.rows.change("alice", () => row);
  const { outcome, clock } = access;
  assert.equal(await outcome(), "wrong");
  assert.equal(await outcome({ code: "000000" }), "wrong");
  const code = codeOf(secret, clock.nowMs());
  assert.equal(await outcome({ code, password: "x" }), "wrong");
  const both = await Promise.all([outcome({ code }), outcome({ code })]);
  assert.deepEqual(both.toSorted(), ["in", "wrong"]);
  assert.equal(await outcome({ code }), "wrong");
  clock.advance(30 * SECOND);
  assert.equal(await outcome({ code: codeOf(secret, clock.nowMs()) }), "in");
});

test("codes are not guessed from many networks, and their owner is not locked out", async () => {
  const access = await setUp();
  const secret = makeTotpSecret();
  const [recovery = ""] = makeRecoveryCodes();
  const recoveryCodes = [digestRecoveryCode(recovery) ?? ""];
  const totpSecret = access.box.seal(secret);
  const row = sampleAdministrator({ totpSecret, isTotpEnabled: true, recoveryCodes });
  await access.administrators.rows.change("alice", () => row);
  const { outcome, clock, told } = access;
  const right = () => ({ code: codeOf(secret, clock.nowMs()) });
  const elsewhere = (network: number) => ({ address: `198.51.${network}.1` });
  assert.equal(await outcome(right()), "in", "from his desk");
  clock.advance(30 * SECOND);
  for (let network = 0; network < 10; network += 1) {
    assert.equal(await outcome({ ...elsewhere(network), code: "000000" }), "wrong");
  }
  assert.equal(await outcome({ ...right(), ...elsewhere(11) }), "wrong", "a lucky guess");
  assert.match(JSON.stringify(told.at(-1)), /"outcome":"codes-guessed"/);
  assert.equal(await outcome({ password: "x", ...elsewhere(12) }), "wrong", "told as any other");
  assert.match(JSON.stringify(told.at(-1)), /"outcome":"wrong"/);
  assert.equal(await outcome({ code: recovery, ...elsewhere(13) }), "in");
  assert.equal(await outcome(right()), "in", "where he has been before");
  clock.advance(60 * SECOND);
  assert.equal(await outcome({ ...right(), ...elsewhere(14) }), "in", "and later anywhere");
});

test("a recovery code stands in for the authenticator once, and not for the password", async () => {
  const access = await setUp();
  const [code = "", other = ""] = makeRecoveryCodes();
  const recoveryCodes = [code, other].flatMap((one) => digestRecoveryCode(one) ?? []);
  const totpSecret = access.box.seal(makeTotpSecret());
  const row = sampleAdministrator({ totpSecret, isTotpEnabled: true, recoveryCodes });
  await access.administrators.rows.change("alice", () => row);
  const { outcome, sessions, administrators } = access;
  assert.equal(await outcome({ code, password: "x" }), "wrong");
  assert.equal(await outcome({ code: "aaaa-aaaa-aaaa-aaaa" }), "wrong");
  const typed = code.toUpperCase().replaceAll("-", " ");
  const both = await Promise.all([outcome({ code: typed }), outcome({ code })]);
  assert.deepEqual(both.toSorted(), ["in", "wrong"]);
  assert.equal(sessions.all()[0]?.way, "PasswordAndRecoveryCode");
  assert.deepEqual(administrators.rows.find("alice")?.recoveryCodes, recoveryCodes.slice(1));
  assert.equal(await outcome({ code }), "wrong");
  assert.equal(await outcome({ code: other }), "in");
});

for (const text of ["", "123456", "a".repeat(15), "1111-1111-1111-1111", "a".repeat(100_000)]) {
  test(`${text.slice(0, 20)} (${text.length}) is no recovery code`, () => {
    assert.equal(digestRecoveryCode(text), undefined);
  });
}

test("who has come in, and who has not, is in the audit log", async () => {
  const { outcome, store } = await setUp(sampleAdministrator());
  await outcome({ browser: "Fire\u202Efox\r\n".padEnd(1000, "x") });
  await outcome({ password: "x" });
  await outcome({ name: "nobody" });
  const page = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
  const [failed, done, ...others] = (await store.readAudit({ ...page, beforeId: 1e9 })).rows;
  assert.deepEqual(others, []);
  const { succeeded, cmdlet, caller, address, object } = done ?? assert.fail();
  assert.deepEqual(
    { succeeded, cmdlet, caller, address, object },
    {
      ...{ succeeded: true, cmdlet: "Sign-In", caller: "alice", address: "192.0.2.7" },
      object: "alice",
    },
  );
  assert.match(done?.parameters ?? "", /"Way":"Password","Browser":"Fire\?fox\?\?x{290}"/);
  assert.equal(failed?.error, "wrong");
  assert.doesNotMatch(JSON.stringify([failed, done]), /sesame/);
});

test("failures don't fill the audit log, and one that is not written bars nobody", async () => {
  const { outcome, store, clock, told } = await setUp(sampleAdministrator());
  const page = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 200, beforeId: 1e9 };
  for (let minute = 0; minute < 50; minute += 1) {
    for (let tries = 0; tries < 10; tries += 1) await outcome({ password: "x" });
    clock.advance(MINUTE);
  }
  assert.equal((await store.readAudit(page)).rows.length, 100);
  clock.advance(60 * MINUTE);
  store.failure = "disk full";
  assert.equal(await outcome({ password: "x", address: "198.51.100.1" }), "wrong");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told.at(-1)?.event, "login-failure-not-recorded");
});

test("a password is asked for again without a code, and guesses at it count", async () => {
  const access = await setUp();
  const totpSecret = access.box.seal(makeTotpSecret());
  const row = sampleAdministrator({ totpSecret, isTotpEnabled: true });
  await access.administrators.rows.change("alice", () => row);
  const confirm = async (password: string) => {
    const done = await access.login.confirm({ ...ALICE, password });
    return done.ok ? "right" : done.fault.kind;
  };
  assert.equal(await confirm(RIGHT), "right");
  assert.deepEqual(access.sessions.all(), []);
  for (let count = 0; count < 20; count += 1) await confirm("x");
  assert.equal(await confirm(RIGHT), "held");
});

test("a second factor that is not confirmed asks for nothing", async () => {
  const access = await setUp();
  const totpSecret = access.box.seal(makeTotpSecret());
  await access.administrators.rows.change("alice", () => sampleAdministrator({ totpSecret }));
  assert.equal(await access.outcome(), "in");
});

test("a second factor that another key has sealed lets nobody in", async () => {
  const row = sampleAdministrator({ totpSecret: "sealed:v1:AAAA", isTotpEnabled: true });
  const { outcome } = await setUp(row);
  assert.equal(await outcome({ code: "123456" }), "wrong");
});

test("a store that fails lets nobody in, and is nobody's wrong password", async () => {
  const { outcome, store } = await setUp(sampleAdministrator());
  store.failure = "disk full";
  for (let count = 0; count < 6; count += 1) await assert.rejects(outcome(), /disk full/);
  store.failure = undefined;
  assert.equal(await outcome(), "in");
});

test("who is held back takes no place in the line from others", async () => {
  const { login, outcome } = await setUp(sampleAdministrator());
  for (let count = 0; count < 20; count += 1) await outcome({ name: `nobody${count}` });
  const flood = Array.from({ length: 100 }, () => login.logIn(ALICE));
  assert.equal(await outcome({ address: "192.0.2.8" }), "in");
  const kinds = (await Promise.all(flood)).map((done) => (done.ok ? "in" : done.fault.kind));
  assert.deepEqual([...new Set(kinds)], ["held"]);
});

test("failures are told one by one only so far, and then counted", async () => {
  const { outcome, told, clock } = await setUp();
  const count = (event: string) => told.filter((one) => one.event === event).length;
  for (let tries = 0; tries < 200; tries += 1) await outcome({ name: "nobody" });
  assert.equal(count("administrator-login-failed"), 60);
  clock.advance(MINUTE);
  await outcome({ name: "nobody" });
  assert.equal(count("administrator-login-failed"), 61);
  const [more] = told.filter(({ event }) => event === "administrator-logins-failed");
  assert.deepEqual(more?.fields, { more: 140 });
});

test("what was typed as a name that nobody has is not told: it may be a password", async () => {
  const { outcome, told } = await setUp(sampleAdministrator());
  await outcome({ name: RIGHT, password: "alice" });
  await outcome({ name: "ALICE", password: "x" });
  assert.deepEqual(
    told.map(({ fields }) => Object(fields).user),
    ["<nobody>", "alice"],
  );
});
