import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { SECOND } from "../../base/units.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { AgentFailure } from "./agent-failure.ts";
import { AgentGuard } from "./agent-guard.ts";

const HOW = { timeLimitMs: 1000, storeFailure: "count" } as const;

function setUp() {
  const clock = fakeClock();
  return { clock, guard: new AgentGuard("Probe", { clock, diagnostics: silentDiagnostics }) };
}

const broken = () => {
  throw new Error("broken");
};

test("what has nothing to say costs no promise", () => {
  const { guard } = setUp();
  assert.equal(
    guard.ask(() => undefined, HOW),
    undefined,
  );
  assert.deepEqual(
    guard.ask(() => 7, HOW),
    { kind: "answered", answer: 7 },
  );
});

test("an answer that comes too late is none, and what it does later harms nobody", async () => {
  const { clock, guard } = setUp();
  let fail = (_error: Error) => {};
  const asked = guard.ask(
    () =>
      new Promise<number>((_resolve, reject) => {
        fail = reject;
      }),
    HOW,
  );
  clock.advance(1000);
  assert.deepEqual(await asked, { kind: "failed", fault: "AgentTimedOut" });
  fail(new Error("after its time"));
  await new Promise(setImmediate);
  assert.equal(guard.health.timeouts, 1);
});

test("after five failures in a row it rests, then one question tries it", async () => {
  const { clock, guard } = setUp();
  for (let time = 0; time < 5; time += 1) {
    assert.deepEqual(guard.ask(broken, HOW), { kind: "failed", fault: "AgentFailed" });
  }
  assert.equal(guard.health.state, "Resting");
  const unasked = () => assert.fail("it rests");
  assert.deepEqual(guard.ask(unasked, HOW), { kind: "failed", fault: "AgentResting" });
  clock.advance(30 * SECOND);
  const trial = guard.ask(async () => 1, HOW);
  assert.deepEqual(guard.ask(unasked, HOW), { kind: "failed", fault: "AgentResting" });
  assert.deepEqual(await trial, { kind: "answered", answer: 1 });
  assert.equal(guard.health.state, "Healthy");
  assert.equal(guard.health.passedOver, 2);
});

test("a trial that fails sends it back to rest", () => {
  const { clock, guard } = setUp();
  for (let time = 0; time < 5; time += 1) void guard.ask(broken, HOW);
  clock.advance(30 * SECOND);
  assert.deepEqual(guard.ask(broken, HOW), { kind: "failed", fault: "AgentFailed" });
  assert.deepEqual(guard.ask(broken, HOW), { kind: "failed", fault: "AgentResting" });
});

test("an answer in between begins the count anew", () => {
  const { guard } = setUp();
  for (let time = 0; time < 4; time += 1) void guard.ask(broken, HOW);
  void guard.ask(() => 1, HOW);
  void guard.ask(broken, HOW);
  assert.equal(guard.health.state, "Healthy");
  assert.equal(guard.health.failures, 5);
  assert.match(guard.health.lastFault, /^Error: broken/);
});

test("a store that fails is the agent's fault but where content is read", async () => {
  const { guard } = setUp();
  const failing = () => Promise.reject(new StoreFailure("gone", { full: false }));
  const how = { ...HOW, storeFailure: "throw" } as const;
  await assert.rejects(async () => await guard.ask(failing, how), StoreFailure);
  assert.equal(guard.health.failures, 0);
  assert.deepEqual(await guard.ask(failing, HOW), { kind: "failed", fault: "AgentFailed" });
});

test("a trial that meets a broken store is no trial: the next question is one", () => {
  const { clock, guard } = setUp();
  for (let time = 0; time < 5; time += 1) void guard.ask(broken, HOW);
  clock.advance(30 * SECOND);
  const failing = () => {
    throw new StoreFailure("gone", { full: false });
  };
  assert.throws(() => guard.ask(failing, { ...HOW, storeFailure: "throw" }), StoreFailure);
  assert.deepEqual(
    guard.ask(() => 1, HOW),
    { kind: "answered", answer: 1 },
  );
});

test("questions that were open when it broke put off its trial no further", async () => {
  const { clock, guard } = setUp();
  const slow = () => new Promise<number>(() => undefined);
  const long = { ...HOW, timeLimitMs: 29 * SECOND };
  const open = [guard.ask(slow, long), guard.ask(slow, long)];
  for (let time = 0; time < 5; time += 1) void guard.ask(broken, HOW);
  clock.advance(29 * SECOND);
  await Promise.all(open.map(async (one) => await one));
  clock.advance(SECOND);
  assert.deepEqual(
    guard.ask(() => 1, HOW),
    { kind: "answered", answer: 1 },
  );
});

test("what an installed agent fails of is told in its own words alone", () => {
  const { guard } = setUp();
  void guard.ask(() => {
    throw new AgentFailure("bad answer: answer is 1");
  }, HOW);
  assert.equal(guard.health.lastFault, "bad answer: answer is 1");
});
