import assert from "node:assert/strict";
import { test } from "node:test";
import { range, sampleConnector } from "./sample-organization.fake.ts";
import {
  explainSelection,
  holdsAddress,
  rememberSelections,
  selectConnector,
} from "./select-connector.ts";

const ALL = [range("0.0.0.0-255.255.255.255"), range("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")];
const CONNECTORS = [
  sampleConnector({
    name: "internet",
    bindings: [
      { address: "0.0.0.0", port: 25 },
      { address: "::", port: 25 },
    ],
    remoteIPRanges: ALL,
  }),
  sampleConnector({ name: "branch", remoteIPRanges: [range("10.0.0.0-10.255.255.255")] }),
  sampleConnector({
    name: "scanner",
    remoteIPRanges: [range("10.1.2.3-10.1.2.3"), range("10.0.0.0-10.127.255.255")],
  }),
  sampleConnector({
    name: "off",
    enabled: false,
    remoteIPRanges: [range("192.0.2.1-192.0.2.1")],
  }),
  sampleConnector({
    name: "one address",
    bindings: [{ address: "198.51.100.5", port: 587 }],
    remoteIPRanges: [range("192.0.2.0-192.0.2.255")],
  }),
  sampleConnector({
    name: "six",
    bindings: [{ address: "2001:db8::25", port: 587 }],
    remoteIPRanges: [range("2001:db8::-2001:db8::ffff")],
  }),
  sampleConnector({
    name: "six for all",
    bindings: [{ address: "0.0.0.0", port: 26 }],
    remoteIPRanges: [range("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")],
  }),
];

for (const [why, local, port, remote, want] of [
  ["the widest range takes the rest", "127.0.0.1", 25, "203.0.113.1", "internet"],
  ["the narrowest range wins", "127.0.0.1", 25, "10.1.2.3", "scanner"],
  ["the narrowest of a connector's ranges counts", "127.0.0.1", 25, "10.1.2.4", "scanner"],
  ["a wider range of the same connector does not", "127.0.0.1", 25, "10.200.0.1", "branch"],
  ["first address of a range", "127.0.0.1", 25, "10.0.0.0", "scanner"],
  ["last address of a range", "127.0.0.1", 25, "10.255.255.255", "branch"],
  ["one past a range", "127.0.0.1", 25, "11.0.0.0", "internet"],
  ["a disabled connector is passed over", "127.0.0.1", 25, "192.0.2.1", "internet"],
  ["an address of its own", "198.51.100.5", 587, "192.0.2.9", "one address"],
  ["outside every range of its binding", "198.51.100.5", 587, "203.0.113.1", undefined],
  ["a range on another binding is no match", "198.51.100.6", 587, "192.0.2.9", undefined],
  ["a port that nobody has", "198.51.100.5", 2525, "192.0.2.9", undefined],
  ["IPv6", "2001:db8:0:0::25", 587, "2001:db8::1", "six"],
  ["IPv6 with a zone", "2001:db8::25%eth0", 587, "2001:db8::1%eth0", "six"],
  ["IPv6 on every address", "::1", 25, "2001:db8::1", "internet"],
  ["mapped IPv4", "::ffff:127.0.0.1", 25, "::ffff:10.1.2.3", "scanner"],
  ["0.0.0.0 is no IPv6 address", "::1", 26, "2001:db8::1", undefined],
  ["::/0 holds no IPv4 address", "127.0.0.1", 26, "10.1.2.3", undefined],
  ["no address at all", "127.0.0.1", 25, "somewhere", undefined],
] as const) {
  test(`selectConnector: ${why}`, () => {
    const ends = { localAddress: local, localPort: port, remoteAddress: remote };
    const { connector, reasons } = selectConnector(CONNECTORS, ends);
    assert.equal(connector?.name, want);
    assert.ok(reasons.length > 0);
  });
}

test("selectConnector says why", () => {
  const ends = { localAddress: "127.0.0.1", localPort: 25, remoteAddress: "10.200.0.1" };
  assert.deepEqual(selectConnector(CONNECTORS, ends).reasons, [
    "internet: remote range 0.0.0.0-255.255.255.255 holds 10.200.0.1",
    "branch: remote range 10.0.0.0-10.255.255.255 holds 10.200.0.1",
    "scanner: no remote range holds 10.200.0.1",
    "off: disabled",
    "branch: chosen, 10.0.0.0-10.255.255.255 is the narrowest range",
  ]);
});

const LINKS = [
  sampleConnector({
    name: "every link",
    bindings: [{ address: "::", port: 25 }],
    remoteIPRanges: [range("fe80::-fe80::ffff")],
  }),
  sampleConnector({
    name: "eth0",
    bindings: [{ address: "::", port: 25 }],
    remoteIPRanges: [{ ...range("fe80::-fe80::ffff"), scope: "eth0" }],
  }),
  sampleConnector({
    name: "by number",
    bindings: [{ address: "::", port: 25 }],
    remoteIPRanges: [{ ...range("fe80::-fe80::ffff"), scope: "11" }],
  }),
  sampleConnector({
    name: "bound to eth0",
    bindings: [{ address: "fe80::25%eth0", port: 26 }],
    remoteIPRanges: ALL,
  }),
];
const NUMBERS: Readonly<Record<string, string>> = { eth0: "2", eth1: "11" };

for (const [why, local, port, remote, scope, want] of [
  ["a range of one link", "fe80::25", 25, "fe80::1", "eth0", "eth0"],
  ["the link in the address itself", "fe80::25%eth0", 25, "fe80::1%eth0", undefined, "eth0"],
  ["a link by its number", "fe80::25", 25, "fe80::1", "eth1", "by number"],
  ["a link that none names", "fe80::25", 25, "fe80::1", "wlan0", "every link"],
  ["no link", "fe80::25", 25, "fe80::1", undefined, "every link"],
  ["a binding of one link", "fe80::25", 26, "fe80::1", "eth0", "bound to eth0"],
  ["a binding of another link", "fe80::25", 26, "fe80::1", "eth1", undefined],
] as const) {
  test(`selectConnector: ${why}`, () => {
    const ends = { localAddress: local, localPort: port, remoteAddress: remote };
    const scoped = {
      ...ends,
      ...(scope && { scope }),
      scopeNumber: (name: string) => NUMBERS[name],
    };
    assert.equal(selectConnector(LINKS, scoped).connector?.name, want);
  });
}

test("selectConnector: with the same range, who is bound to the very address", () => {
  const everywhere = sampleConnector({ name: "everywhere", remoteIPRanges: ALL });
  const bindings = [{ address: "192.0.2.25", port: 25 }];
  const here = sampleConnector({ name: "here", bindings, remoteIPRanges: ALL });
  const ends = { localAddress: "192.0.2.25", localPort: 25, remoteAddress: "203.0.113.1" };
  assert.equal(selectConnector([everywhere, here], ends).connector?.name, "here");
  assert.equal(selectConnector([here, everywhere], ends).connector?.name, "here");
});

for (const [address, want] of [
  ["10.0.0.0", true],
  ["10.0.0.9", true],
  ["10.0.0.10", false],
  ["::ffff:10.0.0.5", true],
  ["2001:db8::1", false],
  ["somewhere", false],
] as const) {
  test(`holdsAddress: ${address}`, () => {
    assert.equal(holdsAddress([range("10.0.0.0-10.0.0.9")], address), want);
  });
}

test("a remembering selection says the same, of each list its own, however many ask", () => {
  const remembering = rememberSelections();
  const others = CONNECTORS.slice(0, 1);
  for (let turn = 0; turn < 2; turn += 1) {
    for (let host = 0; host < 3000; host += 1) {
      const remoteAddress = `10.1.${host >> 8}.${host & 255}`;
      const ends = { localAddress: "127.0.0.1", localPort: 25, remoteAddress };
      assert.deepEqual(remembering(CONNECTORS, ends), selectConnector(CONNECTORS, ends));
      assert.equal(remembering(others, ends).connector?.name, "internet");
    }
  }
});

test("the port and both addresses are remembered", () => {
  const remembering = rememberSelections();
  const ends = { localAddress: "198.51.100.5", localPort: 587, remoteAddress: "192.0.2.9" };
  const nameAt = (change: Partial<typeof ends>) =>
    remembering(CONNECTORS, { ...ends, ...change }).connector?.name;
  assert.equal(nameAt({}), "one address");
  assert.equal(nameAt({ localPort: 25 }), "internet");
  assert.equal(nameAt({ localAddress: "198.51.100.6" }), undefined);
  assert.equal(nameAt({ remoteAddress: "203.0.113.1" }), undefined);
});

test("the number of a link is asked for each time", () => {
  const remembering = rememberSelections();
  const nameNow = (number: string) =>
    remembering(LINKS, {
      localAddress: "fe80::25",
      localPort: 25,
      remoteAddress: "fe80::1",
      scope: "eth7",
      scopeNumber: () => number,
    }).connector?.name;
  assert.notEqual(nameNow("11"), undefined);
  assert.notEqual(nameNow("11"), nameNow("12"));
});

test("an explanation chooses the same one, and says of each why", () => {
  for (const localAddress of ["127.0.0.1", "198.51.100.5", "::1", "2001:db8::25"]) {
    for (const localPort of [25, 26, 587]) {
      for (const remoteAddress of ["10.1.2.3", "192.0.2.9", "203.0.113.1", "2001:db8::1"]) {
        const ends = { localAddress, localPort, remoteAddress };
        const considered = explainSelection(CONNECTORS, ends);
        const chosen = considered.filter(({ isChosen }) => isChosen);
        const { connector } = selectConnector(CONNECTORS, ends);
        assert.deepEqual(
          chosen.map((one) => one.connector),
          connector === undefined ? [] : [connector],
        );
        assert.equal(considered.length, CONNECTORS.length);
      }
    }
  }
  const ends = { localAddress: "127.0.0.1", localPort: 25, remoteAddress: "10.1.2.3" };
  assert.deepEqual(
    explainSelection(CONNECTORS, ends)
      .slice(0, 5)
      .map(({ connector, why }) => `${connector.name}: ${why}`),
    [
      "internet: remote range 0.0.0.0-255.255.255.255 holds 10.1.2.3, but 10.1.2.3-10.1.2.3 is " +
        "narrower",
      "branch: remote range 10.0.0.0-10.255.255.255 holds 10.1.2.3, but 10.1.2.3-10.1.2.3 is " +
        "narrower",
      "scanner: remote range 10.1.2.3-10.1.2.3 holds 10.1.2.3 and is the narrowest that does",
      "off: disabled",
      "one address: bound to 198.51.100.5:587, not to 127.0.0.1:25",
    ],
  );
});
