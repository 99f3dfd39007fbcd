import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../mail/address.ts";
import { type QueuedMessage, StoreFailure } from "../../store/queue-store.ts";
import type {
  RoutingAgent,
  RoutingAnswer,
  RoutingEvent,
  RoutingMessage,
} from "../agents/routing-agent.ts";
import type { Fault } from "../queue/outcome.ts";
import { describe, run } from "./categorize-sample.fake.ts";
import { recipient as recipientAt } from "./organization.fake.ts";

const recipient = (address: string) => recipientAt(0, address);
const at = (text: string) => text as Address;
const FAULT: Fault = {
  status: "5.7.1",
  diagnostic: "550 5.7.1 No",
  hop: undefined,
  source: "AGENT",
};

function agent(
  event: RoutingEvent,
  judge: (message: RoutingMessage) => RoutingAnswer | Promise<RoutingAnswer> | undefined,
  name = "Probe",
): RoutingAgent {
  return {
    agent: { name, priority: 1, events: [event], doc: "A test." },
    on: { [event]: judge },
    hears: () => true,
  };
}

/** What all recipients get. */
const all = (
  message: RoutingMessage,
  fate: NonNullable<RoutingAnswer["decisions"]>[0]["fate"],
) => ({
  decisions: [{ positions: message.recipients.map((one) => one.recipient.position), fate }],
});

test("agents that have nothing to say cost no promise and no copy", async () => {
  const result = await run([recipient("x@outside.test")], {
    agents: [agent("OnResolvedMessage", () => undefined)],
  });
  assert.equal(result.changed, false);
});

test("events come in order, and later ones see what earlier ones have changed", async () => {
  const seen: string[] = [];
  const note = (event: RoutingEvent, scl: number) =>
    agent(event, (message) => {
      const where = message.recipients.map((one) => one.route?.kind ?? "nowhere").join();
      seen.push(`${event} ${message.message.scl ?? "-"} ${where}`);
      return all(message, { kind: "deliver", changes: { scl } });
    });
  const { forks, routed } = await run([recipient("bob@contoso.test")], {
    agents: [
      note("OnCategorizedMessage", 4),
      note("OnRoutedMessage", 3),
      note("OnResolvedMessage", 2),
      note("OnSubmittedMessage", 1),
    ],
  });
  assert.deepEqual(seen, [
    "OnSubmittedMessage - nowhere",
    "OnResolvedMessage 1 queue",
    "OnRoutedMessage 2 queue",
    "OnCategorizedMessage 3 queue",
  ]);
  assert.deepEqual([forks.length, routed.length, forks[0]?.message.scl], [1, 0, 4]);
});

test("TLS and internationalized mail that agents ask for are the envelope's", async () => {
  const changes = { requireTls: true, smtpUtf8: true } as const;
  const { forks } = await run([recipient("bob@contoso.test")], {
    agents: [agent("OnResolvedMessage", (message) => all(message, { kind: "deliver", changes }))],
  });
  const [fork] = forks;
  assert.deepEqual(
    [fork?.message.envelope.requireTls, fork?.message.envelope.smtpUtf8],
    [true, true],
  );
});

test("members of a group are shown with the way that led to them", async () => {
  const seen: unknown[] = [];
  await run([recipient("unmanaged@contoso.test")], {
    agents: [
      agent("OnResolvedMessage", ({ recipients }) => {
        seen.push(...recipients.map(({ asWritten, steps }) => [asWritten, steps]));
        return undefined;
      }),
    ],
  });
  const step = { kind: "group", key: "unmanaged@contoso.test" };
  assert.deepEqual(seen, [["unmanaged@contoso.test", [step]]]);
});

test("each recipient has a fate of its own", async () => {
  const names = ["a", "b", "c", "d", "e"].map((name) => recipient(`${name}@outside.test`));
  const recipients = names.map((one, position) => ({ ...one, position }));
  const result = await run(recipients, {
    agents: [
      agent("OnResolvedMessage", () => ({
        decisions: [
          { positions: [0], fate: { kind: "reject", fault: FAULT } },
          { positions: [1], fate: { kind: "discard", reason: "Spam" } },
          { positions: [2], fate: { kind: "quarantine", type: "Spam", reason: "because" } },
          { positions: [3], fate: { kind: "deliver", changes: { scl: 9 } } },
        ],
      })),
    ],
  });
  assert.deepEqual(describe(result), [
    "4 e@outside.test > Internet outside.test",
    "0 a@outside.test failed 5.7.1",
    "fork sender@elsewhere.test: 3 d@outside.test > Internet outside.test",
    "TRANSFER of 7: d@outside.test",
    "DROP Spam: b@outside.test",
  ]);
  const [kept] = result.quarantined ?? [];
  assert.deepEqual(kept?.mark, {
    type: "Spam",
    agent: "Probe",
    reason: "because",
    event: "OnResolvedMessage",
  });
  assert.deepEqual(
    kept?.recipients.map(({ address }) => address),
    ["c@outside.test"],
  );
});

test("what has been in quarantine is not put there again", async () => {
  const quarantine = { type: "Spam", agent: "Probe", reason: "", sinceMs: 1 } as const;
  const result = await run([recipient("x@outside.test")], {
    message: { quarantine },
    agents: [
      agent("OnResolvedMessage", (message) =>
        all(message, { kind: "quarantine", type: "Spam", reason: "" }),
      ),
    ],
  });
  assert.equal(result.quarantined?.length, 0);
  assert.equal(result.routed.length, 1);
});

test("redirected mail goes where it is sent, expanded, and to nobody else", async () => {
  const result = await run([recipient("x@outside.test")], {
    agents: [
      agent("OnResolvedMessage", (message) =>
        all(message, {
          kind: "redirect",
          to: [at("unmanaged@contoso.test"), at("y@outside.test")],
          changes: {},
        }),
      ),
    ],
  });
  const addresses = [...result.routed, ...result.forks.flatMap(({ routed }) => routed)].map(
    ({ recipient: one }) => one.address,
  );
  assert.deepEqual(addresses.toSorted(), ["bob@contoso.test", "y@outside.test"]);
});

test("added recipients get no reports, and one that is there already gets it once", async () => {
  const result = await run([recipient("bob@contoso.test")], {
    agents: [
      agent("OnResolvedMessage", () => ({
        added: [
          { address: at("BOB@contoso.test"), changes: {} },
          { address: at("y@outside.test"), changes: {} },
          { address: at("nobody@contoso.test"), changes: {} },
        ],
      })),
    ],
  });
  assert.deepEqual(
    describe(result).filter((line) => !/TRANSFER/.test(line)),
    [
      "0 bob@contoso.test > mailbox",
      "1048576 y@outside.test notify=NEVER > Internet outside.test",
      "DROP not deliverable: nobody@contoso.test",
    ],
  );
});

test("another content is the copy's own, cut as the store wants it", async () => {
  const content = [Buffer.alloc(300_000, 97), Buffer.alloc(10, 98)];
  const { forks } = await run([recipient("x@outside.test")], {
    agents: [
      agent("OnResolvedMessage", (message) =>
        all(message, { kind: "deliver", changes: { content } }),
      ),
    ],
  });
  const [fork] = forks;
  assert.deepEqual(
    fork?.content?.map(({ length }) => length),
    [262_144, 37_866],
  );
  assert.equal(fork?.message.contentId, fork?.message.id);
  assert.equal(fork?.message.contentBytes, 300_010);
});

test("deferral undoes all else that was said", async () => {
  const result = await run([recipient("x@outside.test")], {
    agents: [
      agent("OnSubmittedMessage", (message) => all(message, { kind: "discard", reason: "x" }), "A"),
      agent("OnSubmittedMessage", () => undefined, "B"),
    ],
  });
  assert.equal(result.routed.length, 0);
  const deferred = await run([recipient("x@outside.test")], {
    agents: [
      agent("OnResolvedMessage", (message) => ({
        ...all(message, { kind: "defer", fault: FAULT }),
        submissions: [mail("journal@contoso.test")],
      })),
    ],
  });
  assert.equal(deferred.deferred.length, 1);
  assert.equal(deferred.submissions, undefined);
});

test("what an agent sends is ours: nobody judges it, and it gets no notices", async () => {
  const result = await run([recipient("x@outside.test")], {
    agents: [
      agent("OnRoutedMessage", () => ({
        submissions: [mail("journal@contoso.test")],
        info: "hit",
      })),
    ],
  });
  const [sent] = result.submissions ?? [];
  assert.equal(sent?.message.origin.source, "AGENT");
  assert.equal(sent?.message.internetMessageId, "<j@contoso.test>");
  assert.deepEqual(sent?.recipients[0]?.notify, []);
  assert.deepEqual(
    result.events.map(({ event }) => event),
    ["AGENTINFO", "RECEIVE"],
  );
  const judged = await run([recipient("journal@contoso.test")], {
    message: { origin: sent?.message.origin } as Partial<QueuedMessage>,
    agents: [agent("OnSubmittedMessage", () => assert.fail("judged"))],
  });
  assert.equal(judged.submissions, undefined);
});

test("recipients that an earlier pass has settled are not shown", async () => {
  const settled = { ...recipient("a@outside.test"), resolved: true };
  const shown: Address[] = [];
  const result = await run([settled, { ...recipient("b@outside.test"), position: 1 }], {
    agents: [
      agent("OnResolvedMessage", (message) => {
        shown.push(...message.recipients.map((one) => one.recipient.address));
        return all(message, { kind: "discard", reason: "x" });
      }),
    ],
  });
  assert.deepEqual(shown, ["b@outside.test"]);
  assert.deepEqual(
    result.routed.map(({ recipient: one }) => one.address),
    ["a@outside.test"],
  );
});

test("an agent that breaks defers the message", async () => {
  const result = await run([recipient("x@outside.test")], {
    agents: [agent("OnResolvedMessage", () => Promise.reject(new Error("broken")))],
  });
  assert.equal(result.deferred[0]?.fault.status, "4.3.0");
});

function mail(to: string) {
  return {
    sender: "" as const,
    recipients: [at(to)],
    content: [Buffer.from("From: x@contoso.test\r\nMessage-ID: <j@contoso.test>\r\n\r\nHi\r\n")],
    subject: "Journal",
    purpose: "Journaling",
  };
}

test("redirected to a group that is too large, it fails, and nobody there gets it", async () => {
  const result = await run([recipient("x@outside.test")], {
    limits: { memberCountMax: 100, groupDepthMax: 10, forwardCountMax: 10 },
    agents: [
      agent("OnResolvedMessage", (message) =>
        all(message, { kind: "redirect", to: [at("big@contoso.test")], changes: {} }),
      ),
    ],
  });
  assert.deepEqual(result.routed, []);
  assert.deepEqual(result.forks, []);
  assert.deepEqual(
    result.ended.map(({ outcome }) => outcome.kind),
    ["failed"],
  );
});

test("let out of the quarantine, it goes on with the agents that it had not come to", async () => {
  const asked: string[] = [];
  const ask = (event: RoutingEvent, name: string, holds = false) =>
    agent(
      event,
      (message) => {
        asked.push(name);
        if (!holds) return undefined;
        return all(message, { kind: "quarantine", type: "Moderation", reason: "" });
      },
      name,
    );
  const agents = [
    ask("OnSubmittedMessage", "submitted"),
    ask("OnResolvedMessage", "before"),
    ask("OnResolvedMessage", "holder", true),
    ask("OnResolvedMessage", "behind"),
    ask("OnRoutedMessage", "routed"),
  ];
  const first = await run([recipient("copy@contoso.test")], { agents });
  assert.deepEqual(asked.splice(0), ["submitted", "before", "holder"]);
  const [kept] = first.quarantined ?? [];
  assert.ok(kept);
  const quarantine = { ...kept.mark, sinceMs: 1 };
  const again = await run(kept.recipients, { agents, message: { quarantine } });
  assert.deepEqual(asked, ["holder", "behind", "routed"]);
  // What the mailbox forwards has been kept as well, and is not forwarded anew.
  const alone = describe(await run(kept.recipients)).filter((line) => line !== "unchanged");
  assert.deepEqual(describe(again), alone);
  assert.equal(again.routed.length, 2);
  assert.ok(again.routed.every(({ recipient: one }) => one.resolved && !one.unheard));
});

test("kept before it was resolved, a group is expanded when it is let out", async () => {
  const agents = [
    agent("OnSubmittedMessage", (message) =>
      all(message, { kind: "quarantine", type: "Spam", reason: "" }),
    ),
  ];
  const first = await run([recipient("team@contoso.test")], { agents });
  const [kept] = first.quarantined ?? [];
  assert.ok(kept);
  const quarantine = { ...kept.mark, sinceMs: 1 };
  const again = await run(kept.recipients, { agents, message: { quarantine } });
  const [end] = again.ended;
  assert.equal(end?.outcome.kind, "expanded");
});

test("what was let out can be redirected to a group", async () => {
  const mark = { type: "Spam", agent: "Probe", reason: "", sinceMs: 1 } as const;
  const quarantine = { ...mark, event: "OnResolvedMessage" };
  const kept = { ...recipient("bob@contoso.test"), resolved: true, unheard: true } as const;
  const result = await run([kept], {
    message: { quarantine },
    agents: [
      agent("OnResolvedMessage", (message) =>
        all(message, { kind: "redirect", to: [at("team@contoso.test")], changes: {} }),
      ),
    ],
  });
  assert.equal(result.routed.length + result.forks.length, 3);
});

test("content that was staged for nothing is removed, whatever the reason", async () => {
  const staged = {
    contentId: 77,
    bytes: 9,
    firstChunk: 1,
    rest: Buffer.from("a"),
    head: Buffer.from(""),
  };
  const stage = agent("OnRoutedMessage", () => ({
    submissions: [{ ...mail("journal@contoso.test"), content: [], staged }],
  }));
  for (const error of [new StoreFailure("gone", { full: false }), undefined]) {
    const discarded: number[] = [];
    const last = agent("OnCategorizedMessage", (message) => {
      if (error !== undefined) throw error;
      return all(message, { kind: "defer", fault: FAULT });
    });
    const result = await run([recipient("x@outside.test")], { agents: [stage, last], discarded });
    assert.equal(result.deferred.length, 1);
    assert.deepEqual(discarded, [77]);
  }
});
