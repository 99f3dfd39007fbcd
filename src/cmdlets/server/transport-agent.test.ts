import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { textOf } from "../../base/text-of.fake.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { OutputObject } from "../../cmdlet/output-type.ts";
import { PIPELINE_EVENTS, TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import { getTransportAgent, getTransportPipeline } from "./transport-agent.ts";

async function run(cmdlet: string, parameters: Readonly<Record<string, unknown>> = {}) {
  const execute = createExecute({
    table: createCmdletTable<object>([getTransportAgent, getTransportPipeline]),
    services: {},
    clock: fakeClock(0),
    diagnostics: silentDiagnostics,
    audit: async () => undefined,
  });
  const caller = {
    name: "hugh",
    roleGroups: ["Hygiene Management"],
    via: "session",
    address: "",
  } as const;
  const { signal } = new AbortController();
  const objects: OutputObject[] = [];
  for await (const record of execute({ cmdlet, parameters, whatIf: false, caller, signal })) {
    if (record.kind === "object") objects.push(record.value);
    if (record.kind === "failed") return { objects, failure: record };
  }
  return { objects, failure: undefined };
}

test("the pipeline: every event in order, each agent at all of its own", async () => {
  const { objects } = await run("Get-TransportPipeline");
  assert.deepEqual(
    objects.map((one) => one["Event"]),
    PIPELINE_EVENTS.map(({ name }) => name),
  );
  const acting = new Map(
    objects.map((one) => [textOf(one["Event"]), textOf(one["TransportAgents"]).split(",")]),
  );
  assert.equal(acting.get("OnConnect")?.[0], "Connection Filtering Agent");
  const agents = Object.values(TRANSPORT_AGENTS);
  for (const [event, names] of acting) {
    const own = agents.filter(({ events }) => events.some((one) => one === event));
    const inOrder = own.toSorted((one, other) => one.priority - other.priority);
    assert.deepEqual(
      names.filter((name) => name !== ""),
      inOrder.map(({ name }) => name),
    );
  }
});

for (const [identity, names] of [
  [
    undefined,
    Object.values(TRANSPORT_AGENTS)
      .toSorted((one, other) => one.priority - other.priority)
      .map(({ name }) => name),
  ],
  ["sender filter agent", ["Sender Filter Agent"]],
  ["*filter agent", ["Sender Filter Agent", "Recipient Filter Agent", "Content Filter Agent"]],
  ["Nobody*", []],
] as const) {
  test(`agents: ${identity ?? "all"}`, async () => {
    const parameters = identity === undefined ? {} : { Identity: identity };
    const { objects, failure } = await run("Get-TransportAgent", parameters);
    assert.equal(failure, undefined);
    assert.deepEqual(
      objects.map((one) => one["Identity"]),
      names,
    );
  });
}

test("an agent that is not there is named", async () => {
  const { failure } = await run("Get-TransportAgent", { Identity: "No Agent" });
  assert.equal(failure?.code, "not-found");
  assert.match(failure.message, /"No Agent".*Get-TransportAgent lists all/);
});

test("no two agents share a priority", () => {
  const priorities = Object.values(TRANSPORT_AGENTS).map(({ priority }) => priority);
  assert.equal(new Set(priorities).size, priorities.length);
});
