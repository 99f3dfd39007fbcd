import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeClock, fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { MINUTE } from "../../base/units.ts";
import { askAgents } from "./agent-chain.ts";
import { AgentGuard } from "./agent-guard.ts";
import type { Seat } from "./agent-roster.ts";
import type { ReceiveAgent, ReceiveHandlers } from "./receive-agent.ts";

function seat(name: string, clock: FakeClock, on: ReceiveHandlers): Seat<ReceiveAgent> {
  const agent = { name, priority: 1, events: ["OnConnect"], doc: "A test." } as const;
  return {
    agent: { agent, on, hears: () => true },
    name,
    priority: 1,
    failMode: "Defer",
    timeLimitMs: 6 * MINUTE,
    shadowRun: false,
    guard: new AgentGuard(name, { clock, diagnostics: silentDiagnostics }),
  };
}

const nobody = () => {};

test("agents together take no longer than a client waits", async () => {
  const clock = fakeClock();
  let answer = () => {};
  const slow = seat("Slow", clock, {
    OnConnect: () =>
      new Promise((resolve) => {
        answer = () => resolve({ kind: "accept" });
      }),
  });
  const never = seat("Never", clock, { OnConnect: () => new Promise<never>(nobody) });
  const asked = askAgents([slow, never], "OnConnect", {
    subject: {} as never,
    accepted: nobody,
    unjudged: nobody,
    shadowed: nobody,
  });
  clock.advance(5 * MINUTE);
  answer();
  await new Promise(setImmediate);
  // Four minutes are left of nine, and not the six that the second may take by itself.
  clock.advance(4 * MINUTE);
  const verdict = await asked;
  assert.deepEqual([verdict?.agent, verdict?.reason], ["Never", "AgentTimedOut"]);
});
