import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { textOf } from "../base/text-of.fake.ts";
import type { ExecutionRecord, ExecutionRequest } from "../cmdlet/execution.ts";
import { createQuarantineRoute, type LinkTarget } from "./quarantine-route.ts";

const TOKEN = "T".repeat(44);
const TARGET: LinkTarget = {
  identity: "42",
  recipient: "bob@contoso.test",
  from: "<script>alert(1)</script>@evil.test",
  subject: '"><img src=x onerror=alert(1)>',
  type: "Spam",
  receivedMs: 0,
  expiresMs: 1_000,
};
const PREVIEW = { Body: "<b>Hello</b>", Attachment: ["<i>.exe"], IsTruncated: true };

type Outcome = readonly ExecutionRecord[] | Error;

function setUp(outcome?: Outcome) {
  const runs: ExecutionRequest[] = [];
  const said: string[] = [];
  const note = (event: string, fields?: object) =>
    void said.push(`${event} ${JSON.stringify(fields)}`);
  const diagnostics: Diagnostics = { info: note, warn: note, error: note };
  const clock = fakeClock();
  const route = createQuarantineRoute({
    clock,
    diagnostics,
    links: { open: async (token) => (token === TOKEN ? TARGET : undefined) },
    async *execute(request) {
      runs.push(request);
      if (outcome instanceof Error) throw outcome;
      const value = request.cmdlet.startsWith("Preview") ? PREVIEW : { Released: 1 };
      yield* outcome ?? [{ kind: "object", value }, { kind: "done" }];
    },
  });
  const ask = async (
    what: string,
    body?: string,
    how: { readonly type?: string; readonly address?: string } = {},
  ) => {
    const [method, path] = what.split(" ");
    const type = how.type ?? "application/x-www-form-urlencoded";
    const request = Object.assign(Readable.from(body === undefined ? [] : [Buffer.from(body)]), {
      ...{ method, url: path },
      headers: body === undefined ? {} : { "content-type": type },
    });
    const answer = await route({
      // Of the two, the route looks at no more than a stream and the end of the connection.
      ...({ request, response: new EventEmitter() } as unknown as Pick<
        Parameters<typeof route>[0],
        "request" | "response"
      >),
      address: how.address ?? "192.0.2.1",
    });
    return { ...answer, body: textOf(answer.body) };
  };
  return { ask, runs, said, clock };
}

for (const way of ["", "/release", "/allow", "/release?x=y"]) {
  for (const method of ["GET", "HEAD"]) {
    test(`${method} ${way === "" ? "of a link" : way} shows a page and does nothing`, async () => {
      const { ask, runs } = setUp();
      const answer = await ask(`${method} /quarantine/${TOKEN}${way}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.type, "text/html; charset=utf-8");
      assert.match(answer.body, /<form method="post">/);
      assert.deepEqual(runs, []);
    });
  }
}

test("the page says a stranger's words as words, and lets nothing run or load", async () => {
  const { ask } = setUp();
  const { body, headers } = await ask(`GET /quarantine/${TOKEN}`);
  assert.doesNotMatch(body, /<script|<img/);
  assert.match(body, /&lt;script&gt;/);
  assert.doesNotMatch(body, /https?:|src=(?!x)|href=/);
  assert.match(
    headers?.["content-security-policy"] ?? "",
    /default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
  );
  assert.match(headers?.["x-robots-tag"] ?? "", /noindex/);
});

for (const [action, parameters] of [
  ["release", { Identity: "42", User: ["bob@contoso.test"], ReportFalsePositive: true }],
  [
    "allow",
    {
      Identity: "42",
      User: ["bob@contoso.test"],
      ReportFalsePositive: true,
      AllowSender: true,
      Force: true,
    },
  ],
] as const) {
  test(`POST ${action} releases it, on record as the recipient's act`, async () => {
    const { ask, runs } = setUp();
    const answer = await ask(`POST /quarantine/${TOKEN}`, `action=${action}`);
    assert.equal(answer.status, 200);
    assert.match(answer.body, /was released/);
    const [run] = runs;
    assert.equal(run?.cmdlet, "Release-QuarantineMessage");
    assert.deepEqual(run.parameters, parameters);
    assert.deepEqual(
      { ...run.caller },
      {
        name: "bob@contoso.test (quarantine link)",
        roleGroups: ["Hygiene Management"],
        via: "link",
        address: "192.0.2.1",
        cmdlets: ["release-quarantinemessage"],
      },
    );
  });
}

test("POST view shows the words, escaped", async () => {
  const { ask, runs } = setUp();
  const { body } = await ask(`POST /quarantine/${TOKEN}/release`, "action=view");
  assert.match(body, /<pre>&lt;b&gt;Hello&lt;\/b&gt;<\/pre>/);
  assert.match(body, /<li>&lt;i&gt;\.exe<\/li>/);
  assert.match(body, /has more than is shown/);
  assert.equal(runs[0]?.cmdlet, "Preview-QuarantineMessage");
});

for (const [why, what, body, status] of [
  ["no token", "GET /quarantine/", undefined, 404],
  ["another token", `GET /quarantine/${"U".repeat(44)}`, undefined, 404],
  ["another token, posted", `POST /quarantine/${"U".repeat(44)}`, "action=release", 404],
  ["a way that is none", `GET /quarantine/${TOKEN}/delete`, undefined, 404],
  ["a way below a way", `GET /quarantine/${TOKEN}/release/x`, undefined, 404],
  ["an action that is none", `POST /quarantine/${TOKEN}`, "action=delete", 400],
  ["no action", `POST /quarantine/${TOKEN}`, "", 400],
  [
    "a form that is too long",
    `POST /quarantine/${TOKEN}`,
    `action=release&${"x".repeat(5_000)}`,
    400,
  ],
  ["another method", `PUT /quarantine/${TOKEN}`, "action=release", 405],
] as const) {
  test(`${why}: ${status}`, async () => {
    const { ask, runs } = setUp();
    assert.equal((await ask(what, body)).status, status);
    assert.deepEqual(runs, []);
  });
}

test("what is no form does nothing", async () => {
  const { ask, runs } = setUp();
  const how = { type: "text/plain" };
  assert.equal((await ask(`POST /quarantine/${TOKEN}`, "action=release", how)).status, 400);
  assert.deepEqual(runs, []);
});

for (const [why, outcome, status] of [
  ["somebody was quicker", [{ kind: "object", value: { Released: 0 } }, { kind: "done" }], 404],
  ["it has gone", [{ kind: "failed", code: "not-found", message: "gone" }], 404],
  ["the store is full", [{ kind: "failed", code: "unavailable", message: "full" }], 503],
  ["a fault of ours", new Error("we are wrong"), 503],
] as const) {
  test(`a release that does not come about: ${why}`, async () => {
    const { ask, said } = setUp(outcome);
    const answer = await ask(`POST /quarantine/${TOKEN}`, "action=release");
    assert.equal(answer.status, status);
    assert.doesNotMatch(said.join(), /TTTT/, "no token in a log");
  });
}

test("a source that asks too often has to wait; others have not", async () => {
  const { ask, clock } = setUp();
  const what = `GET /quarantine/${TOKEN}`;
  const statuses = new Set<number>();
  for (let count = 0; count < 61; count += 1) statuses.add((await ask(what)).status);
  assert.deepEqual([...statuses], [200, 429]);
  assert.equal((await ask(what, undefined, { address: "198.51.100.1" })).status, 200);
  clock.advance(1_000);
  assert.equal((await ask(what)).status, 200);
});
