import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeClock, fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { fault, ok } from "../../base/result.ts";
import { DAY, HOUR, MINUTE } from "../../base/units.ts";
import { fakeResolver, type Zone } from "../../dns/zone.fake.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import { createStsSource, type FetchPolicy, type StsState } from "./sts-source.ts";

interface Bench {
  readonly clock: FakeClock;
  readonly records: MemoryRecordStore;
  readonly zone: Zone;
  /** What the web server says. */
  answer: Awaited<ReturnType<FetchPolicy>>;
  fetches: number;
  find(): Promise<string>;
  /** As another thread, or after a restart. */
  anew(): void;
}

const body = (mode: string, ageSeconds = 86_400 * 7) =>
  `version: STSv1\nmode: ${mode}\nmx: mx.a.test\nmax_age: ${ageSeconds}\n`;
const FAILED = fault({ type: "sts-policy-fetch-error", detail: "ECONNREFUSED" } as const);

function describe(state: StsState): string {
  if (state.kind === "policy") return `${state.policy.mode} ${state.text.length}`;
  return state.failure === undefined ? "none" : `none ${state.failure.type}`;
}

function open(): Bench {
  const clock = fakeClock();
  const records = new MemoryRecordStore();
  const zone: Zone = { "_mta-sts.a.test": { TXT: ["v=STSv1; id=1"], ttl: 60 } };
  const make = () =>
    createStsSource({
      resolver: fakeResolver(zone, clock),
      records,
      clock,
      diagnostics: silentDiagnostics,
      fetchPolicy: async () => {
        bench.fetches += 1;
        return bench.answer;
      },
    });
  const bench: Bench = {
    clock,
    records,
    zone,
    answer: ok(body("enforce")),
    fetches: 0,
    find: async () => describe(await source.find("a.test")),
    anew: () => {
      source = make();
    },
  };
  let source = make();
  return bench;
}

function publish(bench: Bench, id: string | undefined): void {
  bench.zone["_mta-sts.a.test"] = id === undefined ? {} : { TXT: [`v=STSv1; id=${id}`], ttl: 60 };
  bench.clock.advance(2 * MINUTE);
}

test("a policy is fetched once, and kept over a restart", async () => {
  const bench = open();
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(bench.fetches, 1);
  bench.answer = FAILED;
  bench.anew();
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(bench.fetches, 1);
});

test("a domain with another policy each second, kept by none, is not asked for each", async () => {
  const bench = open();
  bench.answer = ok(body("enforce", 0));
  for (let id = 1; id < 100; id += 1) {
    bench.zone["_mta-sts.a.test"] = { TXT: [`v=STSv1; id=${id}`], ttl: 0 };
    assert.equal(await bench.find(), "enforce 4");
    bench.clock.advance(MINUTE / 60);
  }
  assert.equal(bench.fetches, 2);
});

test("a domain without the record is not asked for a policy", async () => {
  const bench = open();
  publish(bench, undefined);
  assert.equal(await bench.find(), "none");
  assert.equal(bench.fetches, 0);
});

test("another id brings another policy; until it can be had, the old one holds", async () => {
  const bench = open();
  assert.equal(await bench.find(), "enforce 4");
  publish(bench, "2");
  bench.answer = FAILED;
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(bench.fetches, 2);
  bench.answer = ok(body("testing"));
  assert.equal(await bench.find(), "enforce 4", "not again within five minutes");
  bench.clock.advance(5 * MINUTE);
  assert.equal(await bench.find(), "testing 4");
  assert.equal(bench.fetches, 3);
});

test("a record that vanishes takes no policy back before its time (downgrade)", async () => {
  const bench = open();
  assert.equal(await bench.find(), "enforce 4");
  publish(bench, undefined);
  assert.equal(await bench.find(), "enforce 4");
  bench.zone["_mta-sts.a.test"] = { fault: "SERVFAIL" };
  bench.clock.advance(6 * DAY);
  bench.anew();
  assert.equal(await bench.find(), "enforce 4");
  bench.clock.advance(DAY);
  assert.equal(await bench.find(), "none");
});

test("it is asked for anew each day, without anybody waiting", async () => {
  const bench = open();
  assert.equal(await bench.find(), "enforce 4");
  bench.clock.advance(23 * HOUR);
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(bench.fetches, 1);
  bench.clock.advance(2 * HOUR);
  bench.answer = ok(body("none"));
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(bench.fetches, 2);
  await new Promise(setImmediate);
  assert.equal(await bench.find(), "none 4");
});

for (const [why, answer, want] of [
  ["out of reach", FAILED, "none sts-policy-fetch-error"],
  ["malformed", ok("version: STSv2\n"), "none sts-policy-invalid"],
  [
    "a certificate that is not valid",
    fault({ type: "sts-webpki-invalid", detail: "x" } as const),
    "none sts-webpki-invalid",
  ],
] as const) {
  test(`no policy yet: ${why}`, async () => {
    const bench = open();
    bench.answer = answer;
    assert.equal(await bench.find(), want);
    assert.equal(await bench.find(), want);
    assert.equal(bench.fetches, 1);
    bench.answer = ok(body("enforce"));
    bench.clock.advance(5 * MINUTE);
    assert.equal(await bench.find(), "enforce 4");
  });
}

test("what another thread has fetched is not fetched again", async () => {
  const bench = open();
  assert.equal(await bench.find(), "enforce 4");
  publish(bench, "2");
  bench.answer = ok(body("testing"));
  assert.equal(await bench.find(), "testing 4");
  bench.anew();
  assert.equal(await bench.find(), "testing 4");
  assert.equal(bench.fetches, 2);
});

test("a store that fails costs the memory of it, not the mail", async () => {
  const bench = open();
  bench.records.failure = "disk";
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(await bench.find(), "enforce 4");
  assert.equal(bench.fetches, 1);
});

test("a hundred at once make one fetch", async () => {
  const bench = open();
  const found = await Promise.all(Array.from({ length: 100 }, () => bench.find()));
  assert.deepEqual(new Set(found), new Set(["enforce 4"]));
  assert.equal(bench.fetches, 1);
});
