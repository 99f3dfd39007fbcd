import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../base/clock.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { address } from "../../mail/address.fake.ts";
import type { Envelope } from "../../mail/envelope.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { FakeMilter, type FakeMilterScript, indexed, texts } from "../../scan/milter.fake.ts";
import { formatMilterPacket, MILTER_PROTOCOL } from "../../scan/milter-wire.ts";
import type { AgentSession, IncomingMessage, MessageAnswer } from "../agents/receive-agent.ts";
import { milterAgent } from "./milter-agent.ts";

interface TestScope {
  after(cleanup: () => Promise<void> | void): void;
}

const agent = milterAgent({
  clock: systemClock,
  diagnostics: silentDiagnostics,
  lookup: () => Promise.resolve([]),
});

const ENVELOPE: Envelope = {
  sender: address("ann@client.test"),
  body: "8BITMIME",
  smtpUtf8: false,
  ret: undefined,
  envid: undefined,
};
const HEADER = "From: ann@client.test\r\nSubject: hi\r\n";

function sessionOf(t: TestScope, milters: readonly string[]): AgentSession {
  const connector: Partial<AgentSession["connector"]> = {
    name: "Default Frontend",
    fqdn: "mail.contoso.test",
  };
  const session: Partial<AgentSession> = {
    organization: organizationOf(`milters: [${milters.join(", ")}]`),
    connector: connector as AgentSession["connector"],
    connection: {
      ...{ remoteAddress: "192.0.2.1", remotePort: 25 },
      ...{ localAddress: "192.0.2.25", localPort: 25 },
    },
    remoteAddress: "192.0.2.1",
    client: { helo: "client.test", extended: true, tls: undefined },
    logon: "alice@contoso.test (Outlook)",
  };
  t.after(() => void agent.on.OnDisconnect?.(session as AgentSession));
  return session as AgentSession;
}

async function start(t: TestScope, script: FakeMilterScript = {}) {
  const milter = new FakeMilter(script);
  const port = await milter.listen();
  t.after(() => milter.close());
  return { milter, port };
}

const recipient = {
  address: address("alice@contoso.test"),
  originalRecipient: undefined,
  notify: undefined,
};

/** A whole message: what is said to MAIL, to RCPT, or at the end. */
async function tell(
  session: AgentSession,
  content: () => AsyncIterable<Uint8Array> = hello,
): Promise<MessageAnswer | undefined> {
  const subject = { session, envelope: ENVELOPE };
  for (const answer of [
    await agent.on.OnMailCommand?.(subject),
    await agent.on.OnRcptCommand?.({ ...subject, recipient, given: recipient.address }),
    await agent.on.OnDataCommand?.(subject),
  ]) {
    if (answer !== undefined && answer.kind !== "accept") return answer;
  }
  const message: Partial<IncomingMessage> = {
    ...subject,
    recipients: [recipient],
    headerBytes: Buffer.from(HEADER),
    edits: [],
    bytes: HEADER.length + 9,
    content,
  };
  const answer = await agent.on.OnEndOfData?.(message as IncomingMessage);
  await agent.on.OnRsetCommand?.(session);
  return answer;
}

async function* hello(): AsyncGenerator<Uint8Array> {
  // In the middle of the empty line.
  yield Buffer.from(`${HEADER}\r`);
  yield Buffer.from("\nhello\r\n");
}

const at = (code: string, ...packets: readonly Uint8Array[]): FakeMilterScript => ({
  answer: (packet) => (packet.code === code ? [...packets, formatMilterPacket("c")] : undefined),
});
const told = (milter: FakeMilter, codes: string) =>
  milter.told.filter((line) => codes.includes(line.charAt(0)));

test("milter agent: the second one sees what the first has changed", async (t) => {
  const body = formatMilterPacket("b", "new\nbody");
  const one = await start(t, at("E", indexed("m", 1, "Subject", "one"), body));
  const two = await start(t, at("E", texts("h", "X-Two", "2"), indexed("m", 1, "From", "")));
  const session = sessionOf(t, [
    `{ name: Two, endpoint: "127.0.0.1:${two.port}", priority: 2 }`,
    `{ name: One, endpoint: "127.0.0.1:${one.port}", priority: 1 }`,
  ]);
  await agent.on.OnConnect?.(session);
  await agent.on.OnEhloCommand?.(session);
  const answer = await tell(session);
  assert.deepEqual(told(one.milter, "LB"), [
    "L From|ann@client.test|",
    "L Subject|hi|",
    "B hello\r\n",
  ]);
  assert.deepEqual(told(two.milter, "LB"), [
    "L From|ann@client.test|",
    "L Subject|one|",
    "B new\r\nbody",
  ]);
  assert.ok(answer?.kind === "accept");
  assert.deepEqual(answer.edits, [
    { kind: "removeAt", name: "from", positions: [0] },
    {
      kind: "replaceAt",
      name: "subject",
      position: 0,
      changes: [{ offset: 8, length: 3, text: " one" }],
    },
    { kind: "append", text: "X-Two: 2\r\n" },
  ]);
  assert.equal(Buffer.concat([...(answer.content ?? [])]).toString(), `${HEADER}\r\nnew\r\nbody`);
});

test("milter agent: what it is told of client, logon and message", async (t) => {
  const { milter, port } = await start(t);
  const session = sessionOf(t, [
    `{ name: A, endpoint: "127.0.0.1:${port}", macros: ["data:{x}"], macroDefaults: ["{x}=y"] }`,
  ]);
  await agent.on.OnConnect?.(session);
  await agent.on.OnEhloCommand?.(session);
  await tell(session);
  const [connect = "", , ehlo, mail = "", mailCommand, rcpt = ""] = milter.told;
  assert.match(connect, /^D Cj\|mail\.contoso\.test\|\{daemon_name\}\|Default Frontend\|/);
  assert.match(connect, /\|v\|Postrider\|_\|\[192\.0\.2\.1\]\|\{client_addr\}\|192\.0\.2\.1\|/);
  assert.equal(ehlo, "H client.test|");
  assert.match(mail, /^D Mi\|[0-9A-F]{12}\|\{auth_type\}\|SASL\|\{auth_authen\}\|alice@contoso/);
  assert.match(mail, /\|\{mail_addr\}\|ann@client\.test\|\{mail_host\}\|client\.test\|/);
  assert.equal(mailCommand, "M <ann@client.test>|BODY=8BITMIME|");
  assert.match(rcpt, /\|\{rcpt_addr\}\|alice@contoso\.test\|\{rcpt_host\}\|contoso\.test\|/);
  assert.match(milter.told.find((line) => line.startsWith("D T")) ?? "", /\|\{x\}\|y\|$/);
});

test("milter agent: a body that nobody wants is not read", async (t) => {
  const { port } = await start(t, { agrees: { protocol: MILTER_PROTOCOL.noBody } });
  const accepting = await start(t, { answer: () => [formatMilterPacket("a")] });
  const session = sessionOf(t, [
    `{ name: A, endpoint: "127.0.0.1:${port}" }`,
    `{ name: B, endpoint: "127.0.0.1:${accepting.port}" }`,
  ]);
  await agent.on.OnConnect?.(session);
  const answer = await tell(session, () => assert.fail("read"));
  assert.deepEqual(answer, { kind: "accept" });
});

test("milter agent: what it wants with the envelope", async (t) => {
  const { port } = await start(
    t,
    at(
      "E",
      texts("e", "<new@b.test>"),
      texts("+", "<more@b.test>"),
      texts("2", "other@b.test", "NOTIFY=NEVER"),
      texts("-", "<other@b.test>"),
      texts("-", "<alice@contoso.test>"),
      texts("+", "no address"),
    ),
  );
  const session = sessionOf(t, [`{ name: A, endpoint: "127.0.0.1:${port}" }`]);
  await agent.on.OnConnect?.(session);
  assert.deepEqual(await tell(session), {
    kind: "accept",
    sender: "new@b.test",
    addRecipients: ["more@b.test"],
    removeRecipients: ["other@b.test", "alice@contoso.test"],
  });
});

for (const [failMode, want] of [
  ["Defer", "refuse 451"],
  ["Reject", "refuse 550"],
  ["Accept", "accept"],
  ["Quarantine", "quarantine"],
] as const) {
  test(`milter agent: gone from the start, gone in the middle: ${failMode}`, async (t) => {
    const said = (answer: MessageAnswer | undefined) =>
      answer?.kind === "refuse" ? `refuse ${answer.reply.code}` : answer?.kind;
    const gone = sessionOf(t, [`{ name: A, endpoint: "127.0.0.1:1", failMode: ${failMode} }`]);
    await agent.on.OnConnect?.(gone);
    assert.equal(said(await tell(gone)), want);
    let breaks = true;
    const { milter, port } = await start(t, {
      answer: ({ code }) => (code === "N" && breaks ? [formatMilterPacket("Z")] : undefined),
    });
    const text = `{ name: A, endpoint: "127.0.0.1:${port}", failMode: ${failMode} }`;
    const session = sessionOf(t, [text]);
    await agent.on.OnConnect?.(session);
    assert.equal(said(await tell(session)), want);
    // With the next message it is asked again, over another connection.
    breaks = false;
    assert.equal(said(await tell(session)), "accept");
    assert.equal(milter.connections, 2);
  });
}

test("milter agent: those for other connectors, and those switched off, cost nothing", (t) => {
  const hears = (text: string) =>
    agent.hears(sessionOf(t, [`{ name: A, endpoint: "h:1", ${text} }`]));
  assert.equal(hears("enabled: true"), true);
  assert.equal(hears("enabled: false"), false);
  assert.equal(hears("connectors: [default frontend]"), true);
  assert.equal(hears("connectors: [Another]"), false);
  assert.equal(agent.hears(sessionOf(t, [])), false);
});
