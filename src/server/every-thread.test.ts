import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { EveryThread } from "./every-thread.ts";
import type { Supervisor } from "./supervisor.ts";
import type { TransportThreadCalls } from "./thread-calls.ts";
import type { Remote } from "./thread-link.ts";

type Thread = Remote<TransportThreadCalls>;

/** Threads that can die, and come back a moment later. */
function open() {
  const clock = fakeClock();
  const remotes = new Map<number, Thread>();
  const asked: string[] = [];
  let generation = 0;
  const create = (index: number) => {
    generation += 1;
    const own = generation;
    const ask = async (name: string) => {
      asked.push(`${name} ${index}/${own}`);
      return own;
    };
    // Only `ask` is used; what it answers is of no interest to its caller here.
    remotes.set(index, { ask, tell: () => undefined } as unknown as Thread);
  };
  create(0);
  create(1);
  let deaths = 0;
  const supervisor: Pick<Supervisor, "remotes" | "isReady" | "deaths"> = {
    get remotes() {
      return new Map(remotes);
    },
    get isReady() {
      return remotes.size === 2;
    },
    get deaths() {
      return deaths;
    },
  };
  const kill = (index: number) => {
    deaths += 1;
    remotes.delete(index);
  };
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(100);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((go) => setImmediate(go));
    }
  };
  return { threads: new EveryThread({ clock, supervisor }), asked, create, kill, advance };
}

const act = (thread: Thread) => thread.ask("queueViews", undefined);

test("an act waits for a thread that is being started anew", async () => {
  const { threads, asked, create, kill, advance } = open();
  kill(1);
  const acted = threads.actOnQueues(act);
  await advance(1_000);
  assert.deepEqual(asked, []);
  create(1);
  await advance(200);
  assert.equal((await acted).length, 2);
  assert.deepEqual(asked, ["queueViews 0/1", "queueViews 1/3"]);
});

test("an act that a thread dies of is done again, in the first thread first", async () => {
  const { threads, asked, create, kill, advance } = open();
  let isFirst = true;
  const acted = threads.actOnQueues((thread) => {
    if (!isFirst) return act(thread);
    isFirst = false;
    kill(0);
    return Promise.reject(new Error("gone"));
  });
  await advance(300);
  assert.deepEqual(asked, [], "the other one is not told what is not written");
  create(0);
  await advance(200);
  await acted;
  assert.deepEqual(asked, ["queueViews 0/3", "queueViews 1/2"]);
});

test("an act on messages waits for what a dead thread had in hand", async () => {
  const { threads, asked } = open();
  await threads.actOnMessages(act);
  assert.deepEqual(asked, ["takenUp 0/1", "takenUp 1/2", "queueViews 0/1", "queueViews 1/2"]);
});

test("an act that fails is not done again; one that waits too long is refused", async () => {
  const { threads, kill, advance } = open();
  const broken = () => Promise.reject(new Error("wrong"));
  await assert.rejects(threads.actOnQueues(broken), /wrong/);
  kill(0);
  const late = assert.rejects(threads.actOnQueues(act), /being started anew/);
  await advance(31_000);
  await late;
});

test("what was read is whole as long as no thread dies", async () => {
  const { threads, kill } = open();
  const isWhole = await threads.whole(new AbortController().signal);
  assert.equal(isWhole(), true);
  kill(0);
  assert.equal(isWhole(), false);
});
