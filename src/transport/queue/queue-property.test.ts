import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import { hopFault, RELAYED } from "./hop.fake.ts";
import { QueueBench } from "./queue-bench.fake.ts";

const DOMAINS = ["a.test", "b.test", "c.test"] as const;

type Step =
  | { readonly kind: "submit"; readonly domains: readonly number[]; readonly thread: number }
  | { readonly kind: "mood"; readonly domain: number; readonly mood: (typeof MOODS)[number] }
  | { readonly kind: "answer"; readonly domain: number; readonly answer: keyof typeof ANSWERS }
  | { readonly kind: "time"; readonly minutes: number }
  | { readonly kind: "hold"; readonly domain: number }
  | { readonly kind: "kill"; readonly thread: number }
  | { readonly kind: "crash" }
  | { readonly kind: "stop" };

const MOODS = ["up", "down", "breaks", "no-more", "impossible"] as const;
const ANSWERS = {
  take: () => RELAYED,
  later: () => ({ kind: "deferred", fault: hopFault("451 4.7.1 Later") }) as const,
  never: () => ({ kind: "failed", fault: hopFault("550 5.1.1 No") }) as const,
  silent: () => "got-it-silently" as const,
};

const domain = fc.nat({ max: DOMAINS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("submit" as const),
      domains: fc.uniqueArray(domain, { minLength: 1 }),
      thread: fc.nat({ max: 1 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("mood" as const),
      domain,
      mood: fc.constantFrom(...MOODS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      domain,
      answer: fc.constantFrom(
        "take" as const,
        "later" as const,
        "never" as const,
        "silent" as const,
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("time" as const),
      minutes: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hold" as const), domain }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("kill" as const), thread: fc.nat({ max: 1 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "crash" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "stop" as const }) },
);

/** Plays the steps, then makes every hop well and waits; returns what was submitted. */
async function play(bench: QueueBench, steps: readonly Step[], threads: number) {
  const submitted: { id: number; address: string }[] = [];
  const gates: (() => void)[] = [];
  for (const now of steps) {
    switch (now.kind) {
      case "submit": {
        const to = now.domains.map((index) => `r@${DOMAINS[index] ?? ""}`);
        const id = await bench.submit({ to }, now.thread % threads);
        submitted.push(...to.map((address) => ({ id, address })));
        break;
      }
      case "mood":
        bench.hop(DOMAINS[now.domain] ?? "").mood = now.mood;
        break;
      case "answer":
        bench.hop(DOMAINS[now.domain] ?? "").answer = ANSWERS[now.answer];
        break;
      case "hold":
        gates.push(bench.hop(DOMAINS[now.domain] ?? "").close());
        break;
      case "time":
        await bench.advance(now.minutes * MINUTE, 10_000);
        for (const open of gates.splice(0)) open();
        break;
      case "kill":
        bench.killThread(now.thread % threads);
        await bench.replaceThread(now.thread % threads);
        break;
      case "crash":
        bench.crash();
        await bench.start({ wasUnclean: true });
        break;
      default:
        for (const open of gates.splice(0)) open();
        await bench.stop();
        await bench.start({ wasUnclean: false });
    }
  }
  for (const open of gates.splice(0)) open();
  for (const name of DOMAINS) {
    bench.hop(name).mood = "up";
    bench.hop(name).answer = ANSWERS.take;
  }
  await bench.advance(HOUR, 10_000);
  return submitted;
}

for (const threads of [1, 2]) {
  test(`${threads} threads: whatever hops and threads do, each recipient ends once`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const bench = await QueueBench.open({
          threads,
          service: { messageExpirationTimeoutMs: 5 * DAY, delayNotificationTimeoutMs: 4 * DAY },
        });
        const submitted = await play(bench, steps, threads);
        for (const { id, address } of submitted) checkEnd(bench, id, address);
        assert.equal(bench.memory.messageCount, 0);
        assert.deepEqual(bench.memory.contentIds, []);
        assert.equal(bench.bytesInMemory, 0);
        bench.crash();
      }),
      { numRuns: 150 },
    );
  });
}

/** Delivered or failed and told; repeated only with the mark. */
function checkEnd(bench: QueueBench, id: number, address: string): void {
  const endings = bench
    .story(id)
    .filter((event) => /^(?:SEND|FAIL)\(/.test(event) && event.includes(address));
  assert.equal(endings.length, 1, `${id} ${address}: ${bench.story(id).join()}`);
  const domainName = address.slice(address.indexOf("@") + 1);
  const received = bench.hop(domainName).received.filter((one) => one.messageId === id);
  const unmarked = received.slice(1).filter(({ possibleDuplicate }) => !possibleDuplicate);
  assert.deepEqual(unmarked, [], "a repeat is marked");
  const notices = bench
    .hop("sender.test")
    .received.filter(({ notice }) => notice.includes(`<${id}@b.test>`))
    .filter(({ notice }) => notice.includes(`Final-Recipient: rfc822;${address}`));
  if (endings[0]?.startsWith("SEND") === true) {
    assert.ok(received.length > 0, "it says so because it got there");
    assert.equal(notices.length, 0);
  } else {
    const told = new Set(notices.map(({ messageId }) => messageId));
    assert.equal(told.size, 1, `one notice, ${notices.length} copies`);
  }
}
