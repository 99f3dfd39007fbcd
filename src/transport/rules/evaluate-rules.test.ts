import assert from "node:assert/strict";
import { test } from "node:test";
import { lines } from "../../content/message.fake.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { CORPUS } from "./corpus.fake.ts";
import {
  type BenchMessage,
  benchFacts,
  benchSources,
  judge,
  ruledOrganization,
} from "./rule-bench.fake.ts";
import { ruleSetOf } from "./rule-set.ts";
import { settleAtOnce, settleRules } from "./settle-rules.ts";

const { sale, payroll, signed } = CORPUS;

const rule = (name: string, text: string) => `{ name: ${name}, ${text} }`;

test("rules are asked in order, and all that hold do", async () => {
  const rules = [
    rule("b", "priority: 2, setSCL: 1"),
    rule("a", "priority: 1, setSCL: 1"),
    rule("c", "priority: 3, enabled: false, setSCL: 1"),
  ];
  assert.deepEqual(await judge(rules, payroll), [
    "carol@contoso.test: a, b",
    "dave@fabrikam.example: a, b",
  ]);
});

test("recipients for whom a rule holds go on in a copy of their own", async () => {
  const rules = [
    rule("one", "sentTo: [alice@contoso.test], prependSubject: 'X '"),
    rule("two", "subjectMatchesPatterns: ['^X '], setSCL: 1"),
    rule("three", "sentToScope: InOrganization, stopRuleProcessing: true"),
    rule("four", "setSCL: 2"),
  ];
  assert.deepEqual(await judge(rules, sale), [
    "alice@contoso.test: one, two, three",
    "bob@contoso.test: three",
    "zoe@else.example: four",
  ]);
});

for (const [why, action, later, holds] of [
  [
    "a header that was set",
    "setHeaderName: X-A, setHeaderValue: blue",
    "headerContainsMessageHeader: x-a, headerContainsWords: [Blue]",
    true,
  ],
  [
    "a header that was taken out",
    "removeHeader: x-MAILER",
    "headerMatchesMessageHeader: X-Mailer, headerMatchesPatterns: ['.']",
    false,
  ],
  [
    "a header that was replaced",
    "setHeaderName: Subject, setHeaderValue: other",
    "subjectContainsWords: [sale]",
    false,
  ],
  ["a classification", "applyClassification: Blue", "hasClassification: blue", true],
  ["the level of spam", "setSCL: 6", "sclOver: 6", true],
  ["who was added", "copyTo: [carol@contoso.test]", "anyOfCcHeader: [carol@contoso.test]", true],
  ["nothing in audit mode", "mode: Audit, setSCL: 6", "sclOver: 0", false],
] as const) {
  test(`a later rule sees ${why}`, async () => {
    const rules = [rule("first", action), rule("later", `${later}, stopRuleProcessing: true`)];
    const wanted = sale.recipients.map((to) => `${to}: first${holds ? ", later" : ""}`);
    assert.deepEqual(await judge(rules, sale), wanted);
  });
}

for (const action of [
  "rejectMessageReasonText: no",
  "rejectMessageEnhancedStatusCode: 5.7.900",
  "notifySender: RejectMessage",
  "deleteMessage: true",
  "quarantine: true",
  "moderateMessageByUser: [bob@contoso.test]",
  "stopRuleProcessing: true",
]) {
  test(`no later rule is asked after ${action}, but in audit mode`, async () => {
    const later = rule("later", "setSCL: 1");
    assert.deepEqual(await judge([rule("first", action), later], signed), [
      "alice@contoso.test: first",
      "dave@fabrikam.example: first",
    ]);
    assert.deepEqual(
      await judge([rule("first", `mode: AuditAndNotify, ${action}`), later], signed),
      ["alice@contoso.test: first, later", "dave@fabrikam.example: first, later"],
    );
  });
}

test("a rule is asked from its activation to its expiry", async () => {
  const rules = [
    rule("begins", "activationDate: 2026-06-01T12:00:00Z, setSCL: 1"),
    rule("not yet", "activationDate: 2026-06-01T12:00:01Z, setSCL: 1"),
    rule("ends", "expiryDate: 2026-06-01T12:00:01Z, setSCL: 1"),
    rule("over", "expiryDate: 2026-06-01T12:00:00Z, setSCL: 1"),
  ];
  assert.equal((await judge(rules, sale))[0], "alice@contoso.test: begins, ends");
});

test("a body is read once, and only when nothing cheaper decides", async () => {
  const body = "subjectOrBodyContainsWords: [nowhere]";
  const sources = benchSources();
  await judge([rule("a", `${body}, from: [x@y.test], setSCL: 1`)], sale, sources);
  await judge(
    [rule("a", `${body}, exceptIfFromScope: NotInOrganization, setSCL: 1`)],
    sale,
    sources,
  );
  await judge([rule("a", "subjectOrBodyContainsWords: [sale], setSCL: 1")], sale, sources);
  const stops = rule("stops", "fromMemberOf: [sales@contoso.test], deleteMessage: true");
  await judge([stops, rule("b", `${body}, setSCL: 1`)], CORPUS.invitation, sources);
  assert.equal(sources.reads.count, 0);
  const two = [rule("a", `${body}, setSCL: 1`), rule("b", `exceptIf${cap(body)}, setSCL: 1`)];
  assert.equal((await judge(two, sale, sources))[0], "alice@contoso.test: b");
  assert.equal(sources.reads.count, 1);
});

const cap = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Too many parts to be read. */
const bomb: BenchMessage = {
  sender: "x@else.example",
  recipients: ["alice@contoso.test"],
  content: lines(
    "From: x@else.example",
    "Subject: hello",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    ...new Array<string>(3000).fill("--b\r\n\r\nx"),
    "--b--",
  ),
};

test("what cannot be read is passed over, deferred, or found by a rule", async () => {
  const words = "subjectOrBodyContainsWords: [x], setSCL: 1";
  const rules = [
    rule("passes over", words),
    rule("exception", `exceptIf${cap(words)}`),
    rule("by its subject", "subjectOrBodyContainsWords: [hello], setSCL: 1"),
    rule("finds", "attachmentProcessingLimitExceeded: true, setSCL: 1"),
  ];
  assert.deepEqual(await judge(rules, bomb), ["alice@contoso.test: by its subject, finds"]);
  assert.deepEqual(await judge([rule("waits", `ruleErrorAction: Defer, ${words}`)], bomb), [
    "defer",
  ]);
  const cheap = `ruleErrorAction: Defer, from: [y@z.test], ${words}`;
  assert.deepEqual(await judge([rule("does not matter", cheap)], bomb), ["alice@contoso.test: "]);
});

test("a directory that does not answer is no verdict", async () => {
  const sources = benchSources();
  const failing = { ...sources, directory: { ...sources.directory, findRecipients: fail } };
  await assert.rejects(
    judge([rule("a", "from: [x@y.test], setSCL: 1")], sale, failing),
    StoreFailure,
  );
});

function fail(): Promise<never> {
  return Promise.reject(new StoreFailure("down", { full: false }));
}

test("a large group is asked about in shares, and comes to few copies", async () => {
  const members = Array.from({ length: 2500 }, (_, at) => `m${at}@contoso.test`);
  const rules = [
    rule("even", "recipientAddressMatchesPatterns: ['[02468]@'], setSCL: 1"),
    rule("any", "anyOfRecipientAddressContainsWords: [m2499], stopRuleProcessing: true"),
    rule("never", "setSCL: 2"),
  ];
  const judged = await judge(rules, { ...sale, recipients: members });
  assert.equal(judged.length, 2500);
  assert.equal(judged[0], "m0@contoso.test: even, any");
  assert.equal(judged[2499], "m2499@contoso.test: any");
  const organization = ruledOrganization(...rules);
  const facts = benchFacts(organization, { ...sale, recipients: members }, benchSources());
  const set = ruleSetOf(organization.transportRules);
  assert.equal(settleAtOnce(set, facts), undefined, "not in one turn");
  const settled = await settleRules(set, facts);
  assert.ok(settled.kind === "judged");
  assert.deepEqual(
    settled.copies.map(({ recipients }) => recipients.length),
    [1250, 1250],
  );
});
