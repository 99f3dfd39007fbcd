import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { textOf } from "../base/text-of.fake.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import type { LinkedStory } from "../logs/linked-story.ts";
import { createStoryRoute, type StoryReader } from "./story-route.ts";

const LINK = {
  networkMessageId: "0a1b2c3d-0000-4000-8000-0000000000ff",
  recipientDigest: undefined,
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
    diagnostics: silentDiagnostics,
  });
  const headers = asked.accept === undefined ? {} : { accept: asked.accept };
  const exchange = { request: { headers }, response: new EventEmitter() };
  const answer = await route({
    reference: "x",
    caller: asked.caller,
    // Of the two, the route looks at nothing but the header and the end of the connection.
    ...(exchange as unknown as Pick<Parameters<typeof route>[0], "request" | "response">),
  });
  return answer;
}

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

test("a story is JSON for programs and plain text for browsers", async () => {
  const json = await ask(anonymous);
  assert.deepEqual(JSON.parse(textOf(json.body)), STORY);
  const text = await ask(anonymous, { accept: "text/html,application/xhtml+xml" });
  assert.equal(text.type, "text/plain; charset=utf-8");
  assert.match(textOf(text.body), /^Message <one@contoso\.test>\n[\s\S]*It was received\./);
  // What another server has said is shown, and obeyed by no terminal.
  const [first] = STORY.story;
  const detail = "550 \u001b]0;x\u0007\u009b31m\r\nno\u2028such";
  const story = { ...STORY, story: [{ ...first, date: "", event: "Fail", detail }] };
  const hostile = await ask({ ...anonymous, read: async () => story }, { accept: "text/plain" });
  assert.match(textOf(hostile.body), /Fail +550 \?]0;x\?\?31m\?\?no\?such\n/);
  assert.doesNotMatch(textOf(hostile.body).replaceAll("\n", ""), /[\p{Cc}\p{Zl}]/u);
});
