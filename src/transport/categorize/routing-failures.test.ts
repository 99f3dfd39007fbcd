import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueuedMessage } from "../../store/queue-store.ts";
import { describe, run } from "./categorize-sample.fake.ts";
import { recipient as recipientAt } from "./organization.fake.ts";

const recipient = (address: string) => recipientAt(0, address);
const BROKEN = { name: "Broken", priority: 1, events: [], doc: "A test." } as const;

test("an agent that breaks at every event and lets pass marks the message once", async () => {
  const broken = () => Promise.reject(new Error("broken"));
  const own = {
    name: "Broken",
    priority: 1,
    events: [],
    doc: "A test.",
    failMode: "Accept",
  } as const;
  const events = ["OnSubmittedMessage", "OnResolvedMessage", "OnCategorizedMessage"] as const;
  const on = Object.fromEntries(events.map((event) => [event, broken]));
  const judged = (edits: QueuedMessage["edits"]) =>
    run([recipient("x@outside.test")], {
      agents: [{ agent: own, on, hears: () => true }],
      message: { edits },
    });
  const marks = (result: Awaited<ReturnType<typeof run>>) =>
    JSON.stringify(result.forks.map(({ message }) => message.edits)).split("Unchecked: Broken")
      .length - 1;
  const unmarked = await judged([]);
  assert.equal(marks(unmarked), 1);
  const text = "X-MS-Exchange-Organization-Unchecked: Broken\r\n";
  const marked = await judged([{ kind: "prepend", text }]);
  assert.equal(marks(marked), 0);
  assert.equal(marked.routed.length, 1);
});

test("an agent that breaks and refuses ends the message with a notice", async () => {
  const own = {
    name: "Broken",
    priority: 1,
    events: [],
    doc: "A test.",
    failMode: "Reject",
  } as const;
  const on = { OnResolvedMessage: () => Promise.reject(new Error("broken")) };
  const result = await run([recipient("x@outside.test")], {
    agents: [{ agent: own, on, hears: () => true }],
  });
  const [ended] = result.ended;
  assert.ok(ended?.outcome.kind === "failed");
  assert.match(ended.outcome.fault.diagnostic, /^550 5\.7\.1 Broken: AgentFailed/);
});

test("mail that is redirected to nobody is dropped, and the story says so", async () => {
  const nowhere = { kind: "redirect", to: [], changes: {} } as const;
  const result = await run([recipient("x@outside.test")], {
    agents: [
      {
        ...{ agent: BROKEN, hears: () => true },
        on: { OnResolvedMessage: () => ({ decisions: [{ positions: [0], fate: nowhere }] }) },
      },
    ],
  });
  assert.deepEqual(result.routed, []);
  assert.match(describe(result).join("\n"), /x@outside\.test/);
  assert.equal(result.events.length, 1);
});
