import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { LoginProblem, LoginRequest } from "../access/login.ts";
import { fakeClock } from "../base/clock.fake.ts";
import { fault, ok } from "../base/result.ts";
import { closedAccess } from "./access-control.fake.ts";
import type { BodySource } from "./request-body.ts";
import { type AccessControl, answerLogin, answerLogout } from "./session-routes.ts";

const CLOCK = fakeClock();
const SESSION = {
  id: "1",
  name: "alice",
  address: "192.0.2.7",
  stamp: "",
  beganMs: 0,
  lastUsedMs: 0,
  expiresMs: Date.UTC(2026, 10, 21),
};

function requestOf(body: string): BodySource {
  const stream = Readable.from([Buffer.from(body)]);
  return Object.assign(stream, { headers: { "content-type": "application/json" } });
}

async function logIn(body: unknown, logInTo: AccessControl["logIn"]) {
  const access = { ...closedAccess(), logIn: logInTo };
  const request = requestOf(typeof body === "string" ? body : JSON.stringify(body));
  const answer = await answerLogin({ access, clock: CLOCK }, { request, address: "192.0.2.7" });
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
  assert.deepEqual(asked, [{ name: "alice", password: "x", code: "123456", address: "192.0.2.7" }]);
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
  [],
  "{",
]) {
  test(`${JSON.stringify(body)} is no login`, async () => {
    const { status } = await logIn(body, () => assert.fail("not to be asked"));
    assert.equal(status, 400);
  });
}

test("a long login is not read", async () => {
  const { status } = await logIn({ name: "a", password: "x".repeat(5000) }, () =>
    assert.fail("not to be asked"),
  );
  assert.equal(status, 413);
});

test("only a session can be logged out", () => {
  assert.equal(answerLogout(closedAccess(), "Bearer pt_x").status, 400);
  assert.equal(answerLogout({ ...closedAccess(), logOut: () => true }, "Bearer ps_x").status, 200);
});
