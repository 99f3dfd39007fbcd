import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type {
  CommandAnswer as ApiCommandAnswer,
  MessageAnswer as ApiMessageAnswer,
  RoutingAnswer as ApiRoutingAnswer,
  ReceiveHandlers,
  RoutingHandlers,
} from "../../agent-api/agent-api.ts";
import { PIPELINE_EVENTS, type PipelineEventName } from "../../org/agent-table.ts";
import { BadAnswer } from "./answer-fields.ts";
import { readModuleAnswer } from "./module-answer.ts";
import type { ReceiveEvent } from "./receive-agent.ts";
import type { RoutingEvent } from "./routing-agent.ts";

// The module's types have every event of the server's own, and no other.
type Same<One, Other> = [One, Other] extends [Other, One] ? true : false;
const HAVE_SAME_EVENTS: [
  Same<keyof ReceiveHandlers, ReceiveEvent>,
  Same<keyof RoutingHandlers, RoutingEvent>,
] = [true, true];
const reply = { code: 550, status: "5.7.1", lines: ["No"] } as const;
const content = Buffer.from("From: a@b.test\r\n\r\nHi\r\n");

const COMMAND_ANSWERS: readonly ApiCommandAnswer[] = [
  { kind: "accept" },
  { kind: "accept", findings: { isAllowed: true, scl: -1, report: ["A:1"] }, stop: true },
  { kind: "refuse", reply, reason: "Listed" },
  {
    ...{ kind: "refuse", reason: "Busy", data: "too much", endsSession: true },
    reply: { code: 451, status: "4.3.2", lines: ["Not now", "Later"] },
  },
  { kind: "discard", reason: "Trap", data: "x@y" },
];
const MESSAGE_ANSWERS: readonly ApiMessageAnswer[] = [
  {
    kind: "accept",
    edits: [
      { kind: "prepend", text: "X-A: 1\r\nX-B: 2\r\n folded\r\n" },
      { kind: "append", text: "X-C:\r\n" },
      { kind: "remove", name: "X-D" },
      { kind: "removeAt", name: "Received", positions: [0, 2] },
      { kind: "rename", from: "X-E", to: "X-F" },
    ],
    sender: "",
    addRecipients: ["a@b.test"],
    removeRecipients: ["c@d.test"],
  },
  { kind: "quarantine", type: "Phish", reason: "Looks so", edits: [], findings: { scl: 9 } },
];
const ROUTING_ANSWERS: readonly ApiRoutingAnswer[] = [
  {},
  {
    decisions: [
      { positions: [0], fate: { kind: "deliver", changes: { scl: 5, subject: "S", sender: "" } } },
      { positions: [1], fate: { kind: "discard", reason: "Old" } },
      { positions: [2], fate: { kind: "redirect", to: ["a@b.test"], changes: {} } },
      { positions: [3], fate: { kind: "quarantine", type: "Spam", reason: "Bulk" } },
    ],
    added: [{ address: "e@f.test", changes: { requireTls: true } }],
    info: "looked at",
    stop: true,
  },
];

test("what the module's types allow is read as it is", () => {
  assert.deepEqual(HAVE_SAME_EVENTS, [true, true]);
  for (const answer of COMMAND_ANSWERS) {
    assert.deepEqual(readModuleAnswer("OnMailCommand", answer), answer);
    assert.deepEqual(readModuleAnswer("OnConnect", answer), answer);
  }
  for (const answer of [...COMMAND_ANSWERS, ...MESSAGE_ANSWERS]) {
    assert.deepEqual(readModuleAnswer("OnEndOfData", answer), answer);
  }
  for (const answer of ROUTING_ANSWERS) {
    assert.deepEqual(readModuleAnswer("OnResolvedMessage", answer), answer);
  }
  for (const nothing of [undefined, null]) {
    assert.equal(readModuleAnswer("OnEndOfData", nothing), undefined);
  }
});

test("content is whole messages, in memory of its own", () => {
  const large = Buffer.alloc(4096);
  const view = large.subarray(0, content.copy(large));
  const read = readModuleAnswer("OnEndOfData", { kind: "accept", content: [view] });
  assert.ok(read !== undefined && "content" in read && read.content);
  assert.deepEqual(
    read.content.map((piece) => Buffer.from(piece).toString()),
    [`${content}`],
  );
  assert.equal(read.content[0]?.buffer.byteLength, content.length);
});

test("fates that the sender hears of become faults of ours", () => {
  const decisions = [
    { positions: [0], fate: { kind: "reject", status: "5.7.1", text: "Not allowed" } },
    { positions: [1], fate: { kind: "defer", status: "4.3.2", text: "Wait" } },
  ];
  const read = readModuleAnswer("OnRoutedMessage", { decisions });
  assert.ok(read !== undefined && "decisions" in read);
  assert.deepEqual(
    read.decisions?.map(({ fate }) => "fault" in fate && fate.fault),
    [
      { status: "5.7.1", diagnostic: "550 5.7.1 Not allowed", hop: undefined, source: "AGENT" },
      { status: "4.3.2", diagnostic: "451 4.3.2 Wait", hop: undefined, source: "AGENT" },
    ],
  );
});

const edit = (text: unknown) => ({ kind: "accept", edits: [{ kind: "prepend", text }] });
const routed = (fate: unknown) => ({ decisions: [{ positions: [0], fate }] });
const mail = (...parts: unknown[]) => ({ kind: "accept", content: parts });

for (const [event, answer, fault] of [
  ["OnConnect", "accept", /^answer is "accept"; it has to be an object whose kind is accept/],
  ["OnConnect", {}, /^answer is \{…\}; it has to be an object whose kind is/],
  ["OnConnect", [], /^answer is a list/],
  ["OnConnect", { kind: "quarantine", type: "Spam", reason: "x" }, /^answer\.kind is "quarantine"/],
  ["OnConnect", { kind: "accept", edits: [] }, /^answer\.edits is not known/],
  ["OnConnect", { kind: "accept", stop: 1 }, /^answer\.stop is 1; it has to be true or false/],
  ["OnConnect", { kind: "refuse", reply }, /^answer\.reason is undefined/],
  ["OnConnect", { kind: "refuse", reply, reason: "a\r\nb" }, /^answer\.reason is "a\\r\\nb"/],
  ["OnConnect", { kind: "refuse", reply, reason: " " }, /^answer\.reason is " "/],
  ["OnConnect", { kind: "refuse", reply: { ...reply, code: 250 }, reason: "x" }, /reply\.code is/],
  ["OnConnect", { kind: "refuse", reply: { ...reply, code: 450 }, reason: "x" }, /has to be 4\.x/],
  ["OnConnect", { kind: "refuse", reply: { ...reply, lines: [] }, reason: "x" }, /a line at least/],
  [
    "OnConnect",
    { kind: "refuse", reply: { ...reply, lines: ["a\r\n250 ok"] }, reason: "x" },
    /^answer\.reply\.lines\[0\] is/,
  ],
  [
    "OnConnect",
    { kind: "accept", findings: { scl: 10 } },
    /^answer\.findings\.scl is 10; .* -1 to/,
  ],
  ["OnEndOfData", { kind: "accept", sender: "nobody" }, /^answer\.sender is "nobody"/],
  ["OnEndOfData", { kind: "accept", addRecipients: [""] }, /^answer\.addRecipients\[0\] is ""/],
  ["OnEndOfData", { kind: "quarantine", type: "Moderation", reason: "x" }, /^answer\.type is "Mod/],
  ["OnEndOfHeaders", edit("X-A: 1"), /^answer\.edits\[0\]\.text is "X-A: 1"; .* ending in CRLF/],
  ["OnEndOfHeaders", edit("X-A: 1\r\n\r\nbody\r\n"), /^answer\.edits\[0\]\.text/],
  ["OnEndOfHeaders", edit("X-A: 1\nX-B: 2\r\n"), /^answer\.edits\[0\]\.text/],
  ["OnEndOfHeaders", edit(" X-A: 1\r\n"), /^answer\.edits\[0\]\.text/],
  ["OnEndOfHeaders", edit("X-A: 1\r\n \r\n"), /^answer\.edits\[0\]\.text/],
  ["OnEndOfHeaders", edit(`X-A: ${"x".repeat(1000)}\r\n`), /^answer\.edits\[0\]\.text/],
  ["OnEndOfData", mail("From: a\r\n"), /^answer\.content is a list; .* a Uint8Array/],
  ["OnEndOfData", mail(Buffer.from("From: a\n\n")), /^answer\.content has a bare CR/],
  ["OnEndOfData", mail(Buffer.from("From: a\r\rb\r\n")), /^answer\.content has a bare CR/],
  ["OnEndOfData", mail(Buffer.from("From: a\r"), Buffer.from("b")), /^answer\.content has a bare/],
  ["OnEndOfData", mail(Buffer.from("From: a\0\r\n")), /NUL/],
  ["OnEndOfData", mail(Buffer.from("From: a\r")), /ends in a bare CR/],
  ["OnEndOfData", mail(), /a whole message/],
  ["OnSubmittedMessage", routed({ kind: "bounce" }), /^answer\.decisions\[0\]\.fate\.kind is "bou/],
  ["OnSubmittedMessage", routed({ kind: "redirect", to: [] }), /fate\.to is empty/],
  ["OnSubmittedMessage", routed({ kind: "reject", status: "4.7.1", text: "x" }), /be 5\.x\.x/],
  ["OnSubmittedMessage", { decisions: [{ positions: ["0"], fate: {} }] }, /positions\[0\] is "0"/],
  ["OnSubmittedMessage", { kind: "accept" }, /^answer\.kind is not known; answer may have dec/],
  ["OnSubmittedMessage", { submissions: [{}] }, /^answer\.submissions\[0\]\.sender is undefined/],
] as const) {
  test(`${event}: ${JSON.stringify(answer).slice(0, 60)} is no answer`, () => {
    assert.throws(
      () => readModuleAnswer(event, answer),
      (error) => {
        assert.ok(error instanceof BadAnswer);
        assert.match(error.message, fault);
        return true;
      },
    );
  });
}

const EVENTS = PIPELINE_EVENTS.map(({ name }): PipelineEventName => name);
const KINDS = ["accept", "refuse", "discard", "quarantine", "deliver", "redirect", "prepend"];
const word = fc.oneof(fc.constantFrom(...KINDS), fc.anything({ withBigInt: true, withDate: true }));

test("whatever a module answers is read or refused", () => {
  const names = [
    ...["kind", "reply", "reason", "edits", "findings", "content", "sender", "decisions"],
    ...["added", "submissions", "stop", "info", "data", "type", "addRecipients"],
  ];
  const answer = fc.oneof(
    fc.anything({ withTypedArray: true, withNullPrototype: true }),
    fc.dictionary(fc.constantFrom(...names), word, { noNullPrototype: true }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...EVENTS), answer, (event, value) => {
      try {
        readModuleAnswer(event, value);
      } catch (error) {
        assert.ok(error instanceof BadAnswer, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
