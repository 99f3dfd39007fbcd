import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { SECOND } from "../base/units.ts";
import { defineCmdlet } from "../cmdlet/cmdlet.ts";
import { createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import { createExecute } from "../cmdlet/execute.ts";
import type { Caller, RoleGroup } from "../cmdlet/role-group.ts";
import { EventHub } from "./event-hub.ts";

const TICK_MS = 2 * SECOND;

function person(role: RoleGroup): Caller {
  return { name: role, roleGroups: [role], via: "session", address: "" };
}

/** A hub whose topic says how often it was looked at. */
function openHub(t: TestContext) {
  const state = { looks: 0, isBroken: false };
  const overview = defineCmdlet({
    name: "Get-TransportOverview",
    summary: "",
    roles: ["Help Desk", "Server Management"],
    effect: "reads",
    confirmation: "none",
    examples: [],
    parameters: {},
    output: {
      name: "TransportOverview",
      properties: {
        Look: { kind: "number", doc: "" },
        Secret: { kind: "text", doc: "", hiddenFrom: ["Help Desk"] },
      },
      table: [],
    },
    async *run() {
      if (state.isBroken) throw new Error("broken");
      state.looks += 1;
      yield { Look: state.looks, Secret: "x" };
    },
  });
  const table = createCmdletTable<object>([overview]);
  const clock = fakeClock();
  const told: string[] = [];
  const say = (event: string) => void told.push(event);
  const diagnostics = { info: say, warn: say, error: say };
  const parts = { table, clock, diagnostics };
  const execute = createExecute({ ...parts, services: {}, audit: async () => {} });
  const hub = new EventHub({ ...parts, execute });
  t.after(() => hub.stop());
  const tick = async () => {
    clock.advance(TICK_MS);
    await settled();
  };
  return { hub, state, tick, told };
}

/** All that waits for nothing but its turn has had it. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

/** A client that reads whatever comes, at once. */
function client(hub: EventHub, identify: () => Caller | undefined = () => person("Help Desk")) {
  const said: string[] = [];
  const { text, leave } = hub.listen({ topics: ["overview"], identify });
  const over = (async () => {
    for await (const piece of text) said.push(piece);
  })();
  return { said, leave, over };
}

function overview(look: number, secret: string | null = null): string {
  return `event: overview\ndata: {"Look":${look},"Secret":${JSON.stringify(secret)}}\n\n`;
}

test("nothing is looked at while nobody listens, and once a tick for all who do", async (t) => {
  const { hub, state, tick } = openHub(t);
  await tick();
  assert.equal(state.looks, 0);
  const listeners = Array.from({ length: 20 }, () => client(hub));
  await settled();
  await tick();
  const before = state.looks;
  await tick();
  await tick();
  assert.equal(state.looks, before + 2);
  for (const { said } of listeners) assert.equal(said.at(-1), overview(state.looks));
  for (const { leave } of listeners) leave();
  await settled();
  assert.equal(hub.listenerCount, 0);
  await tick();
  assert.equal(state.looks, before + 2);
});

test("the first event comes at once, behind how long to wait before connecting anew", async (t) => {
  const { hub } = openHub(t);
  const { said } = client(hub);
  await settled();
  assert.deepEqual(said, ["retry: 3000\n\n", overview(1)]);
});

test("each gets what he may see", async (t) => {
  const { hub, tick } = openHub(t);
  const desk = client(hub);
  const server = client(hub, () => person("Server Management"));
  await settled();
  await tick();
  const [one, other] = [desk.said.at(-1) ?? "", server.said.at(-1) ?? ""];
  assert.match(one, /"Secret":null/);
  assert.match(other, /"Secret":"x"/);
});

for (const [why, change, reason] of [
  ["who has logged out", undefined, "unauthorized"],
  ["who has lost his role", person("Recipient Management"), "forbidden"],
] as const) {
  test(`${why} hears no more`, async (t) => {
    const { hub, tick } = openHub(t);
    let caller: Caller | undefined = person("Help Desk");
    const { said, over } = client(hub, () => caller);
    await settled();
    caller = change;
    await tick();
    await over;
    assert.deepEqual(said.slice(2), [`event: end\ndata: {"reason":"${reason}"}\n\n`]);
    assert.equal(hub.listenerCount, 0);
  });
}

test("a slow client gets the newest, and nothing is kept for it besides", async (t) => {
  const { hub, tick } = openHub(t);
  const { text, leave } = hub.listen({
    topics: ["overview"],
    identify: () => person("Help Desk"),
  });
  await text.next();
  const first = text.next();
  await settled();
  assert.equal((await first).value, overview(1));
  await tick();
  await tick();
  await tick();
  assert.equal((await text.next()).value, overview(4));
  leave();
  assert.equal((await text.next()).done, true);
});

test("while a topic cannot be had it is told once, and comments keep the line open", async (t) => {
  const { hub, state, tick, told } = openHub(t);
  const { said } = client(hub);
  await settled();
  state.isBroken = true;
  for (let count = 0; count < 8; count += 1) await tick();
  assert.deepEqual(said.slice(2), [":\n\n"]);
  assert.equal(told.filter((event) => event === "event-topic-failed").length, 1);
  state.isBroken = false;
  await tick();
  assert.equal(said.at(-1), overview(2));
});

test("a stop ends all streams, and says why", async (t) => {
  const { hub } = openHub(t);
  const { said, over } = client(hub);
  await settled();
  hub.stop();
  await over;
  assert.equal(said.at(-1), 'event: end\ndata: {"reason":"stopping"}\n\n');
});
