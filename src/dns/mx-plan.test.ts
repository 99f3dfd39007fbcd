import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../base/clock.fake.ts";
import { interleaveAddresses, shuffle } from "./address-order.ts";
import { type MxOptions, type MxPlan, resolveHost, resolveMx } from "./mx-plan.ts";
import { fakeResolver, type Zone } from "./zone.fake.ts";

const OPTIONS: MxOptions = {
  ownNames: new Set(["mail.contoso.test"]),
  ownAddresses: new Set(["198.51.100.1"]),
  random: () => 0.999,
  ipv6: false,
};

const ZONE: Zone = {
  "two.test": {
    MX: [
      [20, "backup.two.test"],
      [10, "mx.two.test"],
    ],
  },
  "mx.two.test": { A: ["192.0.2.1"] },
  "backup.two.test": { A: ["192.0.2.2"], AAAA: ["2001:db8::2"] },
  "implicit.test": { A: ["192.0.2.3"] },
  "six.test": { AAAA: ["2001:db8::3"] },
  "alias.test": { CNAME: "two.test" },
  "null.test": { MX: [[0, "."]], A: ["192.0.2.4"] },
  "null-and-more.test": {
    MX: [
      [0, "."],
      [10, "mx.two.test"],
    ],
  },
  "nothing.test": {},
  "servfail.test": { fault: "SERVFAIL" },
  "silent.test": { fault: "silent" },
  "own-first.test": {
    MX: [
      [10, "mail.contoso.test"],
      [10, "mx.two.test"],
      [20, "backup.two.test"],
    ],
  },
  "own-second.test": {
    MX: [
      [5, "mx.two.test"],
      [10, "Mail.Contoso.test"],
      [20, "backup.two.test"],
    ],
  },
  "own-address.test": { MX: [[10, "shared.test"]] },
  "own-and-failing.test": {
    MX: [
      [5, "servfail.test"],
      [10, "mail.contoso.test"],
    ],
  },
  "own-before-failing.test": {
    MX: [
      [10, "mail.contoso.test"],
      [20, "servfail.test"],
    ],
  },
  "shared.test": { A: ["198.51.100.1"] },
  "implicit-own.test": { A: ["198.51.100.1"] },
  "mail.contoso.test": { A: ["198.51.100.1"] },
  "dangling.test": {
    MX: [
      [10, "missing.test"],
      [20, "nothing.test"],
    ],
  },
  "half-dangling.test": {
    MX: [
      [10, "missing.test"],
      [20, "mx.two.test"],
    ],
  },
  "half-failing.test": {
    MX: [
      [10, "servfail.test"],
      [20, "mx.two.test"],
    ],
  },
  "all-failing.test": {
    MX: [
      [10, "servfail.test"],
      [20, "missing.test"],
    ],
  },
  "hostile.test": { MX: [[10, "evil\r\nQUIT.test"]] },
};

function brief(plan: MxPlan): string {
  if (plan.kind !== "hosts") return `${plan.kind} ${plan.status}`;
  return plan.hosts.map((host) => `${host.name}=${host.addresses.join(",")}`).join(" ");
}

for (const [domain, want] of [
  ["two.test", "mx.two.test=192.0.2.1 backup.two.test=192.0.2.2,2001:db8::2"],
  ["implicit.test", "implicit.test=192.0.2.3"],
  ["six.test", "six.test=2001:db8::3"],
  ["alias.test", "mx.two.test=192.0.2.1 backup.two.test=192.0.2.2,2001:db8::2"],
  ["null.test", "impossible 5.1.10"],
  ["null-and-more.test", "mx.two.test=192.0.2.1"],
  ["nothing.test", "impossible 5.4.4"],
  ["missing.test", "impossible 5.4.4"],
  ["servfail.test", "failed 4.4.3"],
  ["silent.test", "failed 4.4.3"],
  ["own-first.test", "impossible 5.4.6"],
  ["own-second.test", "mx.two.test=192.0.2.1"],
  ["own-address.test", "impossible 5.4.6"],
  ["own-and-failing.test", "failed 4.4.3"],
  ["own-before-failing.test", "impossible 5.4.6"],
  ["implicit-own.test", "impossible 5.4.6"],
  ["dangling.test", "impossible 5.4.4"],
  ["half-dangling.test", "mx.two.test=192.0.2.1"],
  ["half-failing.test", "mx.two.test=192.0.2.1"],
  ["all-failing.test", "failed 4.4.3"],
  ["[192.0.2.9]", "192.0.2.9=192.0.2.9"],
  ["[IPv6:2001:DB8::9]", "2001:db8::9=2001:db8::9"],
  ["[198.51.100.1]", "impossible 5.4.6"],
  ["[1]", "impossible 5.1.2"],
  ["[x", "impossible 5.1.2"],
  ["localhost", "localhost=127.0.0.1,::1"],
] as const) {
  test(`resolveMx ${domain}`, async () => {
    const plan = await resolveMx(domain, fakeResolver(ZONE, fakeClock()), OPTIONS);
    assert.equal(brief(plan), want);
  });
}

test("resolveMx passes over a name that would end a command line", async () => {
  const plan = await resolveMx("hostile.test", fakeResolver(ZONE, fakeClock()), OPTIONS);
  assert.equal(JSON.stringify(plan).includes("QUIT"), false);
});

test("NXDOMAIN has Exchange's words", async () => {
  const plan = await resolveMx("missing.test", fakeResolver(ZONE, fakeClock()), OPTIONS);
  assert.deepEqual(plan, {
    kind: "impossible",
    status: "5.4.4",
    text: "SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
  });
});

for (const [name, want] of [
  ["two.test", "mx.two.test=192.0.2.1 backup.two.test=192.0.2.2,2001:db8::2"],
  ["mx.two.test", "mx.two.test=192.0.2.1"],
  ["null.test", "null.test=192.0.2.4"],
  // Who names himself as smart host on another port means it.
  ["mail.contoso.test", "mail.contoso.test=198.51.100.1"],
  ["missing.test", "failed 4.4.0"],
  ["nothing.test", "failed 4.4.0"],
  ["servfail.test", "failed 4.4.3"],
  ["127.0.0.1", "127.0.0.1=127.0.0.1"],
  ["::1", "::1=::1"],
  ["[127.0.0.1]", "127.0.0.1=127.0.0.1"],
] as const) {
  test(`resolveHost ${name}`, async () => {
    const plan = await resolveHost(name, fakeResolver(ZONE, fakeClock()), OPTIONS);
    assert.equal(brief(plan), want);
  });
}

test("hosts and addresses are bounded, the best are kept", async () => {
  const zone: Zone = { "many.test": { MX: [] } };
  const exchangers: [number, string][] = [];
  for (let count = 0; count < 40; count++) {
    exchangers.push([100 - count, `h${count}.many.test`]);
    zone[`h${count}.many.test`] = { A: Array.from({ length: 20 }, (_, at) => `192.0.2.${at}`) };
  }
  zone["many.test"] = { MX: exchangers };
  const plan = await resolveMx("many.test", fakeResolver(zone, fakeClock()), OPTIONS);
  assert.ok(plan.kind === "hosts");
  assert.equal(plan.hosts.length, 16);
  assert.equal(plan.hosts[0]?.name, "h39.many.test");
  assert.ok(plan.hosts.every((host) => host.addresses.length === 8));
});

test("whatever the preferences and dice, the plan is a sorted selection of the hosts", async () => {
  const zone: Zone = {};
  for (let host = 0; host < 12; host++) zone[`h${host}.test`] = { A: [`192.0.2.${host}`] };
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(11)), {
        minLength: 1,
        selector: ([, host]) => host,
      }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      async (records, dice) => {
        zone["d.test"] = { MX: records.map(([preference, host]) => [preference, `h${host}.test`]) };
        const random = () => dice.next().value;
        const plan = await resolveMx("d.test", fakeResolver(zone, fakeClock()), {
          ...OPTIONS,
          random,
        });
        assert.ok(plan.kind === "hosts");
        const preferences = plan.hosts.map((host) => host.preference);
        assert.deepEqual(
          preferences,
          preferences.toSorted((left, right) => left - right),
        );
        assert.deepEqual(
          plan.hosts.map((host) => host.name).sort(),
          records.map(([, host]) => `h${host}.test`).sort(),
        );
      },
    ),
  );
});

test("equal preferences: every host comes first for some throw of the dice", async () => {
  const zone: Zone = { "d.test": { MX: [] } };
  zone["d.test"] = { MX: ["a", "b", "c"].map((host) => [10, `${host}.test`] as const) };
  for (const host of ["a", "b", "c"]) zone[`${host}.test`] = { A: ["192.0.2.1"] };
  const first = new Set<string>();
  for (const numbers of [
    [0.9, 0.9, 0.9],
    [0.9, 0, 0.9],
    [0.9, 0.9, 0],
  ]) {
    const random = fakeClock(0, numbers).random;
    const plan = await resolveMx("d.test", fakeResolver(zone, fakeClock()), { ...OPTIONS, random });
    if (plan.kind === "hosts") first.add(plan.hosts[0]?.name ?? "");
  }
  assert.deepEqual([...first].sort(), ["a.test", "b.test", "c.test"]);
});

test("addresses take turns, IPv6 first where it works and last where it does not", () => {
  const addresses = { ipv4: ["1", "2", "3"], ipv6: ["a"] };
  const random = () => 0.999;
  assert.deepEqual(interleaveAddresses(addresses, { ipv6: true, random }), ["a", "1", "2", "3"]);
  assert.deepEqual(interleaveAddresses(addresses, { ipv6: false, random }), ["1", "2", "3", "a"]);
});

test("shuffle keeps every item once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat()),
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }),
      (items, numbers) => {
        const shuffled = shuffle(items, fakeClock(0, numbers).random);
        assert.deepEqual(shuffled.toSorted(), items.toSorted());
      },
    ),
  );
});
