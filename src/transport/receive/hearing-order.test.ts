import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../mail/address.ts";
import type { SessionHandler } from "../../smtp/session-handler.ts";
import type {
  CommandAnswer,
  ReceiveAgent,
  ReceiveEvent,
  ReceiveHandlers,
} from "../agents/receive-agent.ts";
import { CLIENT, codeOf, MESSAGE, mail, rcpt, send, setUp } from "./receive-stage.fake.ts";

function agent(name: string, on: ReceiveHandlers, more: Partial<ReceiveAgent> = {}): ReceiveAgent {
  const events = Object.keys(on) as ReceiveEvent[];
  const own = { name, priority: 1, events, doc: "A test.", failMode: "Accept" } as const;
  return { agent: own, on, hears: () => true, ...more };
}

const REPLY = { code: 554, status: "5.7.1", lines: ["Not you"] } as const;
const refusing = { kind: "refuse", reply: REPLY, reason: "Listed" } as const;

/** An answer that comes when the test says so. */
function later() {
  const { promise, resolve } = Promise.withResolvers<CommandAnswer>();
  return { promise, resolve };
}

function begin(session: SessionHandler) {
  const sink = session.beginContent(CLIENT);
  assert.ok("write" in sink);
  return sink;
}

const turn = () => new Promise(setImmediate);

test("a sender that was refused leaves nothing behind for the next one", async () => {
  const seen: unknown[] = [];
  const stage = setUp({
    agents: [
      agent("Finder", {
        OnMailCommand: ({ envelope, session }) => {
          seen.push(session.findings.isAllowed);
          return envelope.sender === "friend@b.test"
            ? { kind: "accept", findings: { isAllowed: true } }
            : undefined;
        },
      }),
      agent("Refuser", {
        OnMailCommand: ({ envelope }) =>
          envelope.sender === "friend@b.test" ? refusing : undefined,
      }),
    ],
  });
  const session = stage.session();
  assert.match(codeOf(await mail(session, "friend@b.test")), /^554 /);
  await mail(session, "stranger@b.test");
  assert.deepEqual(seen, [undefined, undefined]);
});

test("what is said of a message after RSET is not said of the next one", async () => {
  const late = later();
  const seen: unknown[] = [];
  let isFirst = true;
  const stage = setUp({
    agents: [
      agent("Slow", {
        OnDataCommand: () => {
          if (!isFirst) return undefined;
          isFirst = false;
          return late.promise;
        },
        OnEndOfData: ({ session }) => void seen.push(session.findings.scl),
      }),
    ],
  });
  const session = stage.session();
  await mail(session, "a@b.test");
  await rcpt(session, "bob@contoso.test");
  begin(session).abort();
  session.reset();
  late.resolve({ kind: "accept", findings: { scl: 9 } });
  await turn();
  assert.match(await send(session, MESSAGE), /^250 /);
  assert.deepEqual(seen, [undefined]);
});

test("an unjudged message marks no other; an unjudged session marks all", async () => {
  let isBroken = true;
  const broken = () => {
    if (isBroken) throw new Error("broken");
    return undefined;
  };
  const stage = setUp({
    agents: [agent("Body", { OnEndOfData: broken }), agent("Door", { OnConnect: broken })],
  });
  const session = stage.session();
  await send(session, MESSAGE);
  isBroken = false;
  await send(session, MESSAGE);
  const marks = stage.queue.submissions.map(({ message }) =>
    [...JSON.stringify(message.edits).matchAll(/Unchecked: (\w+)/g)].map(([, name]) => name),
  );
  assert.deepEqual(
    marks.map((names) => names.sort()),
    [["Body", "Door"], ["Door"]],
  );
});

test("what is only told is told to all, whatever the first one answers or breaks", async () => {
  const told: string[] = [];
  const stage = setUp({
    agents: [
      agent("Loud", { OnReject: () => refusing, OnRsetCommand: () => refusing }),
      agent("Broken", { OnDisconnect: () => Promise.reject(new Error("broken")) }),
      agent("Last", {
        OnReject: ({ reply }) => void told.push(`reject ${reply.code}`),
        OnRsetCommand: () => void told.push("reset"),
        OnDisconnect: () => void told.push("disconnect"),
      }),
    ],
  });
  const session = stage.session();
  await mail(session, "a@b.test");
  await rcpt(session, "nobody@contoso.test");
  session.reset();
  session.closed("QUIT");
  await turn();
  assert.deepEqual(told, ["reject 550", "reset", "disconnect"]);
});

test("after STARTTLS, agents see the channel, and the greeting is a new one", async () => {
  const seen: unknown[] = [];
  const stage = setUp({
    agents: [
      agent("Ear", {
        OnStartTlsCommand: ({ client }) => void seen.push([client.helo, client.tls?.version]),
        OnEhloCommand: ({ client }) => void seen.push(client.helo),
      }),
    ],
  });
  const session = stage.session();
  await mail(session, "a@b.test");
  session.reset();
  session.secured({ version: "TLSv1.3", cipher: "X", serverName: undefined });
  await mail(session, "a@b.test");
  assert.deepEqual(seen, [CLIENT.helo, ["", "TLSv1.3"], CLIENT.helo]);
});

test("an early RSET does not outrun what is still being asked of the connection", async () => {
  const late = later();
  const stage = setUp({ agents: [agent("Door", { OnConnect: () => late.promise })] });
  const session = stage.session();
  session.reset();
  const asked = mail(session, "a@b.test");
  session.reset();
  late.resolve(refusing);
  assert.match(codeOf(await asked), /^554 /);
  assert.match(codeOf(await mail(session, "a@b.test")), /^554 /);
});

test("a message dropped at one recipient reaches none, and the next one is another", async () => {
  let isTrap = true;
  const stage = setUp({
    agents: [
      agent("Trap", {
        OnRcptCommand: async () =>
          isTrap ? { kind: "discard", reason: "Trap" } : { kind: "accept" },
        OnDataCommand: () => (isTrap ? assert.fail("asked of what is dropped") : undefined),
      }),
    ],
  });
  const session = stage.session();
  await mail(session, "a@b.test");
  assert.equal(await rcpt(session, "bob@contoso.test"), "ok");
  assert.equal(await rcpt(session, "b.smith@contoso.test"), "ok");
  const sink = begin(session);
  await sink.write(Buffer.from(MESSAGE));
  assert.equal((await sink.end()).code, 250);
  session.reset();
  assert.deepEqual(stage.queue.submissions, []);
  isTrap = false;
  assert.match(await send(session, MESSAGE), /^250 /);
  assert.equal(stage.queue.submissions.length, 1);
});

test("an answer that comes after the client has gone harms nobody", async () => {
  for (const event of ["OnMailCommand", "OnRcptCommand", "OnDataCommand"] as const) {
    const late = later();
    const stage = setUp({ agents: [agent("Slow", { [event]: () => late.promise })] });
    const session = stage.session();
    const asked = (async () => {
      await mail(session, "a@b.test");
      await rcpt(session, "bob@contoso.test");
      const sink = begin(session);
      await sink.write(Buffer.from(MESSAGE));
      sink.abort();
    })();
    await turn();
    session.closed("connection lost");
    late.resolve(refusing);
    // What the machine would not have asked any more may fail; nothing is submitted.
    await asked.catch(() => undefined);
    await turn();
    assert.deepEqual(stage.queue.submissions, [], event);
  }
});

test("an agent on trial rewrites nobody", async () => {
  const name = "Rewriter";
  const rewriter = agent(name, {}, { rewriteRecipient: () => "bob@contoso.test" as Address });
  const settings = {
    ...{ name, enabled: undefined, priority: undefined, failMode: undefined },
    ...{ timeLimitMs: undefined, shadowRun: true, modulePath: undefined },
  };
  const stage = setUp({ agents: [rewriter], organization: { transportAgents: [settings] } });
  const session = stage.session();
  await mail(session, "a@b.test");
  assert.match(await rcpt(session, "nobody@contoso.test"), /^550 /);
});
