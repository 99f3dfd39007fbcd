import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkLine } from "./work-line.ts";

/** Lets everything run that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Works that end when they are told to. */
function openWorks(line: WorkLine) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    end: (work: number) => ends[work]?.(),
    start: (work: number) =>
      line.run(async () => {
        begun.push(work);
        await new Promise<void>((resolve) => {
          ends[work] = resolve;
        });
        return work;
      }),
  };
}

test("so many at work, so many waiting, and the rest are sent away", async () => {
  const works = openWorks(new WorkLine({ atOnce: 2, waitingMax: 1 }));
  const runs = [0, 1, 2, 3].map(works.start);
  assert.equal(await runs[3], undefined);
  await turns();
  assert.deepEqual(works.begun, [0, 1]);
  works.end(1);
  assert.equal(await runs[1], 1);
  await turns();
  assert.deepEqual(works.begun, [0, 1, 2]);
  const late = works.start(4);
  for (const work of [0, 2]) works.end(work);
  await turns();
  works.end(4);
  assert.deepEqual(await Promise.all([runs[0], runs[2], late]), [0, 2, 4]);
});

test("from where most wait, the last one makes room", async () => {
  const line = new WorkLine({ atOnce: 1, waitingMax: 3 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = line.run(() => promise);
  const wait = (name: string, from: string) => line.run(() => Promise.resolve(name), from);
  const waiting = [wait("a1", "a"), wait("b1", "b"), wait("a2", "a"), wait("c1", "c")];
  waiting.push(wait("a3", "a"));
  resolve("first");
  const done = await Promise.all([first, ...waiting]);
  assert.deepEqual(done, ["first", "a1", "b1", undefined, "c1", undefined]);
});

test("work that fails leaves its place to the next", async () => {
  const line = new WorkLine({ atOnce: 1, waitingMax: 1 });
  const failing = line.run(() => Promise.reject(new Error("out of memory")));
  const next = line.run(() => Promise.resolve("done"));
  await assert.rejects(async () => failing, /out of memory/);
  assert.equal(await next, "done");
  assert.equal(await line.run(() => Promise.resolve("again")), "again");
});
