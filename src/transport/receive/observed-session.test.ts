import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionRecording, TapeDesk, TapeLine } from "../../smtp/session-tape.ts";
import type { AgentDecision } from "../tracking/agent-line.ts";
import { MachineTalk } from "./machine-talk.fake.ts";
import { NOW_MS, setUp } from "./receive-stage.fake.ts";
import { sampleConnector } from "./sample-organization.fake.ts";

/** A receive stage that is watched. */
function watched(connector = sampleConnector()) {
  const kept: SessionRecording[] = [];
  const written: TapeLine[] = [];
  const decisions: AgentDecision[] = [];
  const desk: TapeDesk = {
    clock: { nowMs: () => NOW_MS },
    nextId: () => "0000000000000001",
    isKeeping: () => true,
    keep: (recording) => void kept.push(recording),
    write: (_session, line) => void written.push(line),
  };
  const agentDecision = (decision: AgentDecision) => void decisions.push(decision);
  return { ...setUp({ connector, desk, agentDecision }), kept, written, decisions };
}

test("a recipient that nobody has: an agent's decision, and the session is kept", async () => {
  const stage = watched();
  const talk = new MachineTalk(stage.session());
  await talk.say("EHLO client.test", "MAIL FROM:<x@fabrikam.test>");
  assert.match(await talk.say("RCPT TO:<nobody@contoso.test>"), /^550 5\.1\.10/);
  await talk.say("RCPT TO:<x@elsewhere.test>", "RCPT TO:<bob@contoso.test>", "QUIT");
  const brief = stage.decisions.map(({ agent, event, reason, recipients, p1FromAddress }) => ({
    agent,
    event,
    reason,
    recipients,
    p1FromAddress,
  }));
  const filter = {
    agent: "Recipient Filter Agent",
    event: "OnRcptCommand",
    p1FromAddress: "x@fabrikam.test",
  };
  assert.deepEqual(brief, [
    { ...filter, reason: "RecipientDoesNotExist", recipients: ["nobody@contoso.test"] },
    { ...filter, reason: "RelayDenied", recipients: ["x@elsewhere.test"] },
  ]);
  assert.equal(stage.decisions[0]?.sessionId, "0000000000000001");
  assert.equal(stage.decisions[0]?.remoteEndpoint, "192.0.2.1:40000");
  assert.match(stage.decisions[0]?.smtpResponse ?? "", /^550 5\.1\.10 /);
  assert.equal(stage.kept.length, 1);
  assert.deepEqual(stage.written, [], "its connector keeps no protocol log");
});

test("a connection that is refused is one too", () => {
  const stage = watched(sampleConnector({ maxInboundConnection: 0 }));
  assert.ok("code" in stage.open({ ...HERE, remoteAddress: "192.0.2.1" }));
  assert.deepEqual(
    stage.decisions.map(({ agent, action, reason }) => `${agent} ${action} ${reason}`),
    ["Connection Filtering Agent RejectConnection ConnectionLimit"],
  );
});

const MIDDLE = ["EHLO a", "MAIL FROM:<x@fabrikam.test>"];
const HERE = { remotePort: 4000, localAddress: "192.0.2.25", localPort: 25 };

for (const [what, lines, reason, isKept] of [
  ["a peaceful end", ["EHLO a"], "client closed the connection", false],
  ["no goodbye in the middle of a message", MIDDLE, "client closed the connection", true],
  ["a lost connection", ["EHLO a"], "connection lost: read ECONNRESET", true],
  ["a knock at the door", [], "connection lost: read ECONNRESET", false],
  ["a handshake that failed", ["EHLO a"], "TLS handshake failed: no shared cipher", true],
  ["the end of the service", MIDDLE, "service stopped", false],
] as const) {
  test(`${what} is ${isKept ? "" : "not "}kept`, async () => {
    const stage = watched();
    const session = stage.session();
    const talk = new MachineTalk(session);
    await talk.say(...lines);
    session.closed(reason);
    assert.equal(stage.kept.length, isKept ? 1 : 0);
    if (isKept) assert.equal(stage.kept[0]?.reason, reason);
    if (reason.includes("ECONNRESET") && isKept) {
      assert.equal(stage.kept[0]?.lines.at(-1)?.context, "Remote(ECONNRESET)");
    }
  });
}

test("Verbose: permissions, TLS and the size of content are told", async () => {
  const stage = watched(sampleConnector({ protocolLoggingLevel: "Verbose" }));
  const talk = new MachineTalk(stage.session());
  await talk.say("EHLO a", "STARTTLS");
  await talk.say("EHLO a", "MAIL FROM:<x@fabrikam.test>", "RCPT TO:<bob@contoso.test>");
  await talk.say("DATA");
  await talk.say("Subject: x", "", "secret", ".");
  const told = stage.written.map(({ event, data, context }) => `${event}|${data}|${context}`);
  assert.match(told[1] ?? "", /^\*\|SMTPSubmit [A-Za-z ]*\|Set Session Permissions$/);
  assert.ok(told.includes("*|TLSv1.3 TLS_AES_256_GCM_SHA384|TLS negotiation succeeded"));
  assert.ok(told.includes("<|<22 octets>|"), told.join("\n"));
  assert.ok(!told.join().includes("secret"));
});
