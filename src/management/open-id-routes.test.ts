import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";
import { sampleAdministrator } from "../access/access.fake.ts";
import type { OpenIdAnswer } from "../access/open-id-sign-in.ts";
import type { Session } from "../access/sessions.ts";
import { fakeClock } from "../base/clock.fake.ts";
import { fault, ok } from "../base/result.ts";
import { textOf } from "../base/text-of.fake.ts";
import { closedAccess } from "./access-control.fake.ts";
import { createOpenIdRoutes, type OpenIdRequest } from "./open-id-routes.ts";

const SESSION: Session = {
  ...{ id: "1", name: "carol", address: "192.0.2.7", browser: "", way: "OpenIDConnect" as const },
  ...{ stamp: "", beganMs: 0, lastUsedMs: 0, expiresMs: 0 },
};
const BINDING = `${"b".repeat(43)}.L3F1ZXVlcw`;
const COOKIE = `a=b; __Host-postrider-oidc=${BINDING}; c=d`;

function setUp() {
  const seen: unknown[] = [];
  const ended: unknown[] = [];
  const answers: OpenIdAnswer[] = [];
  const state: { to: string; refused: unknown[] } = { to: "/queues?a=1&b=2", refused: [] };
  const desk = {
    admit: async () => ({ token: "ps_new", session: SESSION }),
    refuse: (attempt: unknown) => void state.refused.push(attempt),
  };
  const routes = createOpenIdRoutes({
    access: { ...closedAccess(), endSession: (of: object) => void ended.push(of) },
    desk,
    clock: fakeClock(),
    openId: {
      async begin(want) {
        seen.push(want);
        return ok({ url: "https://id.contoso.test/authorize?x=1", binding: BINDING });
      },
      async finish(answer) {
        answers.push(answer);
        if (answer.code !== "good") return fault("expired");
        return ok({ row: sampleAdministrator(), to: state.to });
      },
    },
  });
  const ask = (url: string, headers: IncomingHttpHeaders = {}): OpenIdRequest => ({
    request: Object.assign(Readable.from([]), { headers: { host: "mail.test:8443", ...headers } }),
    address: "192.0.2.7",
    cookies: "taken",
    url,
  });
  return { routes, ask, seen, ended, answers, state };
}

test("a browser is led to the provider, with a cookie that ties the attempt to it", async () => {
  const { routes, ask, seen } = setUp();
  const answer = await routes.begin(ask("/api/v1/oidc?to=/queues"));
  assert.equal(answer.status, 303);
  assert.equal(answer.headers?.["location"], "https://id.contoso.test/authorize?x=1");
  assert.equal(
    answer.headers["set-cookie"],
    `__Host-postrider-oidc=${BINDING}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600`,
  );
  const redirectUri = "https://mail.test:8443/api/v1/oidc/callback";
  assert.deepEqual(seen, [{ redirectUri, to: "/queues" }]);
});

for (const [to, kept] of [
  ["/queues?filter=a%20b&x=1", "/queues?filter=a%20b&x=1"],
  ["", "/"],
  ["https://evil.test", "/"],
  ["//evil.test", "/"],
  ["/\\evil.test", "/"],
  ["/a\r\nSet-Cookie: x=y", "/"],
  ['/"><script>', "/"],
  ["javascript:alert(1)", "/"],
  [`/${"x".repeat(3000)}`, "/"],
] as const) {
  test(`after signing in, ${JSON.stringify(to).slice(0, 40)} leads to ${kept}`, async () => {
    const { routes, ask, seen } = setUp();
    await routes.begin(ask(`/api/v1/oidc?${new URLSearchParams({ to })}`));
    assert.equal(Object(seen[0]).to, kept);
  });
}

test("who comes back gets a session, on a page that leads on without script", async () => {
  const { routes, ask, ended, answers } = setUp();
  const planted = `ps_${"y".repeat(43)}`;
  const cookie = `${COOKIE}; __Host-postrider=${planted}`;
  const answer = await routes.callback(ask("/api/v1/oidc/callback?state=s&code=good", { cookie }));
  assert.equal(answer.status, 200);
  assert.match(
    answer.headers?.["set-cookie"] ?? "",
    /^__Host-postrider=ps_new; .*SameSite=Strict$/,
  );
  const body = textOf(answer.body);
  assert.match(body, /content="0; url=\/admin\/queues\?a=1&amp;b=2"/);
  assert.doesNotMatch(body, /script|ps_new/);
  const redirectUri = "https://mail.test:8443/api/v1/oidc/callback";
  const at = { redirectUri, address: "192.0.2.7" };
  assert.deepEqual(answers, [{ state: "s", code: "good", binding: BINDING, ...at }]);
  assert.deepEqual(ended, [{ token: planted }], "the session of before is no more");
});

test("who does not come in is led back, with a word of ours", async () => {
  const { routes, ask, state } = setUp();
  const answer = await routes.callback(ask("/api/v1/oidc/callback?error=<b>&code=bad"));
  assert.equal(answer.headers?.["location"], "/admin/sign-in?failed=expired");
  assert.equal(answer.headers["set-cookie"], undefined);
  assert.equal(state.refused.length, 1);
});

test("what comes back is cut, and a cookie that is none binds nothing", async () => {
  const { routes, ask, answers } = setUp();
  const query = new URLSearchParams({ state: "x".repeat(10_000), code: "y".repeat(10_000) });
  const cookie = "__Host-postrider-oidc=short; x__Host-postrider-oidc=z";
  await routes.callback(ask(`/api/v1/oidc/callback?${query}`, { cookie }));
  assert.deepEqual(
    [answers[0]?.state.length, answers[0]?.code.length, answers[0]?.binding],
    [4096, 4096, ""],
  );
});

test("one source asks so often, and the Unix socket not at all", async () => {
  const { routes, ask, seen } = setUp();
  for (let count = 0; count < 30; count += 1) await routes.begin(ask("/api/v1/oidc"));
  assert.equal(seen.length, 20);
  const overSocket = { ...ask("/api/v1/oidc"), cookies: "ignored" } as const;
  assert.equal((await routes.begin(overSocket)).status, 400);
  assert.equal((await routes.callback(overSocket)).status, 400);
});
