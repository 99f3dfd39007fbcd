import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { HOUR, MINUTE, SECOND } from "../base/units.ts";
import { openAccountKey } from "./account-key.ts";
import { AcmeClient } from "./acme-client.ts";
import { AcmeFailure } from "./acme-failure.ts";
import { fakeAuthority, type Respond } from "./authority.fake.ts";

const folder = await mkdtemp(join(tmpdir(), "postrider-acme-"));
after(() => rm(folder, { recursive: true }));
const keyFile = join(folder, "acme", "account.key");
const key = await openAccountKey(keyFile);
const ORDER = {
  status: "pending",
  authorizations: ["https://acme.test/authz/1"],
  finalize: "https://acme.test/finalize/1",
};
const problem = (type: string, more: object = {}) =>
  JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail: "words", ...more });

function clientOf(respond: Respond, directory: object = {}) {
  const authority = fakeAuthority(respond, directory);
  const clock = fakeClock();
  const directoryUrl = "https://acme.test/directory";
  const client = new AcmeClient({ exchange: authority.exchange, clock, key, directoryUrl });
  return { client, authority, clock };
}

async function failureOf(work: Promise<unknown>): Promise<AcmeFailure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(failure instanceof AcmeFailure, String(failure));
  return failure;
}

test("the account's key is made once, for its owner only; nonsense there is told", async () => {
  assert.equal((await stat(keyFile)).mode & 0o777, 0o600);
  assert.equal((await openAccountKey(keyFile)).thumbprint, key.thumbprint);
  assert.match(key.thumbprint, /^[\w-]{43}$/);
  const bad = join(folder, "bad.key");
  await writeFile(bad, "x");
  assert.match((await failureOf(openAccountKey(bad))).cure, /restore it from backup/);
});

test("requests are signed, with a fresh nonce and the account", async () => {
  const { client, authority } = clientOf((path) =>
    path === "/order"
      ? {
          status: 201,
          headers: { location: "https://acme.test/order/1" },
          body: JSON.stringify(ORDER),
        }
      : undefined,
  );
  await client.openAccount(["ops@contoso.test"]);
  const placed = await client.newOrder(["a.test", "b.test"], "ignored.id");
  assert.equal(placed.url, "https://acme.test/order/1");
  assert.deepEqual(authority.requests, [
    {
      path: "/account",
      payload: { termsOfServiceAgreed: true, contact: ["mailto:ops@contoso.test"] },
    },
    {
      path: "/order",
      payload: {
        identifiers: [
          { type: "dns", value: "a.test" },
          { type: "dns", value: "b.test" },
        ],
      },
    },
  ]);
  assert.equal(client.keyAuthorization("tok"), `tok.${key.thumbprint}`);
});

test("a nonce that is refused is replaced, but not for ever", async () => {
  let left = 9;
  const { client } = clientOf(() => {
    left -= 1;
    return left >= 0 ? { status: 400, body: problem("badNonce") } : undefined;
  });
  await client.openAccount([]);
  left = 10;
  assert.equal((await failureOf(client.openAccount([]))).type, "badNonce");
});

test("the certificate that is renewed is named, unless the authority knows better", async () => {
  const location = { location: "https://acme.test/order/1" };
  const { client, authority } = clientOf(
    (path, payload) => {
      if (path !== "/order") return undefined;
      const replaces = typeof payload === "object" && payload !== null && "replaces" in payload;
      if (replaces) return { status: 409, body: problem("alreadyReplaced") };
      return { status: 201, headers: location, body: JSON.stringify(ORDER) };
    },
    { renewalInfo: "https://acme.test/ari" },
  );
  await client.openAccount([]);
  await client.newOrder(["a.test"], "k.s");
  assert.equal(authority.requests.filter(({ path }) => path === "/order").length, 2);
});

for (const [why, answer, spanMs] of [
  [
    "seconds",
    { status: 429, headers: { "retry-after": "120" }, body: problem("rateLimited") },
    2 * MINUTE,
  ],
  ["nothing", { status: 429, body: problem("rateLimited") }, HOUR],
  [
    "a gateway's page",
    { status: 503, headers: { "retry-after": "5" }, body: "<html>" },
    5 * SECOND,
  ],
] as const) {
  test(`a limit is told with when to come again: ${why}`, async () => {
    const { client, clock } = clientOf(() => answer);
    const failure = await failureOf(client.openAccount([]));
    assert.equal(failure.notBeforeMs, clock.nowMs() + spanMs);
  });
}

for (const [why, directory, body, cure] of [
  [
    "an agreement made elsewhere",
    { meta: { externalAccountRequired: true } },
    "{}",
    /another authority/,
  ],
  [
    "an address without TLS",
    { newOrder: "http://acme.test/order" },
    "{}",
    /check acme\.directoryUrl/,
  ],
  ["no JSON", {}, "<html>", /check acme\.directoryUrl/],
  ["JSON of another kind", {}, "[1]", /check acme\.directoryUrl/],
  ["an order without addresses", {}, `{"status":"ready"}`, /check acme\.directoryUrl/],
] as const) {
  test(`an authority that can't be used is told: ${why}`, async () => {
    const headers = { location: "https://acme.test/order/1" };
    const { client } = clientOf(
      (path) => (path === "/order" ? { status: 201, headers, body } : undefined),
      directory,
    );
    const work = client.openAccount([]).then(() => client.newOrder(["a.test"], undefined));
    assert.match((await failureOf(work)).cure, cure);
  });
}

test("tokens that are no base64url are not taken, and words of others are bounded", async () => {
  const challenge = (token: string) => ({
    type: "http-01",
    status: "pending",
    url: "https://acme.test/c",
    token,
    error: { detail: `line\n${"x".repeat(2000)}` },
  });
  const challenges = ["../../etc", "a b", "", "good_-1"].map(challenge);
  const { client } = clientOf((path) =>
    path === "/authz"
      ? { body: JSON.stringify({ identifier: { value: "a.test" }, challenges }) }
      : undefined,
  );
  await client.openAccount([]);
  const read = await client.readAuthorization("https://acme.test/authz");
  assert.deepEqual(
    read.challenges.map(({ token }) => token),
    ["good_-1"],
  );
  assert.equal(read.challenges[0]?.error?.length, 500);
  assert.doesNotMatch(read.challenges[0]?.error ?? "", /\n/);
});

test("renewal information: the window, and when to ask again, within bounds", async () => {
  const window = { start: "2026-01-02T04:00:00Z", end: "2026-01-03T04:00:00Z" };
  let headers = {};
  let body = JSON.stringify({ suggestedWindow: window });
  const { client, clock } = clientOf(() => ({ headers, body }), {
    renewalInfo: "https://acme.test/ari/",
  });
  const info = await client.readRenewalInfo("k.s");
  assert.deepEqual(info?.window, {
    startMs: Date.parse(window.start),
    endMs: Date.parse(window.end),
  });
  assert.equal(info?.askAgainMs, clock.nowMs() + 6 * HOUR);
  for (const [after, spanMs] of [
    ["1", MINUTE],
    ["7200", 2 * HOUR],
    ["99999999", 24 * HOUR],
  ] as const) {
    headers = { "retry-after": after };
    assert.equal((await client.readRenewalInfo("k.s"))?.askAgainMs, clock.nowMs() + spanMs);
  }
  body = JSON.stringify({ suggestedWindow: { start: window.end, end: window.start } });
  assert.equal((await client.readRenewalInfo("k.s"))?.window, undefined);
  const silent = clientOf(() => undefined);
  assert.equal(await silent.client.readRenewalInfo("k.s"), undefined);
});
