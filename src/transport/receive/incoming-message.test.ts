import assert from "node:assert/strict";
import { test } from "node:test";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { CONTENT_CHUNK_BYTES, StoreFailure } from "../../store/queue-store.ts";
import type { IncomingMessage, MessageAnswer, ReceiveAgent } from "../agents/receive-agent.ts";
import type { AgentDecision } from "../tracking/agent-line.ts";
import { codeOf, MESSAGE, onlySubmission, outgoing, send, setUp } from "./receive-stage.fake.ts";

const REFUSED = { code: 550, status: "5.7.1", lines: ["Not this one"] } as const;

/** An agent that does with every message what `judge` says. */
function agent(
  name: string,
  judge: (message: IncomingMessage) => Promise<MessageAnswer> | undefined,
): ReceiveAgent {
  return {
    agent: { name, priority: 1, events: ["OnEndOfData"], doc: "A test." },
    on: { OnEndOfData: judge },
    hears: () => true,
  };
}

const accepting = (text: string) =>
  agent("Stamp", async () => ({ kind: "accept", edits: [{ kind: "prepend", text }] }));

test("edits of agents stand below our own Received, in their order", async () => {
  const stage = setUp({ agents: [accepting("X-A: 1\r\n"), accepting("X-B: 2\r\n")] });
  assert.match(await send(stage.session(), MESSAGE), /^250 /);
  const content = outgoing(stage).toString();
  assert.match(content, /^Received: [\s\S]*?\r\nX-B: 2\r\nX-A: 1\r\nFrom: Alice/);
});

test("the first agent that refuses is the last one asked", async () => {
  const decisions: AgentDecision[] = [];
  const refusing = agent("Bouncer", async () => ({
    kind: "refuse",
    reply: REFUSED,
    reason: "Because",
  }));
  const never = agent("Never", () => assert.fail("asked after a refusal"));
  const stage = setUp({
    agents: [accepting("X-A: 1\r\n"), refusing, never],
    agentDecision: (decision) => decisions.push(decision),
  });
  assert.equal(await send(stage.session(), MESSAGE), codeOf(REFUSED));
  assert.deepEqual(stage.queue.submissions, []);
  assert.deepEqual(
    decisions.map(({ agent: name, event, action, reason }) => [name, event, action, reason]),
    [["Bouncer", "OnEndOfData", "RejectMessage", "Because"]],
  );
  assert.equal(stage.counted.get("postrider_rejected_total:agent"), 1);
});

test("a message that is discarded looks accepted, and nothing of it remains", async () => {
  const decisions: AgentDecision[] = [];
  const stage = setUp({
    agents: [agent("Sink", async () => ({ kind: "discard", reason: "Spam" }))],
    agentDecision: (decision) => decisions.push(decision),
  });
  const large = `${MESSAGE}${"x".repeat(CONTENT_CHUNK_BYTES)}\r\n`;
  assert.match(await send(stage.session(), large), /^250 2\.6\.0 <1@fabrikam\.test>/);
  assert.deepEqual(stage.queue.submissions, []);
  await new Promise(setImmediate);
  assert.deepEqual(stage.queue.orphans, []);
  assert.equal(decisions[0]?.action, "DeleteMessage");
});

test("an agent reads the content as it came, also what is stored already, and twice", async () => {
  const read: string[] = [];
  const reading = agent("Reader", async (message) => {
    for (let time = 0; time < 2; time += 1) {
      const pieces: Uint8Array[] = [];
      for await (const piece of message.content()) pieces.push(piece);
      read.push(Buffer.concat(pieces).toString());
    }
    assert.equal(message.bytes, read[0]?.length);
    return { kind: "accept", edits: [] };
  });
  const stage = setUp({ agents: [reading] });
  const large = `${MESSAGE}${"0123456789\r\n".repeat(60_000)}`;
  assert.match(await send(stage.session(), large), /^250 /);
  assert.deepEqual(
    read.map((text) => text === large),
    [true, true],
  );
});

for (const [how, judge] of [
  ["throws", () => assert.fail("broken")],
  ["rejects", () => Promise.reject(new Error("broken"))],
] as const) {
  test(`an agent that ${how} defers the message, and is told of`, async () => {
    const told: string[] = [];
    const diagnostics = { ...silentDiagnostics, error: (event: string) => void told.push(event) };
    const stage = setUp({ agents: [agent("Broken", judge)], diagnostics });
    assert.match(await send(stage.session(), MESSAGE), /^451 4\.3\.0 /);
    assert.deepEqual(stage.queue.submissions, []);
    assert.deepEqual(told, ["agent-failed"]);
  });
}

test("content that cannot be read back is the store's fault, not the agent's", async () => {
  const reading = agent("Reader", () =>
    Promise.reject(new StoreFailure("piece 0 is missing", { full: false })),
  );
  const stage = setUp({ agents: [reading] });
  assert.match(await send(stage.session(), MESSAGE), /^452 4\.3\.1 /);
});

test("agents that have nothing to say cost a message nothing", async () => {
  const stage = setUp({ agents: [agent("Quiet", () => undefined)] });
  assert.match(await send(stage.session(), MESSAGE), /^250 /);
  assert.equal(onlySubmission(stage).message.edits.length, 1);
});
