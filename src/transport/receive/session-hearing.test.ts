import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../mail/address.ts";
import type { Organization } from "../../org/organization.ts";
import { CONTENT_CHUNK_BYTES } from "../../store/queue-store.ts";
import type {
  AgentSession,
  ReceiveAgent,
  ReceiveEvent,
  ReceiveHandlers,
} from "../agents/receive-agent.ts";
import type { AgentDecision } from "../tracking/agent-line.ts";
import {
  CLIENT,
  codeOf,
  MESSAGE,
  mail,
  onlySubmission,
  outgoing,
  rcpt,
  send,
  setUp,
} from "./receive-stage.fake.ts";

function agent(name: string, on: ReceiveHandlers, more: Partial<ReceiveAgent> = {}): ReceiveAgent {
  const events = Object.keys(on) as ReceiveEvent[];
  return { agent: { name, priority: 1, events, doc: "A test." }, on, hears: () => true, ...more };
}

const REPLY = { code: 554, status: "5.7.1", lines: ["Not you"] } as const;
const refusing = { kind: "refuse", reply: REPLY, reason: "Listed" } as const;
const nothing = () => undefined;

test("each event is told of once, in order", async () => {
  const heard: string[] = [];
  const note = (event: string) => () => void heard.push(event);
  const stage = setUp({
    agents: [
      agent("Ear", {
        OnConnect: note("connect"),
        OnEhloCommand: note("ehlo"),
        OnMailCommand: note("mail"),
        OnRcptCommand: note("rcpt"),
        OnDataCommand: note("data"),
        OnEndOfHeaders: note("headers"),
        OnEndOfData: note("end"),
        OnRsetCommand: note("rset"),
        OnDisconnect: note("disconnect"),
      }),
    ],
  });
  const session = stage.session();
  await send(session, MESSAGE);
  session.closed("QUIT");
  const all = ["connect", "ehlo", "mail", "rcpt", "data", "headers", "end", "rset", "disconnect"];
  assert.deepEqual(heard, all);
});

test("what was refused at the connection is said at MAIL, and logged as what it was", async () => {
  const decisions: AgentDecision[] = [];
  const stage = setUp({
    agents: [agent("Door", { OnConnect: async () => refusing })],
    agentDecision: (decision) => decisions.push(decision),
  });
  assert.match(codeOf(await mail(stage.session(), "a@b.test")), /^554 5\.7\.1 /);
  assert.deepEqual(
    decisions.map(({ event, action, reason }) => [event, action, reason]),
    [["OnConnect", "RejectConnection", "Listed"]],
  );
});

test("a recipient that an agent refuses is not among those that get the message", async () => {
  let refused = "";
  let refuses = true;
  const stage = setUp({
    agents: [
      agent("Picky", {
        OnRcptCommand: ({ recipient }) => {
          if (!refuses) return undefined;
          refused = recipient.address;
          return refusing;
        },
        OnReject: nothing,
      }),
    ],
  });
  const session = stage.session();
  await mail(session, "a@b.test");
  assert.match(await rcpt(session, "bob@contoso.test"), /^554 5\.7\.1 /);
  assert.equal(refused, "bob@contoso.test");
  refuses = false;
  await rcpt(session, "b.smith@contoso.test");
  const sink = session.beginContent(CLIENT);
  assert.ok("write" in sink);
  await sink.write(Buffer.from(MESSAGE));
  await sink.end();
  assert.deepEqual(
    onlySubmission(stage).recipients.map(({ address }) => address),
    ["b.smith@contoso.test"],
  );
});

test("findings reach later agents, become stamps, and are forgotten with the message", async () => {
  const seen: unknown[] = [];
  const stage = setUp({
    agents: [
      agent("Rater", {
        OnConnect: () => ({ kind: "accept", findings: { report: ["OrigIP:192.0.2.1"] } }),
        OnEndOfData: async () => ({
          kind: "accept",
          findings: { scl: 6, report: ["SCL:6\r\nX-Evil: 1"] },
        }),
      }),
      agent("Reader", {
        OnMailCommand: ({ session }) => void seen.push(session.findings.scl),
        OnEndOfData: ({ session }) => void seen.push(session.findings.scl),
      }),
    ],
  });
  const session = stage.session();
  await send(session, MESSAGE);
  assert.equal(onlySubmission(stage).message.scl, 6);
  const { edits } = onlySubmission(stage).message;
  const [prepended] = edits.filter(
    (edit) => edit.kind === "prepend" && edit.text.includes("SCL: 6"),
  );
  assert.ok(prepended?.kind === "prepend");
  assert.match(prepended.text, /Antispam-Report: OrigIP:192\.0\.2\.1;\r\n SCL:6\?\?X-Evil: 1;\r\n/);
  await send(session, MESSAGE);
  assert.deepEqual(seen, [undefined, 6, undefined, 6]);
});

test("sender, recipients and content as an agent has them are what is submitted", async () => {
  const changed = MESSAGE.replace(/\r\n\r\nHello\r\n$/, "\r\n\r\nAnother body\r\n");
  const stage = setUp({
    agents: [
      agent("Changer", {
        OnEndOfData: async () => ({
          kind: "accept",
          sender: "other@fabrikam.test" as Address,
          addRecipients: ["alice@contoso.test" as Address, "bob@contoso.test" as Address],
          content: [Buffer.from(changed)],
        }),
      }),
      agent("Reader", {
        OnEndOfData: async (message) => {
          const pieces: Uint8Array[] = [];
          for await (const piece of message.content()) pieces.push(piece);
          assert.equal(Buffer.concat(pieces).toString(), changed);
          assert.equal(message.bytes, changed.length);
          assert.deepEqual(
            message.recipients.map(({ address }) => address),
            ["bob@contoso.test", "alice@contoso.test"],
          );
          return { kind: "accept" };
        },
      }),
    ],
  });
  const large = `${MESSAGE}${"x".repeat(CONTENT_CHUNK_BYTES)}\r\n`;
  assert.match(await send(stage.session(), large), /^250 /);
  const { message, recipients } = onlySubmission(stage);
  assert.equal(message.envelope.sender, "other@fabrikam.test");
  assert.deepEqual(
    recipients.map(({ address, position }) => [address, position]),
    [
      ["bob@contoso.test", 0],
      ["alice@contoso.test", 1],
    ],
  );
  assert.match(outgoing(stage).toString(), /\r\n\r\nAnother body\r\n$/);
  await new Promise(setImmediate);
  assert.deepEqual(stage.queue.orphans, []);
});

test("a later agent sees the header of the content that an earlier one has made", async () => {
  const changed = MESSAGE.replace("Message-ID: <1@", "Message-ID: <a-longer-one@");
  assert.notEqual(changed, MESSAGE);
  let seen = "";
  const stage = setUp({
    agents: [
      agent("Changer", {
        OnEndOfData: () => ({
          kind: "accept",
          content: [Buffer.from(changed.slice(0, 10)), Buffer.from(changed.slice(10))],
        }),
      }),
      agent("Reader", {
        OnEndOfData: ({ headerBytes }) => {
          seen = Buffer.from(headerBytes).toString();
          return undefined;
        },
      }),
    ],
  });
  await send(stage.session(), MESSAGE);
  assert.equal(seen, changed.slice(0, changed.indexOf("\r\n\r\n") + 2));
});

test("a header that an agent has made must be one that the firewall can look at", async () => {
  const fields = "X-A: 1\r\n".repeat(1001);
  const stamped = `${fields}X-MS-Exchange-Organization-SCL: -1\r\n${MESSAGE}`;
  const stage = setUp({
    agents: [
      agent("Changer", {
        OnEndOfData: () => ({ kind: "accept", content: [Buffer.from(stamped)] }),
      }),
    ],
  });
  assert.match(await send(stage.session(), MESSAGE), /^4\d\d /);
  assert.deepEqual(stage.queue.submissions, []);
});

test("a message without recipients left looks accepted, and nobody gets it", async () => {
  const gone = ["BOB@contoso.test" as Address];
  const stage = setUp({
    agents: [
      agent("Remover", { OnEndOfData: async () => ({ kind: "accept", removeRecipients: gone }) }),
    ],
  });
  assert.match(await send(stage.session(), MESSAGE), /^250 /);
  assert.deepEqual(stage.queue.submissions, []);
});

test("a recipient is rewritten before our own rules look at it", async () => {
  const stage = setUp({
    agents: [
      agent(
        "Rewriter",
        {},
        {
          rewriteRecipient: () => "bob@contoso.test" as Address,
        },
      ),
    ],
  });
  assert.match(await send(stage.session(), MESSAGE, { to: ["nobody@contoso.test"] }), /^250 /);
  assert.deepEqual(
    onlySubmission(stage).recipients.map(({ address, originalRecipient }) => [
      address,
      originalRecipient?.address,
    ]),
    [["bob@contoso.test", "nobody@contoso.test"]],
  );
});

for (const [failMode, want] of [
  ["Accept", /^250 /],
  ["Defer", /^451 4\.3\.0 /],
  ["Reject", /^550 5\.7\.1 /],
] as const) {
  test(`an agent that breaks: ${failMode}`, async () => {
    const stage = setUp({
      agents: [agent("Broken", { OnEndOfData: () => Promise.reject(new Error("broken")) })],
      organization: { transportAgents: [settings("Broken", { failMode })] },
    });
    assert.match(await send(stage.session(), MESSAGE), want);
    if (failMode !== "Accept") return;
    const text = JSON.stringify(onlySubmission(stage).message.edits);
    assert.match(text, /X-MS-Exchange-Organization-Unchecked: Broken/);
  });
}

test("an agent on trial judges, is logged, and changes nothing", async () => {
  const decisions: AgentDecision[] = [];
  const stage = setUp({
    agents: [agent("Trial", { OnMailCommand: () => refusing, OnEndOfData: async () => refusing })],
    organization: { transportAgents: [settings("Trial", { shadowRun: true })] },
    agentDecision: (decision) => decisions.push(decision),
  });
  assert.match(await send(stage.session(), MESSAGE), /^250 /);
  assert.deepEqual(
    decisions.map(({ event, diagnostics }) => [event, diagnostics]),
    [
      ["OnMailCommand", "ShadowRun"],
      ["OnEndOfData", "ShadowRun"],
    ],
  );
});

test("an agent that is off, or does not care for the session, is not asked", async () => {
  const never = { OnConnect: () => assert.fail("asked"), OnEndOfData: () => assert.fail("asked") };
  const strangers = (session: AgentSession) => session.isAuthenticated;
  const stage = setUp({
    agents: [agent("Off", never), agent("Elsewhere", never, { hears: strangers })],
    organization: { transportAgents: [settings("Off", { enabled: false })] },
  });
  assert.match(await send(stage.session(), MESSAGE), /^250 /);
});

function settings(
  name: string,
  values: Partial<Organization["transportAgents"][number]>,
): Organization["transportAgents"][number] {
  return {
    name,
    enabled: undefined,
    priority: undefined,
    failMode: undefined,
    timeLimitMs: undefined,
    shadowRun: false,
    modulePath: undefined,
    ...values,
  };
}
