import assert from "node:assert/strict";
import { test } from "node:test";
import { ScanGate } from "./scan-gate.ts";

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("ScanGate: twenty at one time, the others in their order", async () => {
  const gate = new ScanGate();
  const entered: number[] = [];
  const leave: (() => void)[] = [];
  for (let index = 0; index < 23; index += 1) {
    void gate.enter("clamd", never).then((left) => {
      entered.push(index);
      leave.push(left ?? assert.fail());
    });
  }
  await turn();
  assert.equal(entered.length, 20);
  leave[3]?.();
  // A second call is of no effect.
  leave[3]?.();
  await turn();
  assert.deepEqual(entered.slice(20), [20]);
  for (const left of leave) left();
  await turn();
  assert.deepEqual(entered.slice(20), [20, 21, 22]);
});

test("ScanGate: one scanner's line is not another's", async () => {
  const gate = new ScanGate();
  for (let index = 0; index < 20; index += 1) await gate.enter("clamd", never);
  assert.ok(await gate.enter("rspamd", never));
});

test("ScanGate: who gives up waiting takes no place", async () => {
  const gate = new ScanGate();
  const leave: ((() => void) | undefined)[] = [];
  for (let index = 0; index < 20; index += 1) leave.push(await gate.enter("clamd", never));
  const controller = new AbortController();
  const waiting = gate.enter("clamd", controller.signal);
  controller.abort();
  assert.equal(await waiting, undefined);
  assert.equal(await gate.enter("clamd", AbortSignal.abort()), undefined);
  const patient = gate.enter("clamd", never);
  leave[0]?.();
  assert.ok(await patient);
});
