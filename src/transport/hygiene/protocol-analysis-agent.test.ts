import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { HOUR } from "../../base/units.ts";
import { unknownAuthentication } from "../../mailauth/sender-authentication.ts";
import type { AgentSession, Findings, IncomingMessage } from "../agents/receive-agent.ts";
import {
  type FakeSession,
  fakeSession,
  headerSubject,
  hearsSession,
} from "./agent-session.fake.ts";
import { protocolAnalysisAgent, type SourceToBlock } from "./protocol-analysis-agent.ts";
import { createReputationMemory, ReputationTable } from "./reputation-table.ts";

const NOW_MS = Date.parse("2026-06-01T00:00:00Z");

function open() {
  const reputation = new ReputationTable(createReputationMemory());
  const blocked: SourceToBlock[] = [];
  const agent = protocolAnalysisAgent({
    clock: fakeClock(NOW_MS),
    reputation,
    blocked: (source) => void blocked.push(source),
  });
  return {
    agent,
    blocked,
    profile: (address = "192.0.2.1") => reputation.read(address, NOW_MS)?.profile,
    /** A message of a session; resolves with what is written into its report. */
    async send(session: AgentSession, header = "Subject: x\r\n") {
      const subject = headerSubject(session, { from: "", recipients: [], header });
      const message: IncomingMessage = { ...subject, bytes: 0, async *content() {} };
      const answer = await agent.on.OnEndOfData?.(message);
      return answer?.kind === "accept" ? answer.findings?.report : undefined;
    },
  };
}

function session(helo: string, findings: Findings = {}, facts: FakeSession = {}): AgentSession {
  const own = fakeSession({ ...facts, findings });
  return { ...own, client: { ...own.client, helo } };
}

test("what is known of a message and its client is counted", async () => {
  const { send, profile } = open();
  const asked = { clientAddress: "", helo: "", sender: "", serverName: "" };
  const unknown = unknownAuthentication({ ...asked });
  const failed = {
    ...unknown,
    spf: { ...unknown.spf, result: "fail" },
    iprev: { result: "fail" },
  } as const;
  await send(session("mail.contoso.test"));
  await send(session("nonsense", { scl: 6, authentication: unknown }));
  await send(session("CONTOSO.test", { scl: 4, authentication: failed }));
  await send(session("[192.0.2.1]", { scl: -1 }));
  assert.deepEqual(profile(), {
    messages: 4,
    rated: 2,
    spam: 1,
    unauthenticated: 1,
    nameless: 1,
    oddHello: 1,
    ownHello: 2,
    unknownRecipients: 0,
    refused: 0,
    helloNames: profile()?.helloNames,
  });
});

test("refusals count by what they say; protocol, limits and 4xx say nothing", async () => {
  const { agent, profile } = open();
  const reject = (code: number, status: string) =>
    agent.on.OnReject?.({ session: fakeSession(), reply: { code, status, lines: [] } });
  for (const status of ["5.1.1", "5.1.10", "5.1.0", "5.7.1", "5.5.1", "5.3.4"]) {
    await reject(550, status);
  }
  await reject(451, "4.7.1");
  assert.deepEqual([profile()?.unknownRecipients, profile()?.refused], [2, 2]);
});

test("a source with a bad name is blocked for as long as the settings say", async () => {
  const { send, blocked, profile } = open();
  for (let count = 0; count < 19; count += 1) await send(session("a.test", { scl: 9 }));
  assert.deepEqual(blocked, []);
  assert.deepEqual(await send(session("a.test", { scl: 9 })), ["SRL:7", "OrigIP:192.0.2.1"]);
  assert.deepEqual(blocked, [
    {
      address: "192.0.2.1",
      level: 7,
      untilMs: NOW_MS + 24 * HOUR,
      reasons: ["SpamShare 1.00"],
    },
  ]);
  assert.equal(profile()?.messages, 0, "what was counted begins anew");
});

test("a message that was rated and kept out counts as one, once", async () => {
  const { send, agent, profile } = open();
  const rated = session("a.test", { scl: 9 });
  await agent.on.OnRsetCommand?.(rated);
  assert.deepEqual([profile()?.messages, profile()?.spam], [1, 1]);
  await send(rated);
  await agent.on.OnRsetCommand?.(rated);
  assert.deepEqual([profile()?.messages, profile()?.spam], [2, 2]);
  await agent.on.OnRsetCommand?.(session("a.test"));
  assert.equal(profile()?.messages, 2, "RSET without a message");
});

test("of IPv6 the whole network is blocked", async () => {
  const { send, blocked } = open();
  for (let count = 1; count <= 20; count += 1) {
    await send(session("a.test", { scl: 9 }, { remoteAddress: `2001:db8::${count}` }));
  }
  assert.deepEqual(
    blocked.map(({ address }) => address),
    ["2001:db8::/64"],
  );
});

test("where blocking is off, sources are watched", async () => {
  const { send, blocked } = open();
  const yaml = "senderReputationConfig: { senderBlockingEnabled: false }";
  for (let count = 0; count < 30; count += 1) {
    await send(session("a.test", { scl: 9 }, { yaml }));
  }
  assert.deepEqual(blocked, []);
});

test("behind a server of ours the one before it is counted, without its HELO", async () => {
  const { send, profile, agent } = open();
  const yaml = "transportConfig: { internalSMTPServers: [10.0.0.0/8] }";
  const internal = session("odd", {}, { yaml, remoteAddress: "10.0.0.1" });
  await send(internal, "Received: from a (a [192.0.2.1]) by edge; date\r\n");
  assert.deepEqual([profile()?.messages, profile()?.oddHello], [1, 0]);
  const reply = { code: 550, status: "5.1.1", lines: [] };
  await agent.on.OnReject?.({ session: internal, reply });
  assert.equal(profile("10.0.0.1"), undefined);
});

test("this machine and own people are not watched", () => {
  const { agent } = open();
  assert.equal(hearsSession(agent, fakeSession()), true);
  for (const facts of [
    { remoteAddress: "127.0.0.1" },
    { remoteAddress: "::1" },
    { isAuthenticated: true },
    { yaml: "senderReputationConfig: { enabled: false }" },
  ]) {
    assert.equal(hearsSession(agent, fakeSession(facts)), false);
  }
});
