import assert from "node:assert/strict";
import { test } from "node:test";
import { MarkTable } from "./mark-table.ts";

test("the supervisor reads which messages a thread has under its hands", () => {
  const thread = new MarkTable();
  const supervisor = new MarkTable(thread.buffer);
  const first = thread.mark(7);
  thread.mark(8);
  const again = thread.mark(7);
  assert.deepEqual([...supervisor.read()].sort(), [7, 8]);
  first();
  assert.deepEqual([...supervisor.read()].sort(), [7, 8]);
  again();
  assert.deepEqual(supervisor.read(), [8]);
});

test("more messages than there is room for go unmarked, and harm nothing", () => {
  const table = new MarkTable();
  const undo = Array.from({ length: 5_000 }, (_, index) => table.mark(index + 1));
  assert.equal(table.read().length, 4_096);
  for (const unmark of undo) unmark();
  assert.deepEqual(table.read(), []);
});
