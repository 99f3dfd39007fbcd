import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { address } from "../../mail/address.fake.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { JournalRule } from "../../org/journal-rule.ts";
import {
  organizationOf,
  sampleContact,
  sampleGroup,
  sampleMailbox,
} from "../../org/sample-objects.fake.ts";
import { MemoryQueueStore } from "../../store/queue-memory.ts";
import { CONTENT_CHUNK_BYTES, type Origin, type QueuedMessage } from "../../store/queue-store.ts";
import type { AgentSubmission, RoutingRecipient } from "../agents/routing-agent.ts";
import { createStageContent } from "../queue/staged-content.ts";
import { journalingAgent } from "./journaling-agent.ts";

const ORGANIZATION = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test, default: true }]
transportConfig: { journalingReportNdrTo: lost@contoso.test }
`);
const RULE: JournalRule = {
  name: "a",
  journalEmailAddress: address("archive@contoso.test"),
  recipient: undefined,
  scope: "Global",
  enabled: true,
};
const DIRECTORY = fakeDirectory(
  [
    { ...sampleMailbox("alice@contoso.test"), emailAddresses: [address("a.smith@contoso.test")] },
    sampleMailbox("bob@contoso.test"),
    sampleGroup("team@contoso.test"),
    sampleGroup("outer@contoso.test"),
    sampleContact("partner@contoso.test", "someone@partner.test"),
  ],
  new Map([
    [address("outer@contoso.test"), [address("team@contoso.test")]],
    [address("team@contoso.test"), [address("alice@contoso.test"), address("outer@contoso.test")]],
  ]),
);
const OURS: Origin = {
  source: "SMTP",
  connector: "",
  clientAddress: "",
  clientName: "",
  serverAddress: "",
  directionality: "Originating",
  authAs: "Internal",
  account: "bob@contoso.test",
};
const { authAs: _, account: __, ...STRANGER } = { ...OURS, directionality: "Incoming" } as const;

type Step = RoutingRecipient["steps"][number];

function recipient(to: string, more: { written?: string; steps?: readonly Step[] } = {}) {
  const { written = to, steps = [] } = more;
  return {
    recipient: {
      position: 0,
      address: address(to),
      originalRecipient: undefined,
      notify: undefined,
      attemptCount: 0,
      expiresMs: 0,
      delayNoticeMs: undefined,
      lastError: undefined,
      suspended: false,
      resolved: false,
    },
    asWritten: address(written),
    steps,
    route: undefined,
  } satisfies RoutingRecipient;
}

const CONTENT =
  "From: bob@contoso.test\r\nTo: Team <team@contoso.test>\r\nCc: dave@example.test\r\n\r\n" +
  "One.\r\n\xff--x\r\n";

async function run(
  rules: readonly Partial<JournalRule>[],
  setup: {
    readonly from?: string;
    readonly to?: readonly RoutingRecipient[];
    readonly origin?: Origin;
    readonly content?: Buffer;
    readonly message?: Partial<QueuedMessage>;
  } = {},
) {
  const { from = "bob@contoso.test", to = [recipient("dave@example.test")], origin = OURS } = setup;
  const content = setup.content ?? Buffer.from(CONTENT, "latin1");
  const store = new MemoryQueueStore();
  const agent = journalingAgent({
    directory: DIRECTORY,
    clock: fakeClock(),
    stage: createStageContent(store, () => 77),
  });
  const message: QueuedMessage = {
    id: 1,
    networkMessageId: "n",
    contentId: 1,
    contentBytes: content.length,
    envelope: {
      sender: from === "" ? "" : address(from),
      body: "7BIT",
      smtpUtf8: false,
      ret: undefined,
      envid: undefined,
    },
    edits: [{ kind: "prepend", text: "Received: from x\r\n" }],
    internetMessageId: "<1@contoso.test>",
    subject: "Öl",
    headerFrom: from,
    receivedMs: 0,
    priority: "Normal",
    origin,
    ...setup.message,
  };
  const organization = {
    ...ORGANIZATION,
    journalRules: rules.map((one) => ({ ...RULE, ...one })),
  };
  if (!agent.hears(organization)) return { store, submission: undefined };
  const piece = (index: number) => {
    const at = index * CONTENT_CHUNK_BYTES;
    return at < content.length ? content.subarray(at, at + CONTENT_CHUNK_BYTES) : undefined;
  };
  const answer = await agent.on.OnRoutedMessage?.({
    organization,
    message,
    recipients: to,
    content: { bytes: content.length, peek: piece, read: async (index) => piece(index) },
  });
  const submissions = answer?.submissions ?? [];
  assert.ok(submissions.length <= 1);
  return { store, submission: submissions[0] };
}

function textOf(submission: AgentSubmission | undefined): string {
  return Buffer.concat(submission?.content ?? []).toString("latin1");
}

const toTeam = recipient("alice@contoso.test", {
  written: "team@contoso.test",
  steps: [{ kind: "group", key: "team@contoso.test" }],
});
const forwarded = recipient("x@example.test", {
  written: "carol@contoso.test",
  steps: [{ kind: "forward", key: "carol@contoso.test" }],
});
const toDave = recipient("dave@example.test");

test("a report has the message octet for octet, and names everybody", async () => {
  const { submission } = await run([{}], { to: [toTeam, toDave, forwarded] });
  const text = textOf(submission);
  const boundary = /boundary="(journal_\w+)"/.exec(text)?.[1] ?? "";
  const [header = "", summary = "", attached = "", end] = text.split(`--${boundary}`);
  assert.match(header, /^From: "Journaling" <postmaster@contoso\.test>\r\n/);
  assert.match(header, /^To: <archive@contoso\.test>\r\nSubject: =\?utf-8\?B\?w5Zs\?=\r\n/m);
  assert.match(header, /^X-MS-Journal-Report:\r\n/m);
  assert.match(header, /^Content-Type: multipart\/mixed;/m);
  const [fields = "", body = ""] = summary.split("\r\n\r\n");
  assert.match(fields, /text\/plain; charset=utf-8/);
  const want = [
    "Sender: bob@contoso.test",
    "Subject: =C3=96l",
    "Message-Id: <1@contoso.test>",
    "To: alice@contoso.test, Expanded: team@contoso.test",
    "Cc: dave@example.test",
    "Bcc: x@example.test, Forwarded: carol@contoso.test",
  ];
  assert.equal(body, want.join("\r\n"));
  const original = attached.slice(attached.indexOf("\r\n\r\n") + 4);
  assert.equal(original, `Received: from x\r\n${CONTENT}\r\n`);
  assert.match(attached, /Content-Type: message\/rfc822/);
  assert.equal(end, "--\r\n");
  assert.deepEqual(submission?.recipients, ["archive@contoso.test"]);
  assert.equal(submission.sender, "");
  assert.equal(submission.alternateRecipient, "lost@contoso.test");
});

test("of strangers' mail it is not believed how it was addressed", async () => {
  const { submission } = await run([{}], { to: [toTeam], origin: STRANGER });
  assert.match(textOf(submission), /^Recipient: alice@contoso\.test, Expanded: team@/m);
});

const inside = recipient("bob@contoso.test");
const ARCHIVE2 = address("second@example.test");

for (const [why, rules, setup, want] of [
  ["switched off", [{ enabled: false }], {}, undefined],
  ["everybody", [{}], {}, ["archive@contoso.test"]],
  [
    "two rules for two mailboxes are one report",
    [
      {},
      { journalEmailAddress: ARCHIVE2 },
      { journalEmailAddress: address("Archive@contoso.test") },
    ],
    {},
    ["archive@contoso.test", "second@example.test"],
  ],
  ["its sender", [{ recipient: address("bob@contoso.test") }], {}, ["archive@contoso.test"]],
  [
    "its sender by another address",
    [{ recipient: address("alice@contoso.test") }],
    { from: "A.Smith@contoso.test" },
    ["archive@contoso.test"],
  ],
  ["somebody else", [{ recipient: address("alice@contoso.test") }], {}, undefined],
  [
    "a recipient whose mail is forwarded",
    [{ recipient: address("carol@contoso.test") }],
    { to: [forwarded] },
    ["archive@contoso.test"],
  ],
  [
    "a contact outside",
    [{ recipient: address("partner@contoso.test") }],
    { to: [recipient("Someone@partner.test")] },
    ["archive@contoso.test"],
  ],
  [
    "a member of a group in a group, in a circle",
    [{ recipient: address("outer@contoso.test") }],
    { from: "alice@contoso.test" },
    ["archive@contoso.test"],
  ],
  ["no member", [{ recipient: address("outer@contoso.test") }], {}, undefined],
  [
    "internal: from ours to ours",
    [{ scope: "Internal" }],
    { to: [inside] },
    ["archive@contoso.test"],
  ],
  ["internal: to others only", [{ scope: "Internal" }], {}, undefined],
  [
    "internal: from strangers",
    [{ scope: "Internal" }],
    { to: [inside], origin: STRANGER },
    undefined,
  ],
  [
    "external: to others",
    [{ scope: "External" }],
    { to: [inside, toDave] },
    ["archive@contoso.test"],
  ],
  ["external: from ours to ours", [{ scope: "External" }], { to: [inside] }, undefined],
  [
    "external: from a stranger who claims to be ours",
    [{ scope: "External" }],
    { to: [inside], origin: STRANGER },
    ["archive@contoso.test"],
  ],
  ["to the journaling mailbox", [{}], { to: [recipient("ARCHIVE@contoso.test")] }, undefined],
  [
    "to it and others",
    [{}],
    { to: [recipient("archive@contoso.test"), toDave] },
    ["archive@contoso.test"],
  ],
  ["from the mailbox of lost reports", [{}], { from: "lost@contoso.test" }, undefined],
  [
    "from a stranger who claims to be the journaling mailbox",
    [{}],
    { from: "archive@contoso.test", to: [inside], origin: STRANGER },
    ["archive@contoso.test"],
  ],
  [
    "from one of ours who writes in its name",
    [{}],
    { message: { headerFrom: "archive@contoso.test" } },
    ["archive@contoso.test"],
  ],
  [
    "a report of another server of ours",
    [{}],
    { message: { firewalledNames: ["x-ms-exchange-organization-journal-report"] } },
    undefined,
  ],
] as const) {
  test(`journaling: ${why}`, async () => {
    const { submission } = await run(rules, setup);
    assert.deepEqual(submission?.recipients, want);
  });
}

test("the report on a large message goes to the store piece by piece, whole", async () => {
  const content = Buffer.alloc(3 * CONTENT_CHUNK_BYTES * 2 + 5, "From: x\r\n");
  const { submission, store } = await run([{}], { content });
  const { staged } = submission ?? {};
  assert.ok(staged !== undefined);
  const pieces: Uint8Array[] = [];
  for (let index = 0; index < staged.firstChunk; index += 1) {
    const piece = await store.readContent(staged.contentId, index);
    assert.equal(piece?.length, CONTENT_CHUNK_BYTES);
    pieces.push(piece);
  }
  pieces.push(staged.rest);
  const whole = Buffer.concat(pieces);
  assert.equal(whole.length, staged.bytes);
  assert.ok(whole.includes(content));
  assert.ok(whole.subarray(0, staged.head.length).equals(staged.head));
  assert.match(whole.subarray(-50).toString(), /\r\n--journal_\w+--\r\n$/);
});

test("what a subject says cannot be taken for a line of the report", async () => {
  const subject = "x\r\nBcc: nobody@contoso.test\u2028To: y";
  const { submission } = await run([{}], { message: { subject } });
  assert.doesNotMatch(textOf(submission), /^(?:Bcc|To): (?:nobody|y)/m);
});

test("a directory that fails is no reason to leave a report out", async () => {
  DIRECTORY.fail(new Error("down"));
  await assert.rejects(run([{ recipient: address("outer@contoso.test") }]), /down/);
  DIRECTORY.fail(undefined);
});
