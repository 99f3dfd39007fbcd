import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../base/clock.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { ok } from "../../base/result.ts";
import { readSpamSigns } from "../../content/spam-signs.ts";
import { address } from "../../mail/address.fake.ts";
import { BytePeer } from "../../net/byte-peer.fake.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import { organizationOf, sampleMailbox } from "../../org/sample-objects.fake.ts";
import type { AgentSession, IncomingMessage, MessageAnswer } from "../agents/receive-agent.ts";
import { contentFilterAgent } from "./content-filter-agent.ts";
import type { RatingTools } from "./spam-rating.ts";

const directory = fakeDirectory([
  sampleMailbox("alice@contoso.test", { safeSenders: ["friend.test"] }),
  sampleMailbox("bob@contoso.test", { antispamBypassEnabled: true }),
  sampleMailbox("carol@contoso.test"),
]);

const tools: RatingTools = {
  clock: systemClock,
  diagnostics: silentDiagnostics,
  lookup: () => Promise.resolve([]),
  resolver: { lookup: async () => ({ kind: "nxdomain", authenticated: false }) },
  findSigns: async (source, question) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of source.content()) pieces.push(piece);
    return ok(readSpamSigns(Buffer.concat(pieces), question));
  },
};

const agent = contentFilterAgent(directory, tools);

const HEADER =
  "From: Ann <ann@client.test>\r\nTo: alice@contoso.test\r\nSubject: hi\r\n" +
  "Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@client.test>\r\n";

function sessionOf(text: string, more: Partial<AgentSession> = {}): AgentSession {
  const session: Partial<AgentSession> = {
    organization: organizationOf(text),
    remoteAddress: "192.0.2.1",
    client: { helo: "client.test", extended: true, tls: undefined },
    rights: new Set(),
    isAuthenticated: false,
    findings: {},
    logon: "",
    ...more,
  };
  const connector: Partial<AgentSession["connector"]> = { fqdn: "mail.contoso.test" };
  return { ...session, connector } as AgentSession;
}

async function judge(
  config: string,
  given: {
    readonly body?: string;
    readonly from?: string;
    readonly to?: readonly string[];
    readonly session?: Partial<AgentSession>;
    readonly more?: string;
    readonly author?: string;
  } = {},
): Promise<MessageAnswer | undefined> {
  const { body = "hello", from = "ann@client.test", to = ["alice@contoso.test"] } = given;
  const header = HEADER.replace("ann@client.test", given.author ?? "ann@client.test");
  const content = Buffer.from(`${header}\r\n${body}\r\n`);
  const yaml = `contentFilterConfig: { enabled: true, ${config} }\n${given.more ?? ""}`;
  const message: Partial<IncomingMessage> = {
    session: sessionOf(yaml, given.session),
    envelope: {
      sender: address(from),
      body: "7BIT",
      smtpUtf8: false,
      ret: undefined,
      envid: undefined,
    },
    recipients: to.map((one) => ({
      address: address(one),
      originalRecipient: undefined,
      notify: undefined,
    })),
    headerBytes: Buffer.from(header),
    edits: [],
    bytes: content.length,
    async *content() {
      yield content;
    },
  };
  return agent.on.OnEndOfData?.(message as IncomingMessage);
}

function levelOf(answer: MessageAnswer | undefined): number | string | undefined {
  return answer?.kind === "accept" ? answer.findings?.scl : answer?.kind;
}

const WORD = "contentFilterPhrases: [{ name: buy it, influence: BadWord }]";

const forged = (found: Record<string, unknown>) => {
  const none = { result: "none" };
  const dmarc = { ...none, domain: "" };
  const authentication = { spf: none, dkim: [], dmarc, iprev: none, ...found };
  return { findings: { authentication } } as unknown as Partial<AgentSession>;
};
const SPF_FAIL = { result: "fail", identity: "mailfrom", domain: "friend.test" };

for (const [why, config, from, session] of [
  ["a safe sender, with SPF that fails", "", "a@friend.test", forged({ spf: SPF_FAIL })],
  ["a safe sender, with no SPF", "", "a@friend.test", forged({})],
  ["a safe author, with no DMARC and no signature", "", "a@elsewhere.test", forged({})],
  [
    "a bypassed sender, with SPF that fails",
    "bypassedSenderDomains: [friend.test]",
    "a@friend.test",
    forged({ spf: SPF_FAIL }),
  ],
  [
    "a safe author, with DMARC that fails",
    "",
    "a@elsewhere.test",
    forged({ dmarc: { result: "fail" } }),
  ],
] as const) {
  test(`content filter: rated for all that it looks like: ${why}`, async () => {
    const to = ["alice@contoso.test"];
    const author = from === "a@friend.test" ? "ann@client.test" : "a@friend.test";
    const given = { from, to, body: "buy it", more: WORD, author };
    assert.equal(levelOf(await judge(config, { ...given, session })), "refuse");
    // Where nothing was checked, it is believed.
    assert.equal(levelOf(await judge(config, given)), -1);
  });
}

test("content filter: a safe sender whom SPF bears out, and a safe author by DMARC", async () => {
  const to = ["alice@contoso.test"];
  const spf = { result: "pass", identity: "mailfrom", domain: "friend.test" };
  const given = { to, body: "buy it", more: WORD };
  const sent = { ...given, from: "a@friend.test", session: forged({ spf }) };
  assert.equal(levelOf(await judge("", sent)), -1);
  const dmarc = { result: "pass", domain: "friend.test" };
  const written = { ...given, author: "a@friend.test", session: forged({ dmarc }) };
  assert.equal(levelOf(await judge("", written)), -1);
});

test("content filter: what passes has its level, what does not is acted on", async () => {
  assert.equal(levelOf(await judge("")), 0);
  const bad = { body: "buy it", more: WORD };
  assert.equal(levelOf(await judge("", bad)), "refuse");
  assert.equal(levelOf(await judge("sclRejectEnabled: false", bad)), 9);
  const keeps = "sclRejectEnabled: false, sclQuarantineEnabled: true";
  assert.equal(levelOf(await judge(keeps, bad)), "quarantine");
  assert.equal(levelOf(await judge("sclDeleteEnabled: true", bad)), "discard");
});

for (const [why, config, given, want] of [
  ["a sender", "bypassedSenders: [ann@client.test]", {}, -1],
  ["a domain", "bypassedSenderDomains: [client.test]", {}, -1],
  [
    "a domain, not what is below it",
    "bypassedSenderDomains: [client.test]",
    { from: "a@x.client.test" },
    "refuse",
  ],
  [
    "what is below a domain",
    'bypassedSenderDomains: ["*.client.test"]',
    { from: "a@x.client.test" },
    -1,
  ],
  [
    "another domain",
    'bypassedSenderDomains: ["*.client.test"]',
    { from: "a@notclient.test" },
    "refuse",
  ],
  ["the only recipient", "bypassedRecipients: [alice@contoso.test]", {}, -1],
  [
    "one of two recipients",
    "bypassedRecipients: [alice@contoso.test]",
    { to: ["alice@contoso.test", "carol@contoso.test"] },
    "refuse",
  ],
  ["a mailbox's own wish", "", { to: ["bob@contoso.test"] }, -1],
  ["a safe sender of all", "", { from: "a@friend.test" }, -1],
  [
    "a safe sender of some",
    "",
    { from: "a@friend.test", to: ["alice@contoso.test", "carol@contoso.test"] },
    "refuse",
  ],
] as const) {
  test(`content filter: bypassed: ${why}`, async () => {
    assert.equal(levelOf(await judge(config, { body: "buy it", more: WORD, ...given })), want);
  });
}

test("content filter: whose mail it looks at", async () => {
  const isAuthenticated = true;
  assert.equal(await judge("", { session: { isAuthenticated } }), undefined);
  const own = "internalMailEnabled: true";
  assert.equal(levelOf(await judge(own, { session: { isAuthenticated } })), 0);
  assert.equal(await judge("", { session: { findings: { isAllowed: true } } }), undefined);
  const blocked = await judge("", { session: { findings: { isSenderBlocked: true } } });
  assert.equal(levelOf(blocked), 6);
  assert.equal(agent.hears(sessionOf("contentFilterConfig: { enabled: true }")), true);
  // Off until somebody has chosen who rates.
  assert.equal(agent.hears(sessionOf("")), false);
});

test("content filter: rspamd's fields, its level and its own word", async (t) => {
  const answers = [
    {
      action: "add header",
      score: 1,
      milter: {
        add_headers: { "X-Spam": "yes\r\nEvil: x", "X-MS-Exchange-Organization-SCL": "-1" },
        remove_headers: { "X-Old": 0, "X-Second": 2, Received: 0 },
      },
    },
    { action: "soft reject", score: 1, messages: { smtp_message: "Too fast" } },
    { action: "reject", score: 1 },
  ];
  const peer = new BytePeer(async (talk, connection) => {
    await talk.until((bytes) => bytes.includes("hello\r\n"));
    const body = JSON.stringify(answers[connection - 1]);
    talk.say(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  });
  await peer.listen();
  t.after(() => peer.close());
  const config = `source: Rspamd, endpoint: "127.0.0.1:${peer.port}"`;
  const added = await judge(config);
  assert.ok(added?.kind === "accept");
  assert.equal(added.findings?.scl, 5);
  assert.deepEqual(added.edits, [
    { kind: "remove", name: "X-Old" },
    { kind: "removeAt", name: "X-Second", positions: [1] },
    { kind: "prepend", text: "X-Spam: yes\r\n Evil: x\r\n" },
  ]);
  const later = await judge(config);
  assert.ok(later?.kind === "refuse" && later.reply.code === 451);
  assert.deepEqual(later.reply.lines, ["Too fast"]);
  assert.equal(levelOf(await judge(config)), "refuse");
  await peer.close();
  await assert.rejects(judge(config), /no rating: unreachable/);
});
