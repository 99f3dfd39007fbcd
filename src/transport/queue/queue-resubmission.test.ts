import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTE } from "../../base/units.ts";
import { keyOf, QueueBench } from "./queue-bench.fake.ts";

test("mail that comes into a queue whose way is no more takes another one", async () => {
  let domain = "a.test";
  const bench = await QueueBench.open({
    categorize({ recipients }, usual) {
      const routed = recipients.map((recipient) => {
        const route = { kind: "queue", key: keyOf(domain), reasons: [] } as const;
        return { recipient, route };
      });
      return { ...usual(), routed };
    },
  });
  const hop = bench.hop("a.test");
  hop.mood = "down";
  // One waits in the store, one comes when the way has gone.
  await bench.submit({ to: ["one@x.test"] });
  hop.mood = "gone";
  await bench.submit({ to: ["two@x.test"] });
  domain = "b.test";
  await bench.advance(2 * MINUTE);
  assert.deepEqual([...bench.hop("b.test").addresses].sort(), ["one@x.test", "two@x.test"]);
  assert.deepEqual(hop.addresses, []);
  assert.equal(bench.memory.messageCount, 0);
});
