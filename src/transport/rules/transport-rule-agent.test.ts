import assert from "node:assert/strict";
import { test } from "node:test";
import { fault, ok } from "../../base/result.ts";
import { address } from "../../mail/address.fake.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import type { RoutingAnswer, RoutingMessage } from "../agents/routing-agent.ts";
import { CORPUS } from "./corpus.fake.ts";
import type { Disclaim } from "./rule-answer.ts";
import {
  BENCH_NOW_MS,
  type BenchMessage,
  benchSources,
  contentReader,
  queuedMessage,
  ruledOrganization,
} from "./rule-bench.fake.ts";
import { createTransportRuleAgent } from "./transport-rule-agent.ts";

const { sale, payroll, invitation, signed } = CORPUS;

interface Asked {
  readonly rules: readonly string[];
  readonly bench: BenchMessage;
  readonly disclaim?: Disclaim;
  readonly changes?: Partial<QueuedMessage>;
}

/** Puts the text behind the message, whatever it is. */
const append: Disclaim = async (content, { html }) => {
  const piece = await content.read(0);
  return ok([Buffer.concat([piece ?? Buffer.alloc(0), Buffer.from(html)])]);
};

function open({ rules, bench, disclaim = append, changes = {} }: Asked) {
  const logged: object[] = [];
  const agent = createTransportRuleAgent({
    ...benchSources(),
    clock: { nowMs: () => BENCH_NOW_MS },
    diagnostics: { info: (event, fields) => void logged.push({ event, ...fields }) },
    disclaim,
    linkTo: ({ hold }) => `https://mail.contoso.test/moderation/${hold}`,
    hits: { count: () => undefined },
  });
  const organization = ruledOrganization(...rules.map((rule, at) => `{ name: r${at}, ${rule} }`));
  const routing: RoutingMessage = {
    organization,
    message: { ...queuedMessage(bench), ...changes },
    recipients: bench.recipients.map((text, position) => ({
      recipient: {
        position,
        address: address(text),
        originalRecipient: undefined,
        notify: undefined,
        attemptCount: 0,
        expiresMs: 0,
        delayNoticeMs: undefined,
        lastError: undefined,
        suspended: false,
        resolved: false,
      },
      asWritten: address(text),
      steps: [],
      route: undefined,
    })),
    content: contentReader(bench.content),
  };
  return { agent, organization, logged, ask: () => agent.on.OnResolvedMessage?.(routing) };
}

async function ask(asked: Asked): Promise<RoutingAnswer> {
  const answer = await open(asked).ask();
  assert.ok(answer !== undefined);
  return answer;
}

function editsOf({ decisions = [] }: RoutingAnswer): readonly HeaderEdit[] {
  const fate = decisions[0]?.fate;
  assert.ok(fate?.kind === "deliver", fate?.kind);
  return fate.changes.edits ?? [];
}

const textOfMail = (content: readonly Uint8Array[]) => Buffer.concat(content).toString();

/** The first part of a mail of ours, decoded. */
function bodyOf(content: readonly Uint8Array[]): string {
  const encoded = /base64\r\n\r\n([\s\S]*?)\r\n(?:--|$)/.exec(textOfMail(content))?.[1] ?? "";
  return Buffer.from(encoded, "base64").toString();
}

test("no rule, no cost: a message that no cheap rule holds for takes no turn", () => {
  const asked = open({ rules: ["from: [x@y.test], sclOver: 9, deleteMessage: true"], bench: sale });
  assert.equal(asked.ask(), undefined);
  assert.equal(asked.agent.hears(asked.organization), true);
  assert.equal(asked.agent.hears(ruledOrganization()), false);
  const off = ruledOrganization("{ name: x, enabled: false, setSCL: 1 }");
  assert.equal(asked.agent.hears(off), false);
});

for (const source of ["DSN", "AGENT"] as const) {
  test(`no rule acts on what comes from ${source}`, () => {
    const bench = { ...sale, origin: { source } };
    assert.equal(open({ rules: ["deleteMessage: true"], bench }).ask(), undefined);
  });
}

for (const [action, fate] of [
  [
    "rejectMessageReasonText: Not here",
    {
      kind: "reject",
      fault: {
        status: "5.7.1",
        diagnostic: "550 5.7.1 TRANSPORT.RULES.RejectMessage; Not here",
        hop: undefined,
        source: "AGENT",
      },
    },
  ],
  [
    "rejectMessageEnhancedStatusCode: 5.7.950",
    {
      kind: "reject",
      fault: {
        status: "5.7.950",
        diagnostic:
          "550 5.7.950 TRANSPORT.RULES.RejectMessage; Delivery not authorized, message refused",
        hop: undefined,
        source: "AGENT",
      },
    },
  ],
  ["deleteMessage: true", { kind: "discard", reason: "Transport rule: r0" }],
  ["quarantine: true", { kind: "quarantine", type: "TransportRule", reason: "r0" }],
  [
    "moderateMessageByUser: [carol@contoso.test]",
    {
      ...{ kind: "quarantine", type: "Moderation", reason: "r0" },
      moderators: ["carol@contoso.test"],
    },
  ],
  [
    "redirectMessageTo: [carol@contoso.test]",
    { kind: "redirect", to: ["carol@contoso.test"], changes: {} },
  ],
  ["setSCL: 6", { kind: "deliver", changes: { scl: 6 } }],
  ["routeMessageOutboundRequireTls: true", { kind: "deliver", changes: { requireTls: true } }],
  [
    "removeHeader: X-Mailer",
    { kind: "deliver", changes: { edits: [{ kind: "remove", name: "X-Mailer" }] } },
  ],
  [
    "setHeaderName: X-Note, setHeaderValue: grün",
    {
      kind: "deliver",
      changes: {
        edits: [
          { kind: "remove", name: "X-Note" },
          { kind: "append", text: "X-Note: =?utf-8?B?Z3LDvG4=?=\r\n" },
        ],
      },
    },
  ],
  [
    "applyClassification: Company Internal",
    {
      kind: "deliver",
      changes: {
        edits: [
          { kind: "remove", name: "X-MS-Exchange-Organization-Classification" },
          {
            kind: "append",
            text: "X-MS-Exchange-Organization-Classification: Company Internal\r\n",
          },
        ],
      },
    },
  ],
] as const) {
  test(`the action ${action}`, async () => {
    const bench = { ...sale, recipients: ["alice@contoso.test", "bob@contoso.test"] };
    const { decisions } = await ask({ rules: [action], bench });
    assert.deepEqual(decisions, [{ positions: [0, 1], fate }]);
  });
}

test("a subject gets its words in front, encoded anew where it was encoded", async () => {
  const plain = await ask({ rules: ["prependSubject: '[External] '"], bench: sale });
  assert.deepEqual(editsOf(plain), [
    { kind: "remove", name: "Subject" },
    { kind: "append", text: "Subject: [External] Summer SALE: 50% off\r\n" },
  ]);
  const encoded = await ask({ rules: ["prependSubject: '[Geprüft] '"], bench: payroll });
  const [, put] = editsOf(encoded);
  assert.ok(put?.kind === "append");
  const words = put.text.match(/(?<=\?B\?)[^?]*/g) ?? [];
  const text = words.map((word) => Buffer.from(word, "base64").toString()).join("");
  assert.equal(text, "[Geprüft] Gehaltsabrechnung März");
  const fate = encoded.decisions?.[0]?.fate;
  assert.ok(fate?.kind === "deliver");
  assert.equal(fate.changes.subject, "[Geprüft] Gehaltsabrechnung März");
});

test("recipients besides get the message once, and stand where they are to be seen", async () => {
  const rules = [
    "copyTo: [carol@contoso.test, bob@contoso.test], blindCopyTo: [audit@contoso.test]",
    "addToRecipients: [new@contoso.test], blindCopyTo: [AUDIT@contoso.test], setSCL: 2",
  ];
  const answer = await ask({ rules, bench: sale });
  const texts = editsOf(answer).map((edit) => (edit.kind === "append" ? edit.text : edit.kind));
  assert.deepEqual(texts, [
    "remove",
    "Cc: carol@contoso.test, bob@contoso.test\r\n",
    "remove",
    "To: alice@contoso.test, bob@contoso.test, new@contoso.test\r\n",
  ]);
  assert.deepEqual(
    answer.added?.map((one) => one.address),
    ["audit@contoso.test", "carol@contoso.test", "new@contoso.test"],
  );
  for (const { changes } of answer.added ?? []) assert.equal(changes.scl, 2);
});

test("an address that is not ASCII in the header makes it internationalized mail", async () => {
  for (const [rule, want] of [
    ["copyTo: [bücher@contoso.test]", true],
    ["blindCopyTo: [bücher@contoso.test], setSCL: 1", undefined],
    ["copyTo: [buch@contoso.test]", undefined],
  ] as const) {
    const { decisions } = await ask({ rules: [rule], bench: sale });
    const fate = decisions?.[0]?.fate;
    assert.equal(fate?.kind === "deliver" ? fate.changes.smtpUtf8 : fate?.kind, want, rule);
  }
});

test("the manager is the sender's, as the directory has it", async () => {
  const cc = await ask({ rules: ["addManagerAsRecipientType: Cc"], bench: invitation });
  assert.deepEqual(
    cc.added?.map((one) => one.address),
    ["carol@contoso.test"],
  );
  assert.match(JSON.stringify(editsOf(cc)), /"Cc: carol@contoso.test/);
  const redirected = await ask({
    rules: ["addManagerAsRecipientType: Redirect"],
    bench: invitation,
  });
  assert.deepEqual(redirected.decisions?.[0]?.fate, {
    kind: "redirect",
    to: ["carol@contoso.test"],
    changes: {},
  });
  const none = await ask({ rules: ["addManagerAsRecipientType: Bcc"], bench: sale });
  assert.deepEqual(none.added, []);
});

test("nothing is added to what does not go on", async () => {
  const rules = ["blindCopyTo: [audit@contoso.test]", "deleteMessage: true"];
  assert.deepEqual((await ask({ rules, bench: sale })).added, []);
});

test("copies of the message for those for whom different rules hold", async () => {
  const rules = [
    "sentTo: [bob@contoso.test], setSCL: 3",
    "sentToScope: NotInOrganization, deleteMessage: true",
  ];
  const { decisions } = await ask({ rules, bench: sale });
  assert.deepEqual(
    decisions?.map(({ positions, fate }) => [positions, fate.kind]),
    [
      [[1], "deliver"],
      [[2], "discard"],
    ],
  );
});

test("audit modes change nothing; they are told, and so is a rule without audit not", async () => {
  const rules = [
    "mode: Audit, deleteMessage: true, generateNotification: no, generateIncidentReport: a@b.test",
    "mode: AuditAndNotify, generateNotification: hello",
    "setAuditSeverity: DoNotAudit, setSCL: 1, sclOver: 9",
    "setAuditSeverity: High, setSCL: 1",
  ];
  const { decisions, submissions, info } = await ask({ rules: rules.slice(0, 2), bench: sale });
  assert.deepEqual(decisions, []);
  assert.deepEqual(
    submissions?.map(({ purpose }) => purpose),
    ["IncidentReport: r0", "Notification: r1"],
  );
  assert.equal(
    info,
    "TRA=ETR|ruleId=r0|sev=1|mode=Audit;TRA=ETR|ruleId=r1|sev=1|mode=AuditAndNotify",
  );
  const audited = await ask({ rules: rules.slice(2), bench: { ...sale, changes: { scl: 9 } } });
  assert.equal(audited.info, "TRA=ETR|ruleId=r1|sev=3|mode=Enforce");
});

test("disclaimers go one into the other, with what the directory says of the sender", async () => {
  const rules = [
    "applyHtmlDisclaimerText: '<p>%%Title%%, %%department%% & %%Shoes%%</p>'",
    "applyHtmlDisclaimerText: two",
  ];
  const { decisions } = await ask({ rules, bench: invitation });
  const fate = decisions?.[0]?.fate;
  assert.ok(fate?.kind === "deliver" && fate.changes.content !== undefined);
  assert.match(textOfMail(fate.changes.content), /<p>Head of Sales, Sales & <\/p>two$/);
});

for (const [fallback, fault_, want] of [
  ["Ignore", "cannot", "deliver"],
  ["Reject", "cannot", "reject"],
  ["Wrap", "later", "defer"],
] as const) {
  test(`a disclaimer that does not go in, fallback ${fallback}: ${want}`, async () => {
    const rules = [
      `applyHtmlDisclaimerText: x, applyHtmlDisclaimerFallbackAction: ${fallback}, setSCL: 1`,
    ];
    const disclaim: Disclaim = async () => fault(fault_);
    const { decisions } = await ask({ rules, bench: signed, disclaim });
    assert.equal(decisions?.[0]?.fate.kind, want);
  });
}

test("an incident report tells what it is to tell, with the message as it came", async () => {
  const content =
    "Sender, Recipients, Subject, Cc, Bcc, Severity, RuleDetections, AttachOriginalMail";
  const rules = [
    `generateIncidentReport: audit@contoso.test, incidentReportContent: [${content}], ` +
      "setAuditSeverity: Medium, prependSubject: X",
  ];
  const { submissions = [] } = await ask({ rules, bench: sale });
  const [report] = submissions;
  assert.deepEqual(report?.recipients, ["audit@contoso.test"]);
  assert.equal(report.sender, "");
  const text = textOfMail(report.content);
  assert.match(text, /^From: Mail Flow Rules <postmaster@contoso.test>\r\nTo: audit@contoso.test/);
  assert.match(text, /\r\nAuto-Submitted: auto-generated\r\n/);
  assert.ok(text.includes(sale.content.toString()));
  const body = bodyOf(report.content);
  for (const line of [
    "Sender: bounce+17@lists.shop.example",
    "Recipients: alice@contoso.test, bob@contoso.test, zoe@else.example",
    "Bcc: zoe@else.example",
    "Severity: Medium",
    "Rule: r0",
  ]) {
    assert.ok(body.includes(`${line}\n`), line);
  }
});

test("a notification is filled in, and its HTML is none of the sender's", async () => {
  const rules = ["generateNotification: '<p>%%Subject%% by %%From%%: %%Nothing%%</p>'"];
  const { submissions = [] } = await ask({ rules, bench: sale });
  assert.deepEqual(submissions[0]?.recipients, sale.recipients);
  const body = bodyOf(submissions[0].content);
  assert.equal(body, "<p>Summer SALE: 50% off by Shop News &#60;news@shop.example&#62;: </p>");
  assert.match(textOfMail(submissions[0].content), /To: undisclosed-recipients:;/);
});

test("a sender of ours is told once; strangers, forgers and the null sender never", async () => {
  const rules = ["notifySender: NotifyOnly, comments: Mind the policy."];
  const { submissions = [] } = await ask({ rules, bench: invitation });
  assert.deepEqual(
    submissions.map(({ recipients }) => recipients),
    [[invitation.sender]],
  );
  assert.deepEqual((await ask({ rules, bench: sale })).submissions, []);
  assert.deepEqual((await ask({ rules, bench: CORPUS.pretender })).submissions, []);
  assert.match(bodyOf(submissions[0]?.content ?? []), /Mind the policy\./);
  assert.deepEqual((await ask({ rules, bench: CORPUS.absence })).submissions, []);
});

test("moderators are asked, with the message attached; what is approved goes on", async () => {
  const rules = [
    "moderateMessageByUser: [bob@contoso.test], moderateMessageByManager: true",
    "setSCL: 1",
  ];
  const { submissions = [], decisions } = await ask({ rules, bench: invitation });
  assert.deepEqual(submissions[0]?.recipients, ["bob@contoso.test", "carol@contoso.test"]);
  assert.ok(textOfMail(submissions[0].content).includes(invitation.content.toString()));
  assert.match(bodyOf(submissions[0].content), /^https:\/\/mail.contoso.test\/moderation\//m);
  assert.equal(decisions?.[0]?.fate.kind, "quarantine");
  const quarantine = { type: "Moderation", agent: "x", reason: "r0", sinceMs: 1 } as const;
  const approved = await ask({ rules, bench: invitation, changes: { quarantine } });
  assert.deepEqual(approved.decisions?.[0]?.fate, { kind: "deliver", changes: { scl: 1 } });
  assert.deepEqual(approved.submissions, []);
  const own = ["moderateMessageByUser: [ALICE@contoso.test]", "setSCL: 1"];
  const moderators = await ask({ rules: own, bench: invitation });
  assert.equal(moderators.decisions?.[0]?.fate.kind, "deliver");
  const stranger = await ask({ rules: own, bench: CORPUS.pretender });
  assert.equal(stranger.decisions?.[0]?.fate.kind, "quarantine");
});

test("an event is logged", async () => {
  const asked = open({ rules: ["logEventText: Look here"], bench: sale });
  await asked.ask();
  const { networkMessageId } = queuedMessage(sale);
  assert.deepEqual(asked.logged, [
    { event: "transport-rule-event", rule: "r0", text: "Look here", networkMessageId },
  ]);
});
