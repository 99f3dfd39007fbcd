import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../mail/address.ts";
import type { RoutingAgent, RoutingHandlers } from "../agents/routing-agent.ts";
import { run } from "./categorize-sample.fake.ts";
import { recipient } from "./organization.fake.ts";

const at = (text: string) => text as Address;
const X = recipient(0, "x@outside.test");

function agent(on: RoutingHandlers): RoutingAgent {
  const own = { name: "Probe", priority: 1, events: [], doc: "A test." };
  return { agent: own, on, hears: () => true };
}

test("the story tells whom a group has led to that mail was redirected to", async () => {
  const fate = { kind: "redirect", to: [at("unmanaged@contoso.test")], changes: {} } as const;
  const { events } = await run([X], {
    agents: [agent({ OnResolvedMessage: () => ({ decisions: [{ positions: [0], fate }] }) })],
  });
  assert.deepEqual(
    events.map(({ event, relatedRecipient }) => [event, relatedRecipient]),
    [
      ["REDIRECT", "x@outside.test"],
      ["EXPAND", "unmanaged@contoso.test"],
    ],
  );
});

test("the story tells of an added group that is too large", async () => {
  const added = [{ address: at("big@contoso.test"), changes: {} }];
  const { events, ended } = await run([X], {
    limits: { memberCountMax: 2, groupDepthMax: 10, forwardCountMax: 10 },
    agents: [agent({ OnSubmittedMessage: () => ({ added }) })],
  });
  assert.deepEqual(
    events.map(({ event, recipients }) => [event, recipients[0]?.address]),
    [["DROP", "big@contoso.test"]],
  );
  assert.deepEqual(ended, []);
});
