import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { LoginProblem, LoginRequest } from "../access/login.ts";
import { csrfTokenOf } from "../access/session-cookie.ts";
import type { Session } from "../access/sessions.ts";
import { fakeClock } from "../base/clock.fake.ts";
import { fault, ok } from "../base/result.ts";
import { closedAccess } from "./access-control.fake.ts";
import type { BodySource } from "./request-body.ts";
import { type AccessControl, answerLogin, answerLogout } from "./session-routes.ts";

const CLOCK = fakeClock();
const SESSION: Session = {
  id: "1",
  name: "alice",
  address: "192.0.2.7",
  browser: "",
  way: "Password",
  stamp: "",
  beganMs: 0,
  lastUsedMs: 0,
  expiresMs: Date.UTC(2026, 10, 21),
};

function requestOf(body: string, headers: IncomingHttpHeaders = {}): BodySource {
  const stream = Readable.from([Buffer.from(body)]);
  return Object.assign(stream, { headers: { "content-type": "application/json", ...headers } });
}

async function logIn(body: unknown, logInTo: AccessControl["logIn"]) {
  const access = { ...closedAccess(), logIn: logInTo };
  const request = requestOf(typeof body === "string" ? body : JSON.stringify(body));
  const answer = await answerLogin(
    { access, clock: CLOCK },
    { request, address: "192.0.2.7", cookies: "taken" },
  );
  const text = typeof answer.body === "string" ? answer.body : "";
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) };
}

test("a login gives the token and how long it lasts", async () => {
  const asked: LoginRequest[] = [];
  const { status, body } = await logIn(
    { name: "alice", password: "x", totp: "123456" },
    async (request) => {
      asked.push(request);
      return ok({ token: "ps_x", session: SESSION });
    },
  );
  assert.equal(status, 200);
  assert.deepEqual(body, {
    token: "ps_x",
    name: "alice",
    expires: "2026-11-21T00:00:00.000Z",
    idleTimeout: "00:30:00",
  });
  assert.deepEqual(asked, [
    { name: "alice", password: "x", code: "123456", address: "192.0.2.7", browser: "" },
  ]);
});

const PROBLEMS: readonly (readonly [LoginProblem, number, string | undefined])[] = [
  [{ kind: "wrong" }, 401, undefined],
  [{ kind: "busy" }, 503, "5"],
  [{ kind: "held", untilMs: CLOCK.nowMs() + 29_500 }, 429, "30"],
  [{ kind: "held", untilMs: CLOCK.nowMs() - 1 }, 429, "1"],
];
for (const [problem, status, retryAfter] of PROBLEMS) {
  test(`a login that is ${problem.kind} is ${status}`, async () => {
    const answer = await logIn({ name: "a", password: "b" }, async () => fault(problem));
    assert.equal(answer.status, status);
    assert.equal(answer.headers?.["retry-after"], retryAfter);
  });
}

for (const body of [
  {},
  { name: "a" },
  { name: "a", password: 5 },
  { name: "a", password: "b", totp: 123456 },
  { name: "a", password: "b", other: 1 },
  { name: "a", password: "b", cookie: "true" },
  [],
  "{",
]) {
  test(`${JSON.stringify(body)} is no login`, async () => {
    const { status } = await logIn(body, () => assert.fail("not to be asked"));
    assert.equal(status, 400);
  });
}

const IN = async () => ok({ token: "ps_x", session: SESSION });
const BODY = JSON.stringify({ name: "alice", password: "x", cookie: true });

test("a browser gets the token as a cookie alone, and its old session is ended", async () => {
  const ended: unknown[] = [];
  const access = {
    ...closedAccess(),
    logIn: IN,
    endSession: (of: object) => void ended.push(of),
  };
  const planted = `ps_${"y".repeat(43)}`;
  const request = requestOf(BODY, { cookie: `__Host-postrider=${planted}` });
  const asked = { request, address: "", cookies: "taken" } as const;
  const answer = await answerLogin({ access, clock: CLOCK }, asked);
  const [set] = [answer.headers?.["set-cookie"] ?? ""];
  assert.match(set, /^__Host-postrider=ps_x; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const body = JSON.parse(typeof answer.body === "string" ? answer.body : "");
  assert.equal(body.csrfToken, csrfTokenOf("ps_x"));
  assert.equal("token" in body, false);
  assert.deepEqual(ended, [{ token: planted }]);
});

test("a login for a page of another site is refused, whoever asks for it", async () => {
  const access = { ...closedAccess(), logIn: () => assert.fail("not to be asked") };
  for (const headers of [
    { origin: "https://evil.test", host: "mail.contoso.test" },
    { "sec-fetch-site": "cross-site" },
  ]) {
    for (const cookies of ["taken", "ignored"] as const) {
      const asked = { request: requestOf(BODY, headers), address: "", cookies };
      assert.equal((await answerLogin({ access, clock: CLOCK }, asked)).status, 403);
    }
  }
});

test("over the Unix socket nobody gets a cookie", async () => {
  const access = { ...closedAccess(), logIn: () => assert.fail("not to be asked") };
  const asked = { request: requestOf(BODY), address: "", cookies: "ignored" } as const;
  assert.equal((await answerLogin({ access, clock: CLOCK }, asked)).status, 400);
});

test("a long login is not read", async () => {
  const { status } = await logIn({ name: "a", password: "x".repeat(20_000) }, () =>
    assert.fail("not to be asked"),
  );
  assert.equal(status, 413);
});

test("only a session can be logged out", () => {
  assert.equal(answerLogout(closedAccess(), undefined).status, 400);
  const ended: unknown[] = [];
  const access = { ...closedAccess(), endSession: (of: object) => void ended.push(of) };
  assert.equal(answerLogout(access, { id: "7" }).headers, undefined);
  const byCookie = answerLogout(access, { id: "8", csrfToken: "x" });
  assert.match(byCookie.headers?.["set-cookie"] ?? "", /^__Host-postrider=;.*Max-Age=0$/);
  assert.deepEqual(ended, [{ id: "7" }, { id: "8", csrfToken: "x" }]);
});
