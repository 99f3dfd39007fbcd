import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeySets } from "../authentication/key-sets.ts";
import { fault, ok } from "../base/result.ts";
import { HOUR, MINUTE, SECOND } from "../base/units.ts";
import type { HttpsOptions, httpsExchange } from "../net/https-exchange.ts";
import type { AdminSignIn } from "../org/access-settings.ts";
import { openSampleAccess, sampleAdministrator } from "./access.fake.ts";
import { FakeIssuer, type IssuerWish } from "./open-id-issuer.fake.ts";
import { OpenIdSignIn } from "./open-id-sign-in.ts";

const REDIRECT = "https://mail.contoso.test:8443/api/v1/oidc/callback";

async function setUp(change: Partial<AdminSignIn> = {}) {
  const access = await openSampleAccess();
  const { clock, box, auditLog } = access;
  const issuer = new FakeIssuer("https://id.contoso.test", () => clock.nowMs());
  const asked: string[] = [];
  const state = { isDown: false };
  const get: typeof httpsExchange = async (url: string, { post }: HttpsOptions) => {
    asked.push(url);
    if (state.isDown) return fault({ isCertificate: false, text: "connection refused" });
    const form = post && new URLSearchParams(Buffer.from(post.body).toString());
    const [status, body] = await issuer.answer(new URL(url).pathname, form);
    return ok({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) });
  };
  let settings: AdminSignIn | undefined = {
    name: "Contoso",
    issuer: issuer.issuer,
    clientId: issuer.clientId,
    clientSecret: box.seal(issuer.clientSecret),
    scopes: ["profile", "groups"],
    nameClaim: "preferred_username",
    groupsClaim: "groups",
    roleGroups: ["Mail Admins=Organization Management", "Help=Help Desk", "Odd=Nothing Here"],
    only: false,
    ...change,
  };
  const openId = new OpenIdSignIn({
    ...access,
    audit: auditLog.write.bind(auditLog),
    settings: () => settings,
    openSecret: (sealed) => box.open(sealed),
    get,
    keySets: createKeySets({ clock, dataDirectory: "/nowhere", get }),
  });
  const begin = async (to = "/queues") => {
    const begun = await openId.begin({ redirectUri: REDIRECT, to });
    assert.ok(begun.ok, JSON.stringify(begun));
    return begun.value;
  };
  const finish = async (
    query: URLSearchParams,
    binding: string,
  ): Promise<readonly [string, string]> => {
    const [answeredState, code] = ["state", "code"].map((name) => query.get(name) ?? "");
    const from = { redirectUri: REDIRECT, address: "192.0.2.7" };
    const answer = { state: answeredState ?? "", code: code ?? "", binding, ...from };
    const done = await openId.finish(answer);
    return done.ok ? [done.value.row.name, done.value.to] : ["", done.fault];
  };
  const signIn = async (wish: IssuerWish = {}) => {
    const { url, binding } = await begin();
    return finish(issuer.authorize(url, wish), binding);
  };
  const use = (next: AdminSignIn | undefined) => {
    settings = next;
  };
  return { ...access, openId, issuer, asked, state, begin, finish, signIn, use, settings };
}

test("who comes for the first time is made an administrator, with his groups' roles", async () => {
  const { signIn, administrators, clock, store } = await setUp();
  assert.deepEqual(await signIn(), ["carol", "/queues"]);
  const row = administrators.rows.find("carol");
  assert.deepEqual(row?.roleGroups, ["Organization Management"]);
  assert.equal(row.externalId, "https://id.contoso.test#7");
  assert.equal(row.passwordHash, "", "nobody logs in with a password as him");
  clock.advance(MINUTE);
  const other = { preferred_username: "somebody-else", groups: ["Help", "Mail Admins"] };
  assert.deepEqual(await signIn({ claims: other }), ["carol", "/queues"], "he stays who he was");
  const again = administrators.rows.find("carol");
  assert.deepEqual(again?.roleGroups, ["Organization Management", "Help Desk"]);
  assert.equal(again.lastLogonMs, clock.nowMs());
  const page = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100, beforeId: 1e9 };
  const entries = (await store.readAudit(page)).rows;
  assert.deepEqual(
    entries.map(({ cmdlet, object }) => [cmdlet, object]),
    [["New-Administrator", "carol"]],
  );
});

test("the browser is led to the provider with state, nonce and PKCE", async () => {
  const { begin, issuer, finish } = await setUp();
  const { url, binding } = await begin();
  const query = Object.fromEntries(new URL(url).searchParams);
  assert.equal(new URL(url).origin, issuer.issuer);
  const { state = "", nonce = "", code_challenge: challenge = "", ...rest } = query;
  assert.deepEqual(rest, {
    response_type: "code",
    client_id: "postrider",
    redirect_uri: REDIRECT,
    scope: "openid profile groups",
    code_challenge_method: "S256",
  });
  const [secret = ""] = binding.split(".");
  const secrets = [nonce, challenge, secret];
  assert.ok(secrets.every((one) => /^[\w-]{43}$/.test(one)) && new Set(secrets).size === 3);
  assert.ok(!state.includes(secret), "what the browser keeps is told to nobody");
  await finish(issuer.authorize(url), binding);
  assert.equal(issuer.forms[0]?.get("redirect_uri"), REDIRECT);
});

test("an answer counts once, in the browser that asked, and for ten minutes", async () => {
  const { begin, issuer, finish, clock } = await setUp();
  const { url, binding } = await begin();
  const query = issuer.authorize(url);
  assert.deepEqual(await finish(query, binding), ["carol", "/queues"]);
  assert.deepEqual(await finish(query, binding), ["", "expired"]);
  const [mine, theirs] = [await begin(), await begin()];
  assert.deepEqual(await finish(issuer.authorize(mine.url), theirs.binding), ["", "expired"]);
  assert.deepEqual(await finish(issuer.authorize(theirs.url), ""), ["", "expired"]);
  const elsewhere = Buffer.from("/account").toString("base64url");
  const led = mine.binding.replace(/[.].*/, `.${elsewhere}`);
  assert.deepEqual(await finish(issuer.authorize(mine.url), led), ["", "expired"]);
  const late = await begin();
  clock.advance(10 * MINUTE);
  assert.deepEqual(await finish(issuer.authorize(late.url), late.binding), ["", "expired"]);
  const forged = new URLSearchParams({ state: "x".repeat(43), code: "y" });
  assert.deepEqual(await finish(forged, late.binding), ["", "expired"]);
  assert.equal(issuer.forms.length, 1, "the provider is not even asked");
});

test("nobody loses his attempt by those that others begin", async () => {
  const { begin, issuer, finish } = await setUp();
  const { url, binding } = await begin();
  for (let count = 0; count < 5000; count += 1) await begin();
  assert.deepEqual(await finish(issuer.authorize(url), binding), ["carol", "/queues"]);
});

test("who says no at the provider does not come in", async () => {
  const { begin, finish, issuer } = await setUp();
  const { url, binding } = await begin();
  const query = issuer.authorize(url);
  query.delete("code");
  assert.deepEqual(await finish(query, binding), ["", "refused"]);
});

for (const [why, wish] of [
  ["another issuer's", { claims: { iss: "https://evil.test" } }],
  ["for another client", { claims: { aud: "other" } }],
  ["for another client among several", { claims: { aud: ["postrider", "x"], azp: "x" } }],
  ["of another attempt", { claims: { nonce: "x".repeat(43) } }],
  ["without a nonce", { claims: { nonce: undefined } }],
  ["without an end", { claims: { exp: undefined } }],
  ["over", { expiresS: -120 }],
  ["not yet good", { claims: { nbf: 9e9 } }],
  ["nobody's", { claims: { sub: undefined } }],
  ["of an empty subject", { claims: { sub: "" } }],
  ["of a very long subject", { claims: { sub: "x".repeat(1000) } }],
  ["forged", { isForged: true }],
  ["of an unknown key", { header: { kid: "2" } }],
] as const satisfies readonly (readonly [string, IssuerWish])[]) {
  test(`a token that is ${why} lets nobody in`, async () => {
    const { signIn, administrators, told } = await setUp();
    assert.deepEqual(await signIn(wish), ["", "invalid"]);
    assert.deepEqual(administrators.rows.all(), []);
    assert.equal(told.at(-1)?.event, "organization-sign-in-failed");
    assert.doesNotMatch(JSON.stringify(told), /eyJ|a secret of theirs/);
  });
}

for (const [why, claims] of [
  ["no group that counts", { groups: ["Cooks", "mail admins", "Odd"] }],
  ["no groups", { groups: undefined }],
  ["groups that are none", { groups: { "Mail Admins": true } }],
  ["a text that only contains one", { groups: "Mail Admins and others" }],
] as const) {
  test(`who has ${why} does not come in`, async () => {
    const { signIn, administrators } = await setUp();
    assert.deepEqual(await signIn({ claims }), ["", "no-role"]);
    assert.deepEqual(administrators.rows.all(), []);
  });
}

test("a role group that there is not gives nothing, and is told", async () => {
  const { signIn, told } = await setUp();
  assert.deepEqual(await signIn({ claims: { groups: ["Odd"] } }), ["", "no-role"]);
  assert.deepEqual(told[0], {
    event: "organization-role-group-unknown",
    fields: { roleGroups: ["Nothing Here"] },
  });
});

test("a single group is a group, and * is everybody's", async () => {
  const single = await setUp();
  assert.deepEqual(await single.signIn({ claims: { groups: "Help" } }), ["carol", "/queues"]);
  const all = await setUp({ roleGroups: ["*=Help Desk"] });
  assert.deepEqual(await all.signIn({ claims: { groups: undefined } }), ["carol", "/queues"]);
});

for (const name of ["alice", "ALICE", "root", "token x", "set-up link", "a\u202Eb", "", " ", 7]) {
  test(`nobody comes in as ${JSON.stringify(name)}`, async () => {
    const { signIn, administrators } = await setUp();
    await administrators.rows.change("alice", () => sampleAdministrator());
    assert.deepEqual(await signIn({ claims: { preferred_username: name } }), ["", "name"]);
    assert.deepEqual(administrators.rows.all(), [sampleAdministrator()]);
  });
}

test("an address is a name only when the provider has verified it", async () => {
  const { signIn } = await setUp({ nameClaim: "email" });
  for (const verified of [undefined, false, "true"]) {
    const claims = { email: "carol@contoso.test", email_verified: verified };
    assert.deepEqual(await signIn({ claims }), ["", "name"]);
  }
  const claims = { email: "carol@contoso.test", email_verified: true };
  assert.deepEqual(await signIn({ claims }), ["carol@contoso.test", "/queues"]);
});

test("who is not enabled here does not come in, and stays so", async () => {
  const { signIn, administrators } = await setUp();
  await signIn();
  await administrators.rows.change("carol", (row) => row && { ...row, isEnabled: false });
  assert.deepEqual(await signIn(), ["", "disabled"]);
  assert.equal(administrators.rows.find("carol")?.isEnabled, false);
});

test("another subject of the same name is another one", async () => {
  const { signIn } = await setUp();
  await signIn();
  assert.deepEqual(await signIn({ claims: { sub: "8" } }), ["", "name"]);
});

test("what the provider says of himself must be his, over TLS, and is kept an hour", async () => {
  for (const bad of [
    { issuer: "https://evil.test" },
    { token_endpoint: "http://id.contoso.test/token" },
    { authorization_endpoint: 7 },
    { jwks_uri: "https://user:secret@id.contoso.test/keys" },
  ]) {
    const { openId, issuer } = await setUp();
    issuer.document = { ...issuer.document, ...bad };
    assert.deepEqual(await openId.begin({ redirectUri: REDIRECT, to: "/" }), fault("unavailable"));
  }
  const { signIn, asked, clock } = await setUp();
  const discoveries = () => asked.filter((url) => url.includes("well-known")).length;
  await signIn();
  await signIn();
  assert.equal(discoveries(), 1);
  clock.advance(HOUR);
  await signIn();
  assert.equal(discoveries(), 2);
});

test("a provider who cannot be reached, or knows us not, is told to diagnostics", async () => {
  const { openId, state, signIn, told, use, ...others } = await setUp();
  const { settings, box, begin, issuer, finish, asked, clock } = others;
  state.isDown = true;
  const tries = Array.from({ length: 50 }, () => openId.begin({ redirectUri: REDIRECT, to: "/" }));
  for (const tried of await Promise.all(tries)) assert.deepEqual(tried, fault("unavailable"));
  assert.deepEqual(await signIn().catch(() => "not begun"), "not begun");
  assert.equal(asked.length, 1, "strangers make us ask him now and then, not each time");
  state.isDown = false;
  clock.advance(5 * SECOND);
  use({ ...settings, clientSecret: box.seal("wrong") });
  assert.deepEqual(await signIn(), ["", "unavailable"]);
  assert.match(JSON.stringify(told.at(-1)), /status 400, invalid_grant/);
  use({ ...settings, clientSecret: "sealed:v1:AAAA" });
  assert.deepEqual(await signIn(), ["", "unavailable"]);
  assert.doesNotMatch(JSON.stringify(told), /secret words|a secret of theirs/);
  const { url, binding } = await begin();
  use(undefined);
  assert.deepEqual(await finish(issuer.authorize(url), binding), ["", "expired"]);
  assert.deepEqual(await openId.begin({ redirectUri: REDIRECT, to: "/" }), fault("unavailable"));
  assert.equal(openId.facts(), undefined);
});
