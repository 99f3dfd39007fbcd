import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY, MINUTE, SECOND } from "../../base/units.ts";
import { turns } from "./mortal.fake.ts";
import { keyOf, QueueBench } from "./queue-bench.fake.ts";

/** What happens next, and how many turns of the event loop before something else does. */
type Step =
  | { readonly kind: "submit"; readonly thread: number; readonly domains: readonly number[] }
  | { readonly kind: "kill"; readonly thread: number; readonly deadTurns: number }
  | { readonly kind: "hold"; readonly domain: number }
  | { readonly kind: "open" }
  | { readonly kind: "time"; readonly ms: number };

const THREADS_MAX = 3;

const number = fc.nat({ max: THREADS_MAX - 1 });
const step: fc.Arbitrary<Step & { readonly turns: number }> = fc
  .tuple(
    fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({
          kind: fc.constant("submit" as const),
          thread: number,
          domains: fc.uniqueArray(number, { minLength: 1 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("kill" as const),
          thread: number,
          deadTurns: fc.integer({ min: 5, max: 80 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("hold" as const), domain: number }) },
      { weight: 2, arbitrary: fc.constant({ kind: "open" as const }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("time" as const),
          ms: fc.nat({ max: 1_500 }),
        }),
      },
    ),
    fc.nat({ max: 40 }),
  )
  .map(([what, turnCount]) => ({ ...what, turns: turnCount }));

/** Plays threads that die over each other; returns what was taken in, and by whom it was got. */
class Deaths {
  readonly accepted: { readonly id: number; readonly address: string }[] = [];
  readonly #bench: QueueBench;
  readonly #domains: readonly string[];
  readonly #gates: (() => void)[] = [];
  readonly #suspects = new Set<number>();

  constructor(bench: QueueBench, threads: number) {
    this.#bench = bench;
    this.#domains = Array.from({ length: threads }, (_, index) => bench.domainOf(index));
  }

  /** Nothing is waited for: all of it goes on beside what comes next. */
  start(what: Step): void {
    const count = this.#domains.length;
    switch (what.kind) {
      case "submit": {
        const chosen = new Set(what.domains.map((domain) => domain % count));
        this.#submit(
          what.thread % count,
          [...chosen].map((domain) => `r@${this.#domains[domain]}`),
        );
        break;
      }
      case "kill":
        void this.#kill(what.thread % count, what.deadTurns);
        break;
      case "hold":
        this.#gates.push(this.#bench.hop(this.#domains[what.domain % count] ?? "").close());
        break;
      case "open":
        for (const open of this.#gates.splice(0)) open();
        break;
      default:
        this.#bench.clock.advance(what.ms);
    }
  }

  #submit(thread: number, to: readonly string[]): void {
    if (this.#bench.threads[thread]?.isAlive !== true) return;
    void this.#bench.submit({ to }, thread).then((id) => {
      this.accepted.push(...to.map((address) => ({ id, address })));
    });
  }

  async #kill(thread: number, deadTurns: number): Promise<void> {
    if (this.#bench.threads[thread]?.isAlive !== true) return;
    for (const id of this.#bench.killThread(thread)) this.#suspects.add(id);
    await turns(deadTurns);
    await this.#bench.replaceThread(thread, { suspects: [...this.#suspects] });
  }
}

/** Copies that came, and tracking events that tell of them. */
function deliveries(bench: QueueBench, { id, address }: { id: number; address: string }) {
  const domain = address.slice("r@".length);
  const received = bench.hop(domain).received.filter(({ messageId }) => messageId === id);
  const sent = bench.story(id).filter((one) => one.startsWith("SEND") && one.includes(address));
  return { received, sent };
}

for (const threads of [2, THREADS_MAX]) {
  test(`${threads} threads that die over each other lose nothing, take nothing twice`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60 }),
        fc.array(fc.nat({ max: 25 }), { minLength: 1 }),
        async (steps, latencies) => {
          let calls = 0;
          const bench = await QueueBench.open({
            threads,
            latency: () => latencies[calls++ % latencies.length] ?? 0,
            service: { messageExpirationTimeoutMs: 5 * DAY, delayNotificationTimeoutMs: 4 * DAY },
          });
          const deaths = new Deaths(bench, threads);
          for (const what of steps) {
            deaths.start(what);
            await turns(what.turns);
          }
          deaths.start({ kind: "open" });
          latencies.fill(0);
          await turns(400);
          await bench.advance(MINUTE, SECOND / 10);
          for (const accepted of deaths.accepted) {
            const { received, sent } = deliveries(bench, accepted);
            assert.equal(sent.length, 1, `${accepted.id} ${accepted.address}`);
            const unmarked = received.slice(1).filter((copy) => !copy.possibleDuplicate);
            assert.deepEqual(unmarked, [], "a repeat is marked");
          }
          assert.equal(bench.memory.messageCount, 0);
          bench.crash();
        },
      ),
      { numRuns: 100 },
    );
  });
}

test("a thread that is stopped before it has taken everything up says so", async () => {
  const bench = await QueueBench.open();
  const open = bench.hop("a.test").close();
  const ids = [await bench.submit({ to: ["r@a.test"] }), await bench.submit({ to: ["s@a.test"] })];
  bench.killThread(0);
  // They are tried one after another, and the first takes its time.
  await bench.replaceThread(0, { suspects: ids });
  const stopped = bench.queue().stop(1_000);
  open();
  await bench.advance(5 * SECOND, 20);
  assert.equal(await stopped, false);
  bench.crash();
  await bench.start({ wasUnclean: true });
  await bench.advance(SECOND);
  const again = bench.queue().stop(1_000);
  await bench.advance(2 * SECOND);
  assert.equal(await again, true);
});

test("mail found unreachable by the routes of before is looked at again", async () => {
  let isRouted = false;
  const bench = await QueueBench.open({
    threads: 2,
    categorize({ recipients }, usual) {
      if (!isRouted) return usual();
      const route = { kind: "queue", key: keyOf("a.test"), reasons: [] } as const;
      return { ...usual(), routed: recipients.map((recipient) => ({ recipient, route })) };
    },
  });
  const before = bench.organization;
  const domains = before.acceptedDomains.slice(1);
  bench.organization = { ...before, acceptedDomains: domains };
  bench.queue(0).organizationChanged(before, bench.organization);
  await bench.settle();
  await bench.submit({ to: ["r@nowhere.test"] }, 1);
  bench.queue(1).organizationChanged(before, bench.organization);
  isRouted = true;
  await bench.advance(20 * SECOND);
  assert.deepEqual(bench.hop("a.test").addresses, ["r@nowhere.test"]);
});
