import assert from "node:assert/strict";
import { test } from "node:test";
import { MarkTable } from "./mark-table.ts";

test("the supervisor reads which messages a thread has under its hands", () => {
  const thread = new MarkTable();
  const supervisor = new MarkTable(thread.buffer);
  const first = thread.mark(7);
  thread.mark(8);
  const again = thread.mark(7);
  assert.deepEqual([...supervisor.read().inHand].sort(), [7, 8]);
  first();
  assert.deepEqual([...supervisor.read().inHand].sort(), [7, 8]);
  again();
  assert.deepEqual(supervisor.read(), { alone: undefined, inHand: [8] });
});

test("work that nothing can come between is told apart, until it returns or throws", () => {
  const thread = new MarkTable();
  const supervisor = new MarkTable(thread.buffer);
  thread.mark(8);
  const during = thread.alone(7, () => supervisor.read());
  assert.deepEqual(during, { alone: 7, inHand: [8] });
  assert.equal(supervisor.read().alone, undefined);
  const fails = () => {
    throw new Error("we are wrong");
  };
  assert.throws(() => thread.alone(9, fails), /we are wrong/);
  assert.equal(supervisor.read().alone, undefined);
});

test("more messages than there is room for go unmarked, and harm nothing", () => {
  const table = new MarkTable();
  const undo = Array.from({ length: 5_000 }, (_, index) => table.mark(index + 1));
  assert.equal(table.read().inHand.length, 4_096);
  assert.equal(table.read().alone, undefined);
  for (const unmark of undo) unmark();
  assert.deepEqual(table.read().inHand, []);
});
