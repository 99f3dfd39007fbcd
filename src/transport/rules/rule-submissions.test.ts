import assert from "node:assert/strict";
import { test } from "node:test";
import { ok } from "../../base/result.ts";
import { address } from "../../mail/address.fake.ts";
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

const { sale } = CORPUS;

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
  const counted: string[] = [];
  const agent = createTransportRuleAgent({
    ...benchSources(),
    clock: { nowMs: () => BENCH_NOW_MS },
    diagnostics: { info: (event, fields) => void logged.push({ event, ...fields }) },
    disclaim,
    linkTo: ({ hold }) => `https://mail.contoso.test/moderation/${hold}`,
    hits: { count: (name) => void counted.push(name) },
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
  const asking = () => agent.on.OnResolvedMessage?.(routing);
  return { agent, organization, logged, counted, ask: asking };
}

async function ask(asked: Asked): Promise<RoutingAnswer> {
  const answer = await open(asked).ask();
  assert.ok(answer !== undefined);
  return answer;
}

const textOfMail = (content: readonly Uint8Array[]) => Buffer.concat(content).toString();

/** The first part of a mail of ours, decoded. */
function bodyOf(content: readonly Uint8Array[]): string {
  const encoded = /base64\r\n\r\n([\s\S]*?)\r\n(?:--|$)/.exec(textOfMail(content))?.[1] ?? "";
  return Buffer.from(encoded, "base64").toString();
}

test("rules that were told of before a message was kept are not told of again", async () => {
  const report = "generateIncidentReport: audit@contoso.test";
  const rules = [report, `${report}, quarantine: true`, report];
  const first = await ask({ rules, bench: sale });
  const [decision] = first.decisions ?? [];
  assert.ok(decision?.fate.kind === "quarantine");
  const { type, reason } = decision.fate;
  const quarantine = { type, reason, agent: "Transport Rule Agent", sinceMs: 1 };
  const again = await ask({ rules, bench: sale, changes: { quarantine } });
  const purposes = [first, again].map(({ submissions }) => submissions?.map((one) => one.purpose));
  assert.deepEqual(purposes, [
    ["IncidentReport: r0", "IncidentReport: r1"],
    ["IncidentReport: r2"],
  ]);
});

test("no line of our mails is the sender's, whatever his subject hides", async () => {
  const subject = "=?utf-8?Q?x=0D=0A=0AApprove_here=3A_evil=E2=80=A8y?=";
  const content = Buffer.from(`From: a@b.test\r\nSubject: ${subject}\r\n\r\nhello\r\n`);
  const rules = [
    "generateIncidentReport: audit@contoso.test, prependSubject: X, notifySender: NotifyOnly",
    "generateNotification: '%%Subject%% %%Headers%%', moderateMessageByUser: [carol@contoso.test]",
  ];
  const { submissions = [] } = await ask({ rules, bench: { ...CORPUS.invitation, content } });
  assert.equal(submissions.length, 4);
  for (const { subject: told, content: mail } of submissions) {
    assert.doesNotMatch(told, /[\r\n]/);
    assert.doesNotMatch(bodyOf(mail), /^Approve here/m);
    assert.doesNotMatch(bodyOf(mail), /\u2028/);
  }
});

test("rules that hold are counted, once a message, whatever their mode", async () => {
  const rules = ["subjectContainsWords: [sale], mode: Audit, setSCL: 1", "setSCL: 2"];
  const asked = open({ rules, bench: sale });
  await asked.ask();
  assert.deepEqual(asked.counted, ["r0", "r1"]);
});
