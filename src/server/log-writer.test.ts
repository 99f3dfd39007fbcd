import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { fakeClock } from "../base/clock.fake.ts";
import { MiB } from "../base/units.ts";
import { openLogWriter } from "./log-writer.ts";

function bench(t: TestContext) {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const clock = fakeClock();
  let dropped = 0;
  const writer = openLogWriter(port1, {
    clock,
    dropped: (lines) => {
      dropped += lines;
    },
  });
  return { writer, clock, far: port2, dropped: () => dropped };
}

function received(port: MessagePort): unknown {
  return receiveMessageOnPort(port)?.message;
}

test("lines of a moment travel together, by kind", (t) => {
  const { writer, clock, far } = bench(t);
  writer.append("connectivity", "one\r\n");
  writer.append("connectivity", "two\r\n");
  assert.equal(received(far), undefined);
  clock.advance(200);
  assert.deepEqual(received(far), [{ kind: "connectivity", text: "one\r\ntwo\r\n" }]);
  clock.advance(1000);
  assert.equal(received(far), undefined);
});

test("what is not written is bounded, and room comes back", async (t) => {
  const { writer, clock, far, dropped } = bench(t);
  const line = `${"x".repeat(MiB - 2)}\r\n`;
  for (let count = 0; count < 16; count += 1) writer.append("connectivity", line);
  writer.append("connectivity", "one\r\ntwo\r\n");
  assert.equal(dropped(), 2);
  far.postMessage(MiB);
  await new Promise((resolve) => setImmediate(resolve));
  writer.append("connectivity", "three\r\n");
  writer.flush();
  assert.equal(dropped(), 2);
  clock.advance(1000);
});

test("another port is used from then on", (t) => {
  const { writer, far } = bench(t);
  const next = new MessageChannel();
  t.after(() => next.port1.close());
  writer.append("connectivity", "one\r\n");
  writer.flush();
  writer.usePort(next.port1);
  writer.append("connectivity", "two\r\n");
  writer.flush();
  assert.deepEqual(received(far), [{ kind: "connectivity", text: "one\r\n" }]);
  assert.deepEqual(received(next.port2), [{ kind: "connectivity", text: "two\r\n" }]);
});
