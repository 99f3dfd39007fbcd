import assert from "node:assert/strict";
import { test } from "node:test";
import { SAMPLE_STORY, sampleEvent } from "./sample-story.fake.ts";
import { tellStory } from "./story.ts";
import { SAMPLE_MS } from "./tracking-lines.fake.ts";
import type { TrackingRecord } from "./tracking-record.ts";

const nowMs = SAMPLE_MS + 1_000_000;

function tell(records: readonly TrackingRecord[], recipient?: string): readonly string[] {
  const about = { ...(recipient !== undefined && { recipient }), nowMs };
  return tellStory(records, about).map(({ event, text }) => `${event}: ${text}`);
}

const received = (whom: string) =>
  `Receive: It was received by connector "Application Relay" from client.example [192.0.2.9], ` +
  `from alice@contoso.test, for ${whom} (4096 bytes).`;

test("tellStory: somebody who was reached through a group", () => {
  assert.deepEqual(tell(SAMPLE_STORY, "Someone@Fabrikam.test"), [
    received("team@contoso.test and 2 others"),
    "Expand: The group team@contoso.test was expanded to someone@fabrikam.test and 1 other.",
    "Transfer: A copy of its own was made for someone@fabrikam.test: message 18, out of 17.",
    `Send: It was sent for someone@fabrikam.test by connector "Internet" to mx.fabrikam.test ` +
      `[198.51.100.7] over TLSv1.3, which answered "250 2.0.0 Taken".`,
  ]);
});

test("tellStory: an alias tells what became of its mailbox", () => {
  assert.deepEqual(tell(SAMPLE_STORY, "a.smith@contoso.test"), [
    received("a.smith@contoso.test and 2 others"),
    "Resolve: a.smith@contoso.test was resolved to alice@contoso.test.",
    "Deliver: It was delivered to the mailbox of alice@contoso.test, which answered " +
      `"250 2.1.5 Delivered".`,
  ]);
});

test("tellStory: who forwards, the one who gets it, the remote's words and the notice", () => {
  const story = [
    received("carol@contoso.test and 2 others"),
    "Redirect: In place of carol@contoso.test it goes to dave@wingtip.test.",
    "Defer: It was put off for dave@wingtip.test: mx.wingtip.test [203.0.113.4] said " +
      `"451 4.7.1 Greylisted, come back".`,
    "Fail: It failed for good for dave@wingtip.test: mx.wingtip.test [203.0.113.4] said " +
      `"550 5.1.1 No, nobody".`,
    "Notice: The sender was told that it failed for dave@wingtip.test, by the notice " +
      "<notice@mail.contoso.test>.",
  ];
  assert.deepEqual(tell(SAMPLE_STORY, "carol@contoso.test"), story);
  assert.deepEqual(tell(SAMPLE_STORY, "dave@wingtip.test"), story);
});

test("tellStory: the whole message has every event, in the order of time", () => {
  assert.equal(tell(SAMPLE_STORY).length, SAMPLE_STORY.length);
  assert.deepEqual(
    tell(SAMPLE_STORY)[0],
    received("team@contoso.test, a.smith@contoso.test, carol@contoso.test"),
  );
});

test("tellStory: subjects are in no sentence", () => {
  assert.ok(tell(SAMPLE_STORY).every((sentence) => !sentence.includes("Hello")));
});

const by = (act: string) => ({ source: "ADMIN", "source-context": `${act};by=root` });
for (const [record, sentence] of [
  [
    sampleEvent("DEFER", "b@c.test", by("Suspend-Message")),
    "Defer: root suspended it for b@c.test.",
  ],
  [
    sampleEvent("DEFER", "b@c.test", by("Resume-Message")),
    "Defer: root let it go on for b@c.test.",
  ],
  [
    sampleEvent("FAIL", "b@c.test", by("Remove-Message")),
    "Fail: root removed it for b@c.test (Remove-Message).",
  ],
  [
    sampleEvent("DROP", "b@c.test", by("Remove-Message")),
    "Drop: root took it out of the queue for b@c.test (Remove-Message), and nobody is told.",
  ],
  [
    sampleEvent("REDIRECT", "b@c.test", {
      ...by("Redirect-Recipient"),
      "related-recipient-address": "a@c.test",
    }),
    "Redirect: root redirected a@c.test to b@c.test.",
  ],
  [
    sampleEvent("SEND", "b@c.test", {
      "server-hostname": "mx.c.test",
      "server-ip": "192.0.2.1",
      "connector-id": "",
      "custom-data": "S:PossibleDuplicate=True",
    }),
    "Send: It was sent for b@c.test to mx.c.test [192.0.2.1] without TLS; it may have got there " +
      "once before, as the server stopped during an earlier attempt.",
  ],
  [
    sampleEvent("POISONMESSAGE", "b@c.test", { source: "POISONMESSAGE" }),
    "Poison: The server failed while it worked on this message, so that it was set aside in the " +
      "Poison queue for b@c.test. Resume-Message lets it try again.",
  ],
  [
    sampleEvent("AGENTINFO", "b@c.test", { source: "AGENT", "source-context": "spam score 3" }),
    "Note: An agent noted: spam score 3.",
  ],
  [
    sampleEvent("AGENTINFO", "b@c.test", {
      source: "AGENT",
      "source-context":
        "Transport Rule Agent: TRA=ETR|ruleId=To a|b|sev=1|mode=Enforce;" +
        "TRA=ETR|ruleId=Later|sev=3|mode=Audit",
    }),
    'Note: The rule "To a|b" applied. The rule "Later" would have applied; its mode is Audit.',
  ],
  [
    sampleEvent("RECEIVE", "b@c.test", { source: "DSN", reference: "<one@contoso.test>" }),
    "Receive: This server wrote the notice for b@c.test about <one@contoso.test>.",
  ],
  [
    sampleEvent("DROP", "b@c.test", { "source-context": "019B27E1A4C00000;as rule 5 says" }),
    "Drop: It goes no further for b@c.test, and nobody is told (as rule 5 says).",
  ],
  [
    sampleEvent("RESUBMIT", "b@c.test", {
      source: "SAFETYNET",
      "source-context": "ResubmitRequest 17;by=carol",
    }),
    "Submit: It came out of the Safety Net once more for b@c.test, as carol had asked.",
  ],
  [
    sampleEvent("RECEIVE", "b@c.test", {
      source: "AGENT",
      "source-context": "Journaling Agent: Journaling",
      reference: "<one@contoso.test>",
    }),
    "Receive: This server wrote it for b@c.test about <one@contoso.test> (Journaling Agent: " +
      "Journaling).",
  ],
  [
    sampleEvent("RECEIVE", "b@c.test", { source: "PICKUP", "return-path": "<>" }),
    "Receive: It was taken in from the Pickup directory, from the empty sender, written by " +
      "alice@contoso.test, for b@c.test (4096 bytes).",
  ],
] as const) {
  test(`tellStory: ${sentence.slice(0, 70)}`, () => {
    assert.deepEqual(tell([record]), [sentence]);
  });
}

test("tellStory: what still waits, where, and when it is tried again", () => {
  const waiting = [
    {
      recipient: "dave@wingtip.test",
      internalMessageId: "18",
      queue: "wingtip.test",
      nextAttemptMs: nowMs + 60_000,
      isSuspended: false,
      lastError: "451 4.7.1 Greylisted",
    },
    {
      recipient: "other@wingtip.test",
      internalMessageId: "18",
      queue: "wingtip.test",
      nextAttemptMs: undefined,
      isSuspended: true,
      lastError: "",
    },
  ];
  const told = tellStory([], { waiting, nowMs }).map(({ text }) => text);
  assert.deepEqual(told, [
    "It waits in queue wingtip.test for dave@wingtip.test; next try at " +
      "2026-03-01T10:17:40.000Z. Last error: 451 4.7.1 Greylisted",
    "It waits in queue wingtip.test for other@wingtip.test, suspended by an administrator.",
  ]);
  assert.equal(tellStory([], { waiting, nowMs, recipient: "dave@wingtip.test" }).length, 1);
});

test("tellStory: the session of what happened in one, and nothing of it in the sentence", () => {
  const context = "019B27E1A4C00000;AuthUser=a@c.test";
  const records = [
    sampleEvent("RECEIVE", "b@c.test", { "source-context": context }),
    sampleEvent("DEFER", "b@c.test", {
      "source-context": "019B27E1A4C00001",
      "recipient-status": "",
    }),
    sampleEvent("FAIL", "b@c.test", by("0123")),
  ];
  const story = tellStory(records, { nowMs });
  const sessions = story.map(({ sessionId }) => sessionId);
  assert.deepEqual(sessions, ["019B27E1A4C00000", "019B27E1A4C00001", ""]);
  assert.ok(story.every(({ text }) => !text.includes("019B")));
});

test("tellStory: held back, approved with a word, rejected, and too late", () => {
  const of = (context: string, more: object = {}) => ({
    source: "APPROVAL",
    "source-context": context,
    ...more,
  });
  const board = { "custom-data": "S:Quarantine=RecipientModeration" };
  const story = [
    sampleEvent("INITMESSAGECREATED", "b@c.test", of("b@c.test", board), 1),
    sampleEvent("INITMESSAGECREATED", "a@c.test", of("Ask"), 2),
    sampleEvent(
      "MODERATORAPPROVE",
      "b@c.test",
      of("Approve-ModeratedMessage;by=token a;b (jo);comment=Fine; go"),
      3,
    ),
    sampleEvent("MODERATORREJECT", "a@c.test", of("Deny-ModeratedMessage;by=root"), 4),
    sampleEvent("MODERATIONEXPIRE", "d@c.test", of(""), 5),
    sampleEvent("MODERATORSALLNDR", "e@c.test", of(""), 6),
  ];
  assert.deepEqual(tell(story), [
    "Approval: It was held back for b@c.test until somebody approves it " +
      "(the moderators of b@c.test).",
    "Approval: It was held back for a@c.test until somebody approves it (by the rule Ask).",
    'Approval: token a;b (jo) approved it for b@c.test: "Fine; go".',
    "Approval: root rejected it for a@c.test.",
    "Approval: Nobody had decided about it for d@c.test in time, and it was taken for rejected.",
    "Approval: There is nobody who could approve it for e@c.test.",
  ]);
});
