import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { textOf } from "../base/text-of.fake.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import type { LinkedStory } from "../logs/linked-story.ts";
import { createStoryRoute, type StoryReader } from "./story-route.ts";

const LINK = {
  networkMessageId: "0a1b2c3d-0000-4000-8000-0000000000ff",
  recipient: undefined,
  expiresMs: 2e12,
  isAnonymous: false,
};
const STORY: LinkedStory = {
  messageTraceId: LINK.networkMessageId,
  messageId: "<one@contoso.test>",
  received: "2026-03-01T10:00:00.000Z",
  senderAddress: "alice@contoso.test",
  recipients: [{ address: "bob@fabrikam.test", status: "Delivered" }],
  story: [{ date: "2026-03-01T10:00:00.000Z", event: "Receive", detail: "It was received." }],
  linkExpires: "2033-05-18T03:33:20.000Z",
};
const HELP_DESK: Caller = {
  name: "helen",
  roleGroups: ["Help Desk"],
  via: "session",
  address: "192.0.2.1",
};

async function ask(
  stories: Partial<StoryReader>,
  asked: { readonly caller?: Caller; readonly accept?: string } = {},
) {
  const route = createStoryRoute({
    stories: { open: () => LINK, read: async () => STORY, ...stories },
    clock: fakeClock(),
    diagnostics: silentDiagnostics,
  });
  const headers = asked.accept === undefined ? {} : { accept: asked.accept };
  const request = { headers };
  const response = new EventEmitter();
  const { caller } = asked;
  return route({ reference: "x", caller, address: "192.0.2.7", request, response });
}

const BROWSER = "text/html,application/xhtml+xml";
const anonymous = { open: () => ({ ...LINK, isAnonymous: true }) };

for (const [why, stories, caller, status] of [
  ["a stranger with an ordinary link", {}, undefined, 401],
  ["somebody with any role", {}, HELP_DESK, 200],
  ["somebody without any role", {}, { ...HELP_DESK, roleGroups: [] }, 401],
  ["a stranger with an anonymous link", anonymous, undefined, 200],
  ["a token for other cmdlets", {}, { ...HELP_DESK, cmdlets: ["get-queue"] }, 401],
  ["a token for stories", {}, { ...HELP_DESK, cmdlets: ["get-messagetracedetail"] }, 200],
  ["a link that is none", { open: () => undefined }, HELP_DESK, 404],
  ["a message that has left the log", { read: async () => undefined }, HELP_DESK, 404],
  ["a disk that fails", { read: () => Promise.reject(new Error("EIO")) }, HELP_DESK, 503],
] as const) {
  test(`a story for ${why}: ${status}`, async () => {
    assert.equal((await ask(stories, caller && { caller })).status, status);
  });
}

test("a story is JSON for programs and a page for browsers", async () => {
  const json = await ask(anonymous);
  assert.deepEqual(JSON.parse(textOf(json.body)), STORY);
  const page = await ask(anonymous, { accept: BROWSER });
  assert.equal(page.type, "text/html; charset=utf-8");
  assert.match(textOf(page.body), /bob@fabrikam\.test<\/bdi><\/dt><dd><bdi>Delivered/);
  const policy = page.headers?.["content-security-policy"] ?? "";
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'self';/);
  const [, style = ""] = /<style>([^<]*)<\/style>/.exec(textOf(page.body)) ?? [];
  assert.ok(policy.includes(hash("sha256", style, "base64")), "the look is let through");
});

test("what strangers have written is text on the page", async () => {
  const [first] = STORY.story;
  const words = "<img src=x onerror=alert(1)>&\u001b]0;x\u0007\r\nno\u2028such\u202Ehcus";
  const story: LinkedStory = {
    ...STORY,
    messageId: words,
    senderAddress: words,
    recipients: [{ address: words, status: words }],
    story: [{ date: first?.date ?? "", event: words, detail: words }],
  };
  const { body } = await ask({ ...anonymous, read: async () => story }, { accept: BROWSER });
  assert.doesNotMatch(textOf(body), /<img|[^\P{C}\n]|\u2028/u);
  assert.equal(textOf(body).split("&lt;img src=x onerror=alert(1)&gt;&amp; ]0;x").length, 7);
});

test("who is not let in is told so on a page, which leads to where one signs in", async () => {
  const page = await ask({}, { accept: BROWSER });
  assert.equal(page.status, 401);
  assert.match(textOf(page.body), /<a href="">[\s\S]*<a href="\/admin\/">Sign in first/);
  const gone = await ask({ open: () => undefined }, { accept: BROWSER });
  assert.deepEqual([gone.status, gone.type], [404, "text/html; charset=utf-8"]);
});

test("one source asks so often, and strangers keep nobody with an account waiting", async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stories = { open: anonymous.open, read: () => promise };
  const route = createStoryRoute({ stories, clock: fakeClock(), diagnostics: silentDiagnostics });
  const from = (address: string, caller?: Caller) =>
    route({
      ...{ reference: "x", caller, address, request: { headers: {} } },
      response: new EventEmitter(),
    });
  const strangers = Array.from({ length: 6 }, (_, at) => from(`192.0.2.${at}`));
  const helen = from("192.0.2.99", HELP_DESK);
  resolve(undefined);
  const statuses = (await Promise.all(strangers)).map(({ status }) => status);
  assert.deepEqual(statuses, [404, 404, 404, 404, 503, 503]);
  assert.equal((await helen).status, 404);
  const many = await Promise.all(Array.from({ length: 61 }, () => from("198.51.100.1", HELP_DESK)));
  assert.equal(many.at(-1)?.status, 429);
});
