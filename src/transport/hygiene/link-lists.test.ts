import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resolver } from "../../dns/resolver.ts";
import { findListedLinks } from "./link-lists.ts";

const ANSWERS: Readonly<Record<string, string>> = {
  "evil.test.dbl.test": "127.0.1.2",
  "www.bad.test.dbl.test": "127.0.1.4",
  "blocked.test.dbl.test": "127.255.255.254",
  "refused.test.dbl.test": "127.0.0.1",
  "often.test.dbl.test": "127.0.0.255",
  "wild.test.dbl.test": "192.0.2.1",
};

function resolverOf(asked: string[]): Resolver {
  return {
    async lookup(name) {
      asked.push(name);
      if (name.startsWith("failing.")) return { kind: "failed", reason: "timeout" };
      const address = ANSWERS[name];
      if (address === undefined) return { kind: "nxdomain", authenticated: false };
      const records = [{ type: "A", ttlSeconds: 60, address } as const];
      return { kind: "records", records, canonicalName: name, authenticated: false };
    },
  };
}

for (const [why, hosts, want] of [
  ["a host", ["www.bad.test"], ["www.bad.test (dbl.test)"]],
  ["the domain of a host", ["a.b.evil.test"], ["evil.test (dbl.test)"]],
  ["both ways once", ["evil.test"], ["evil.test (dbl.test)"]],
  ["nobody", ["good.test"], []],
  ["a list that does not answer us", ["blocked.test"], []],
  ["a list that refuses us", ["refused.test"], []],
  ["a list that we have asked too often", ["often.test"], []],
  ["an answer that is none of a list", ["wild.test"], []],
  ["DNS that fails", ["failing.test"], []],
] as const) {
  test(`findListedLinks: ${why}`, async () => {
    assert.deepEqual(await findListedLinks(resolverOf([]), hosts, ["dbl.test"]), want);
  });
}

test("findListedLinks: few questions, however many links", async () => {
  const asked: string[] = [];
  const hosts = Array.from({ length: 100 }, (_, index) => `a.h${index}.test`);
  await findListedLinks(resolverOf(asked), hosts, ["one.test", "two.test"]);
  assert.equal(asked.length, 40);
});
