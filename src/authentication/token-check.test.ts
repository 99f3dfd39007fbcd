import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { fakeClock } from "../base/clock.fake.ts";
import { fault, ok } from "../base/result.ts";
import { MINUTE } from "../base/units.ts";
import type { HttpsAnswer } from "../net/https-exchange.ts";
import type { OAuthIssuer } from "../org/access-settings.ts";
import { createKeySets } from "./key-sets.ts";
import { checkToken } from "./token-check.ts";

const folder = mkdtempSync(join(tmpdir(), "postrider-tokens-"));
after(() => rmSync(folder, { recursive: true }));

const NOW_MS = 1_700_000_000_000;
const NOW = NOW_MS / 1000;
const ISSUER: OAuthIssuer = {
  name: "Sign-in",
  issuer: "https://login.contoso.test/",
  jwks: "keys.json",
  audiences: ["https://mail.contoso.test"],
  scopes: ["SMTP.Send"],
  userClaim: "email",
};
const CLAIMS = {
  iss: ISSUER.issuer,
  aud: "https://mail.contoso.test",
  exp: NOW + 600,
  nbf: NOW - 600,
  scp: "SMTP.Send Mail.Read",
  email: "Alice@contoso.test",
};

const rsa = await generateKeyPair("RS256", { extractable: true });
const ec = await generateKeyPair("ES256", { extractable: true });
const stranger = await generateKeyPair("RS256", { extractable: true });
const rsaPublic = { ...(await exportJWK(rsa.publicKey)), kid: "one" };
const ecPublic = { ...(await exportJWK(ec.publicKey)), kid: "two" };

function writeKeys(keys: readonly object[], name = "keys.json"): void {
  writeFileSync(join(folder, name), JSON.stringify({ keys }));
}
writeKeys([rsaPublic, ecPublic]);

function sign(
  changes: JWTPayload = {},
  how: { readonly key?: CryptoKey; readonly header?: object; readonly without?: string } = {},
): Promise<string> {
  const claims: Record<string, unknown> = { ...CLAIMS, ...changes };
  delete claims[how.without ?? ""];
  const header = { alg: "RS256", kid: "one", ...how.header };
  return new SignJWT(claims).setProtectedHeader(header).sign(how.key ?? rsa.privateKey);
}

const clock = fakeClock(NOW_MS);
const noWeb = () => Promise.resolve(fault({ isCertificate: false, text: "no network" }));
const keySets = createKeySets({ clock, dataDirectory: folder, get: noWeb });

function check(token: string, changes: Partial<OAuthIssuer> = {}) {
  return checkToken(token, [{ ...ISSUER, ...changes }], { keySets, nowMs: NOW_MS });
}

test("a token names its user", async () => {
  const verdict = await check(await sign());
  assert.deepEqual(verdict, { kind: "user", address: "Alice@contoso.test", issuer: "Sign-in" });
});

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const unsigned = (header: object) => `${base64(header)}.${base64(CLAIMS)}`;

for (const [why, token, detail] of [
  ["no token", "hunter2", "no JWT"],
  ["alg none", `${unsigned({ alg: "none" })}.`, "ERR_JOSE_ALG_NOT_ALLOWED"],
  [
    "a signature made with the public key as a secret",
    (() => {
      const signed = unsigned({ alg: "HS256", kid: "one" });
      const secret = JSON.stringify(rsaPublic);
      return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
    })(),
    "ERR_JOSE_ALG_NOT_ALLOWED",
  ],
  ["another key under a known name", sign({}, { key: stranger.privateKey }), "ERR_JWS_SIGNATURE"],
  [
    "a key that the issuer does not have",
    sign({}, { key: stranger.privateKey, header: { kid: "three" } }),
    "signed with a key that the issuer does not have",
  ],
  ["another issuer", sign({ iss: "https://evil.test/" }), "of an issuer who is not configured"],
  ["no issuer", sign({}, { without: "iss" }), "no JWT"],
  ["another audience", sign({ aud: "https://other.test" }), "claim aud check_failed"],
  ["no audience", sign({}, { without: "aud" }), "claim aud missing"],
  ["expired a minute and a second ago", sign({ exp: NOW - 61 }), "ERR_JWT_EXPIRED"],
  ["no end", sign({}, { without: "exp" }), "claim exp missing"],
  ["not yet valid", sign({ nbf: NOW + 61 }), "claim nbf check_failed"],
  ["too few scopes", sign({ scp: "Mail.Read" }), "without the scope SMTP.Send"],
  ["a scope that only begins the same", sign({ scp: "SMTP.SendAsApp" }), "without the scope"],
  ["no user", sign({}, { without: "email" }), "claim email is no address"],
  [
    "a user who is no address",
    sign({ email: ["alice@contoso.test"] }),
    "claim email is no address",
  ],
  ["an address that nobody has verified", sign({ email_verified: false }), "is not verified"],
  ["one, as a text", sign({ email_verified: "False" }), "is not verified"],
  ["a token past all measure", `a.${"a".repeat(20_000)}.a`, "no JWT"],
] as const) {
  test(`a token is refused: ${why}`, async () => {
    const verdict = await check(await token);
    assert.equal(verdict.kind, "refused");
    const shown = JSON.stringify(verdict);
    assert.ok(shown.includes(detail), shown);
    assert.doesNotMatch(shown, /alice|hunter2|eyJ/i);
  });
}

for (const [why, token, changes] of [
  ["a second after its end, which may be our clock's fault", sign({ exp: NOW - 1 }), {}],
  [
    "with another algorithm of the list",
    sign({}, { key: ec.privateKey, header: { alg: "ES256", kid: "two" } }),
    {},
  ],
  ["with one audience of several", sign({ aud: ["x", "https://mail.contoso.test"] }), {}],
  ["with scopes as a list", sign({ scp: ["SMTP.Send"] }), {}],
  ["with scopes in scope", sign({ scope: "SMTP.Send", scp: 7 }), {}],
  ["with roles in their place", sign({ roles: ["SMTP.Send"] }, { without: "scp" }), {}],
  ["where no scopes are asked for", sign({}, { without: "scp" }), { scopes: [] }],
  ["with the user in another claim", sign({ upn: "bob@contoso.test" }), { userClaim: "upn" }],
  ["without a key's name, when one fits", sign({}, { header: { kid: undefined } }), {}],
] as const) {
  test(`a token is good: ${why}`, async () => {
    assert.equal((await check(await token, changes)).kind, "user");
  });
}

test("without a key's name each key that may be meant is tried", async () => {
  const second = { ...(await exportJWK(stranger.publicKey)), kid: "four" };
  writeKeys([second, rsaPublic], "several.json");
  const token = await sign({}, { header: { kid: undefined } });
  assert.equal((await check(token, { jwks: "several.json" })).kind, "user");
  writeKeys([second, { ...second, kid: "five" }], "wrong.json");
  assert.equal((await check(token, { jwks: "wrong.json" })).kind, "refused");
});

test("two entries of one issuer are each given a chance", async () => {
  const other = { ...ISSUER, name: "Other", audiences: ["https://other.test"] };
  const verdict = await checkToken(await sign(), [other, ISSUER], { keySets, nowMs: NOW_MS });
  assert.equal(verdict.kind, "user");
});

test("keys that cannot be had make a failure for now", async () => {
  for (const jwks of ["missing.json", "https://login.contoso.test/keys"]) {
    assert.equal((await check(await sign(), { jwks })).kind, "temporary");
  }
  writeFileSync(join(folder, "broken.json"), "{");
  assert.equal((await check(await sign(), { jwks: "broken.json" })).kind, "temporary");
});

test("a key file is read again when it has changed", async () => {
  const jwks = "changing.json";
  const token = await sign();
  writeKeys([ecPublic], jwks);
  assert.equal((await check(token, { jwks })).kind, "refused");
  writeKeys([ecPublic, rsaPublic], jwks);
  assert.equal((await check(token, { jwks })).kind, "user");
  writeFileSync(join(folder, jwks), "half of a fi");
  assert.equal((await check(token, { jwks })).kind, "user");
  rmSync(join(folder, jwks));
  assert.equal((await check(token, { jwks })).kind, "temporary");
});

/** A web of one page, and how often it was asked for. */
function openWeb(initial: readonly object[]) {
  const web = { keys: initial, status: 200, isUp: true, asked: 0 };
  const webClock = fakeClock(NOW_MS);
  const get = (): ReturnType<typeof import("../net/https-exchange.ts").httpsExchange> => {
    web.asked += 1;
    const body = Buffer.from(JSON.stringify({ keys: web.keys }));
    const answer: HttpsAnswer = { status: web.status, headers: {}, body };
    return Promise.resolve(web.isUp ? ok(answer) : fault({ isCertificate: false, text: "down" }));
  };
  const sets = createKeySets({ clock: webClock, dataDirectory: folder, get });
  const issuer = { ...ISSUER, jwks: "https://login.contoso.test/keys" };
  const kindOf = async (token: string) =>
    (await checkToken(token, [issuer], { keySets: sets, nowMs: NOW_MS })).kind;
  return { web, clock: webClock, kindOf };
}

test("keys of the web are kept for an hour, and used for a day without newer ones", async () => {
  const { web, clock: time, kindOf } = openWeb([rsaPublic]);
  const token = await sign();
  assert.deepEqual(await Promise.all([kindOf(token), kindOf(token)]), ["user", "user"]);
  assert.equal(web.asked, 1);
  time.advance(59 * MINUTE);
  await kindOf(token);
  assert.equal(web.asked, 1);
  web.isUp = false;
  time.advance(2 * MINUTE);
  assert.equal(await kindOf(token), "user");
  assert.equal(web.asked, 2);
  assert.equal(await kindOf(token), "user");
  assert.equal(web.asked, 2, "a failure is not repeated at once");
  time.advance(24 * 60 * MINUTE);
  assert.equal(await kindOf(token), "temporary");
  web.isUp = true;
  time.advance(MINUTE);
  assert.equal(await kindOf(token), "user");
});

test("an unknown key is looked for on the web every five minutes at most", async () => {
  const { web, clock: time, kindOf } = openWeb([ecPublic]);
  const token = await sign();
  assert.equal(await kindOf(token), "refused");
  assert.equal(await kindOf(token), "refused");
  assert.equal(web.asked, 1);
  web.keys = [ecPublic, rsaPublic];
  time.advance(4 * MINUTE);
  assert.equal(await kindOf(token), "refused");
  time.advance(MINUTE);
  assert.equal(await kindOf(token), "user");
  assert.equal(web.asked, 2);
});

test("a page that is not there is no key set", async () => {
  const { web, kindOf } = openWeb([rsaPublic]);
  web.status = 404;
  assert.equal(await kindOf(await sign()), "temporary");
});
