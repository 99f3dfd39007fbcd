import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { type OrderedSearch, putOutResults } from "./ordered-results.ts";

const ORDER = {
  ...{ resultSize: 2, searchForward: true, bookmarkIndex: 1, includeBookmark: true },
  ...{ returnPageInfo: false, sortOrder: undefined, bookmarkObject: undefined },
};

/** Five results that are found when the test says so. */
function openSearch() {
  let release: () => void = () => undefined;
  const state = { searches: 0, givenUp: 0 };
  const search: OrderedSearch<number, number> = {
    ...{ desk: {}, conditions: "", unit: "numbers" },
    async *stream() {},
    async *find(signal) {
      state.searches += 1;
      await new Promise<void>((resolve) => {
        release = resolve;
        signal.addEventListener("abort", () => {
          state.givenUp += 1;
          resolve();
        });
      });
      signal.throwIfAborted();
      yield [5, 4, 3, 2, 1].map((key) => ({ key, identity: String(key), values: [] }));
    },
    read: (page) => page.map(({ key }) => key),
  };
  const clock = fakeClock();
  const ask = (bookmarkIndex: number) => {
    const control = new AbortController();
    const run = { clock, signal: control.signal, warn: () => {}, progress: () => {} };
    const results = gather(putOutResults(run, search, { ...ORDER, bookmarkIndex }));
    results.catch(() => undefined);
    return { results, leave: () => control.abort(new Error("left")) };
  };
  return { ask, state, release: () => release() };
}

async function gather<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const gathered: Item[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("who leaves first ends nobody's search; the others have their pages of it", async () => {
  const { ask, state, release } = openSearch();
  const [first, second] = [ask(1), ask(4)];
  await turn();
  first.leave();
  await assert.rejects(first.results, /left/);
  release();
  assert.deepEqual(await second.results, [2, 1]);
  assert.deepEqual(state, { searches: 1, givenUp: 0 });
});

test("what nobody waits for is given up, and made anew for whoever comes after that", async () => {
  const { ask, state, release } = openSearch();
  const [first, second] = [ask(1), ask(4)];
  await turn();
  first.leave();
  second.leave();
  const third = ask(2);
  await turn();
  release();
  assert.deepEqual(await third.results, [4, 3]);
  await assert.rejects(second.results, /left/);
  assert.deepEqual(state, { searches: 2, givenUp: 1 });
});
