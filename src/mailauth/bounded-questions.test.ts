import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { fakeResolver, type Zone } from "../dns/zone.fake.ts";
import { boundedQuestions, QUESTIONS_MAX } from "./bounded-questions.ts";

const ZONE: Zone = {
  "a.test": {
    A: ["192.0.2.1"],
    AAAA: ["2001:db8::1"],
    MX: [[10, "mx.a.test"]],
    PTR: ["a.test"],
    TXT: ["one ".repeat(100)],
  },
  "null.test": { MX: [[0, "."]] },
  "dead.test": { fault: "SERVFAIL" },
  "silent.test": { fault: "silent" },
};

for (const [name, type, want] of [
  ["a.test", "A", ["192.0.2.1"]],
  ["a.test", "AAAA", ["2001:db8::1"]],
  ["a.test", "MX", [{ exchange: "mx.a.test", priority: 10 }]],
  ["null.test", "MX", [{ exchange: "", priority: 0 }]],
  ["a.test", "PTR", ["a.test"]],
  ["a.test", "TXT", [["one ".repeat(100)]]],
] as const) {
  test(`${type} of ${name} has the form of node:dns`, async () => {
    const ask = boundedQuestions(fakeResolver(ZONE, fakeClock()));
    assert.deepEqual(await ask(name, type), want);
  });
}

for (const [name, type, code] of [
  ["b.test", "A", "ENOTFOUND"],
  ["null.test", "A", "ENODATA"],
  ["dead.test", "TXT", "ESERVFAIL"],
  ["silent.test", "TXT", "ESERVFAIL"],
  ["a.test", "SRV", "ESERVFAIL"],
] as const) {
  test(`${type} of ${name} is ${code}`, async () => {
    const ask = boundedQuestions(fakeResolver(ZONE, fakeClock()));
    await assert.rejects(ask(name, type), { code });
  });
}

test("past the limit nothing is known any more", async () => {
  const ask = boundedQuestions(fakeResolver(ZONE, fakeClock()));
  for (let count = 0; count < QUESTIONS_MAX; count += 1) await ask("a.test", "A");
  await assert.rejects(ask("a.test", "A"), { code: "ESERVFAIL" });
});
