import assert from "node:assert/strict";
import { test } from "node:test";
import { SECOND } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import { hopFault } from "./hop.fake.ts";
import { QueueBench } from "./queue-bench.fake.ts";

const ALTERNATE = "spare@b.test" as Address;
const REFUSED = { kind: "failed", fault: hopFault("550 5.1.1 Nobody") } as const;

/** A queue in which a.test refuses everybody; mail to it names the alternate recipient. */
async function openBench() {
  const bench = await QueueBench.open({
    categorize: ({ recipients }, usual) => {
      const unknown = recipients.filter(({ address }) => address.startsWith("unknown@"));
      const ended = unknown.map((recipient) => ({ recipient, outcome: REFUSED }));
      const { routed, ...rest } = usual();
      return { ...rest, routed: routed.filter((one) => !unknown.includes(one.recipient)), ended };
    },
  });
  bench.hop("a.test").answer = () => REFUSED;
  const submit = (to: readonly string[]) => {
    const receivedMs = bench.clock.nowMs();
    const expiresMs = receivedMs + 60 * SECOND;
    const recipient = { alternateRecipient: ALTERNATE, expiresMs };
    return bench.submit({ to, from: "x@c.test", message: { receivedMs }, recipient });
  };
  const received = (domain: string) => bench.hop(domain).received.map(({ address }) => address);
  return { bench, submit, received };
}

test("who fails has his mail go to his alternate, and the sender hears nothing", async () => {
  const { bench, submit, received } = await openBench();
  await submit(["one@a.test", "two@d.test"]);
  assert.deepEqual(received("b.test"), [ALTERNATE]);
  assert.deepEqual(received("d.test"), ["two@d.test"]);
  assert.deepEqual(received("c.test"), []);
  assert.equal(bench.memory.messageCount, 0);
  assert.match(bench.memory.events, /,REDIRECT,.*spare@b\.test.*550 5\.1\.1 Nobody.*one@a\.test/);
  assert.doesNotMatch(bench.memory.events, /,FAIL,/);
});

test("who is unknown has failed, too", async () => {
  const { bench, submit, received } = await openBench();
  await submit(["unknown@d.test", "two@d.test"]);
  assert.deepEqual(received("b.test"), [ALTERNATE]);
  assert.deepEqual(received("d.test"), ["two@d.test"]);
  assert.deepEqual(received("c.test"), []);
  assert.equal(bench.memory.messageCount, 0);
});

test("an alternate that fails has none itself: the sender is told of it", async () => {
  const { bench, submit, received } = await openBench();
  bench.hop("b.test").answer = () => REFUSED;
  await submit(["one@a.test"]);
  assert.deepEqual(received("c.test"), ["x@c.test"]);
  assert.equal(bench.memory.events.match(/,REDIRECT,/g)?.length, 1);
  assert.match(bench.memory.events, /,FAIL,.*spare@b\.test/);
  assert.equal(bench.memory.messageCount, 0);
});

test("who waits too long has failed, too", async () => {
  const { bench, submit, received } = await openBench();
  bench.hop("e.test").mood = "down";
  await submit(["late@e.test"]);
  assert.deepEqual(received("b.test"), []);
  await bench.advance(120 * SECOND);
  assert.deepEqual(received("b.test"), [ALTERNATE]);
  assert.deepEqual(received("c.test"), []);
  assert.equal(bench.memory.messageCount, 0);
});
