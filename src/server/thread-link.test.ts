import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { linkThreads } from "./thread-link.ts";

type Arithmetic = {
  readonly double: (value: number) => Promise<number>;
  readonly fail: (reason: string) => never;
};

function openLink() {
  const { port1, port2 } = new MessageChannel();
  const heard: number[] = [];
  linkThreads<Record<string, never>>(port2, {
    async double(value: number) {
      heard.push(value);
      return value * 2;
    },
    fail(reason: string) {
      throw new Error(reason);
    },
  });
  return { near: linkThreads<Arithmetic>(port1, {}), port1, port2, heard };
}

test("calls are answered each by its own answer", async () => {
  const { near, port1 } = openLink();
  assert.deepEqual(
    await Promise.all([1, 2, 3].map((value) => near.ask("double", value))),
    [2, 4, 6],
  );
  port1.close();
});

test("a call that fails there rejects here with its reason", async () => {
  const { near, port1 } = openLink();
  await assert.rejects(near.ask("fail", "no such thing"), /no such thing/);
  port1.close();
});

test("when the other side ends, its callers hear of it", async () => {
  const { port1, port2 } = new MessageChannel();
  port2.on("message", () => {});
  const near = linkThreads<Arithmetic>(port1, {});
  const asked = near.ask("double", 1);
  port2.close();
  await assert.rejects(asked, /the other thread has ended/);
});

test("what is only told is done, too", async () => {
  const { near, heard, port1 } = openLink();
  near.tell("double", 5);
  assert.equal(await near.ask("double", 6), 12);
  assert.deepEqual(heard, [5, 6]);
  port1.close();
});
