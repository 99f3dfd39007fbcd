import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { SECOND } from "../../base/units.ts";
import { createTokenSource, type PostForm } from "./token-source.ts";

const CLIENT = {
  tokenEndpoint: "https://login.test/token",
  clientId: "app",
  clientSecret: "sealed:hunter2",
  scope: "https://outlook.office365.com/.default",
  userName: "printer@contoso.test",
};

type Answer = Awaited<ReturnType<PostForm>>;

function said(status: number, body: unknown): Answer {
  return {
    ok: true,
    value: { status, text: typeof body === "string" ? body : JSON.stringify(body) },
  };
}

function open(answer: (count: number) => Answer, secret = "hunter2") {
  const clock = fakeClock();
  const forms: Readonly<Record<string, string>>[] = [];
  const source = createTokenSource({
    clock,
    post: (_url, form) => {
      forms.push(form);
      return Promise.resolve(answer(forms.length));
    },
    openSecret: () => secret,
  });
  return { clock, forms, source };
}

const HOUR_LONG = (count: number) => said(200, { access_token: `t${count}`, expires_in: 3600 });

test("the form is that of client credentials", async () => {
  const { source, forms } = open(HOUR_LONG);
  assert.deepEqual(await source.token(CLIENT), { ok: true, value: "t1" });
  assert.deepEqual(forms, [
    {
      grant_type: "client_credentials",
      client_id: "app",
      client_secret: "hunter2",
      scope: "https://outlook.office365.com/.default",
    },
  ]);
});

test("one fetch serves all until shortly before the token runs out", async () => {
  const { source, forms, clock } = open(HOUR_LONG);
  const both = await Promise.all([source.token(CLIENT), source.token(CLIENT)]);
  assert.deepEqual(
    both.map((token) => token.ok && token.value),
    ["t1", "t1"],
  );
  clock.advance(3299 * SECOND);
  await source.token(CLIENT);
  assert.equal(forms.length, 1);
  clock.advance(SECOND);
  assert.deepEqual(await source.token(CLIENT), { ok: true, value: "t2" });
});

test("a token that was refused is forgotten, clients are kept apart", async () => {
  const { source } = open(HOUR_LONG);
  await source.token(CLIENT);
  assert.deepEqual(await source.token({ ...CLIENT, clientId: "b" }), { ok: true, value: "t2" });
  source.forget(CLIENT);
  assert.deepEqual(await source.token(CLIENT), { ok: true, value: "t3" });
});

for (const [why, answer, want] of [
  [
    "an error of the endpoint, our secret taken out of it",
    said(401, { error: "invalid_client", error_description: "hunter2\r\nis wrong" }),
    "no token from https://login.test/token: 401 invalid_client: ***??is wrong",
  ],
  ["no JSON", said(502, "<html>"), "no token from https://login.test/token: 502"],
  ["no token", said(200, {}), "no token from https://login.test/token: 200"],
  [
    "a token that would break the line",
    said(200, { access_token: "a\r\nMAIL" }),
    "no token from https://login.test/token: what came is no bearer token",
  ],
  [
    "no connection",
    { ok: false, fault: "connect ECONNREFUSED" },
    "no token from https://login.test/token: connect ECONNREFUSED",
  ],
] as const) {
  test(`a fault: ${why}`, async () => {
    const { source, forms, clock } = open(() => answer);
    assert.deepEqual(await source.token(CLIENT), { ok: false, fault: want });
    await source.token(CLIENT);
    assert.equal(forms.length, 1, "not asked again at once");
    clock.advance(30 * SECOND);
    await source.token(CLIENT);
    assert.equal(forms.length, 2);
  });
}

test("neither a secret as it was sent nor an assertion is repeated in a fault", async () => {
  const body = "client_secret=p%40ss+word";
  const { source } = open(() => said(400, { error: "x", error_description: body }), "p@ss word");
  const fault = "no token from https://login.test/token: 400 x: client_secret=***";
  assert.deepEqual(await source.token(CLIENT), { ok: false, fault });
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const echoing = createTokenSource({
    clock: fakeClock(),
    openSecret: () => pem.replaceAll("\n", " ").trim(),
    post: async (_url, form) => {
      const error = { error: `bad ${form["assertion"]}` };
      return { ok: true, value: { status: 400, text: JSON.stringify(error) } };
    },
  });
  assert.deepEqual(await echoing.token(CLIENT), {
    ok: false,
    fault: "no token from https://login.test/token: 400 bad ***",
  });
});

test("a secret that cannot be opened is said so, and nothing is sent", async () => {
  const source = createTokenSource({
    clock: fakeClock(),
    post: () => assert.fail("sent"),
    openSecret: () => undefined,
  });
  const token = await source.token(CLIENT);
  assert.ok(!token.ok);
  assert.match(token.fault, /clientSecret was sealed with another key file; set it anew/);
});

test("a private key for a secret signs an assertion, line ends or not", async () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  for (const secret of [pem.replaceAll("\n", " ").trim(), pem.replaceAll("\n", "\\n")]) {
    const { source, forms, clock } = open(HOUR_LONG, secret);
    assert.deepEqual(await source.token(CLIENT), { ok: true, value: "t1" });
    assert.equal(forms[0]?.["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    const [header = "", claims = "", signature = ""] = (forms[0]?.["assertion"] ?? "").split(".");
    const key = createPublicKey(pair.privateKey);
    const bytes = Buffer.from(signature, "base64url");
    assert.ok(verify("sha256", Buffer.from(`${header}.${claims}`), key, bytes));
    assert.deepEqual(JSON.parse(Buffer.from(claims, "base64url").toString()), {
      iss: "app",
      sub: "printer@contoso.test",
      scope: CLIENT.scope,
      aud: CLIENT.tokenEndpoint,
      iat: Math.floor(clock.nowMs() / 1000),
      exp: Math.floor(clock.nowMs() / 1000) + 600,
    });
  }
  const { source } = open(HOUR_LONG, "-----BEGIN PRIVATE KEY----- AAAA -----END PRIVATE KEY-----");
  const token = await source.token(CLIENT);
  assert.ok(!token.ok && /is no private key/.test(token.fault));
});
