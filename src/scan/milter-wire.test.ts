import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatMilterCommand, type MilterCommand } from "./milter-command.ts";
import { formatNegotiation, parseNegotiation } from "./milter-negotiation.ts";
import {
  formatMilterPacket,
  MILTER_PROTOCOL,
  MilterPacketReader,
  nulEnded,
  uint32,
} from "./milter-wire.ts";

test("MilterPacketReader: packets come out the same in every cut", () => {
  const packet = fc.tuple(fc.constantFrom("c", "h", "y"), fc.uint8Array({ maxLength: 20 }));
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (sent, cut) => {
      const bytes = Buffer.concat(sent.map(([code, data]) => formatMilterPacket(code, data)));
      const reader = new MilterPacketReader();
      const got: [string, Uint8Array][] = [];
      for (let at = 0; at < bytes.length; at += cut) {
        const packets = reader.push(bytes.subarray(at, at + cut));
        assert.ok(packets.ok);
        for (const { code, data } of packets.value) got.push([code, Uint8Array.from(data)]);
      }
      assert.deepEqual(got, sent);
    }),
  );
});

for (const length of [0, 262_145, 0xff_ff_ff_ff]) {
  test(`MilterPacketReader: no packet has ${length} octets`, () => {
    const read = new MilterPacketReader().push(Buffer.concat([uint32(length), Buffer.from("c")]));
    assert.equal(read.ok, false);
  });
}

const agree = (version: number, actions: number, protocol: number, more = new Uint8Array()) => ({
  code: "O",
  data: Buffer.concat([uint32(version), uint32(actions), uint32(protocol), more]),
});

test("negotiation: our offer, and what a milter makes of it", () => {
  assert.equal(
    Buffer.from(formatNegotiation()).toString("hex"),
    "0000000d4f00000006000001ff001fffff",
  );
  const lists = [uint32(2), nulEnded("i {mail_addr}"), uint32(99), nulEnded("x")];
  const read = parseNegotiation(agree(6, 0x3f, 0x100, Buffer.concat(lists)));
  assert.deepEqual(read.ok && { ...read.value, macroNames: [...read.value.macroNames] }, {
    version: 6,
    actions: 0x3f,
    protocol: 0x100,
    macroNames: [["mail", ["i", "{mail_addr}"]]],
  });
});

for (const [why, packet] of [
  ["another packet", { code: "c", data: new Uint8Array() }],
  ["too short", { code: "O", data: new Uint8Array(11) }],
  ["a later version", agree(7, 0, 0)],
  ["a version without steps", agree(1, 0, 0)],
  ["an action that was not offered", agree(6, 0x200, 0)],
  ["a step that was not offered", agree(6, 0, 0x1000_0000)],
  ["the highest bit", agree(6, 0, 0x8000_0000)],
  ["a list without end", agree(6, 0, 0, Buffer.from("\0\0\0\x02i"))],
  ["half a number", agree(6, 0, 0, Buffer.from("\0\0"))],
] as const) {
  test(`parseNegotiation: refuses ${why}`, () => {
    assert.equal(parseNegotiation(packet).ok, false);
  });
}

test("parseNegotiation: any bytes give an agreement or a fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
      const read = parseNegotiation({ code: "O", data });
      assert.ok(read.ok ? read.value.version <= 6 : read.fault.length > 0);
    }),
  );
});

const SPACED: MilterCommand = { kind: "header", name: "To", value: Buffer.from("  a,\r\n\tb") };
const KEEPS = MILTER_PROTOCOL.leadingSpace;

for (const [why, command, protocol, want] of [
  [
    "connect, IPv4",
    {
      kind: "connect",
      host: "client.test",
      client: { family: "4", address: "192.0.2.1", port: 258 },
    },
    0,
    "Cclient.test|4\x01\x02192.0.2.1|",
  ],
  [
    "connect, IPv6",
    {
      kind: "connect",
      host: "[2001:db8::1]",
      client: { family: "6", address: "2001:db8::1", port: 1 },
    },
    0,
    "C[2001:db8::1]|6|\x01IPv6:2001:db8::1|",
  ],
  [
    "connect, socket",
    { kind: "connect", host: "localhost", client: { family: "unix", path: "/run/x" } },
    0,
    "Clocalhost|L||/run/x|",
  ],
  [
    "connect, unknown",
    { kind: "connect", host: "unknown", client: { family: "unknown" } },
    0,
    "Cunknown|U",
  ],
  ["helo, with a NUL", { kind: "helo", name: "a\0b" }, 0, "Hab|"],
  [
    "mail with parameters",
    { kind: "mail", address: "<a@b.test>", parameters: ["SIZE=5", "BODY=8BITMIME"] },
    0,
    "M<a@b.test>|SIZE=5|BODY=8BITMIME|",
  ],
  ["rcpt", { kind: "rcpt", address: "<c@d.test>", parameters: [] }, 0, "R<c@d.test>|"],
  ["data", { kind: "data" }, 0, "T"],
  ["unknown", { kind: "unknown", line: "FOO bar" }, 0, "UFOO bar|"],
  ["header", SPACED, 0, "LTo| a,\n\tb|"],
  ["header with its space", SPACED, KEEPS, "LTo|  a,\n\tb|"],
  ["eoh", { kind: "eoh" }, 0, "N"],
  ["body", { kind: "body", bytes: Buffer.from("a\r\n\0") }, 0, "Ba\r\n|"],
  ["eob", { kind: "eob" }, 0, "E"],
] as const satisfies readonly (readonly [string, MilterCommand, number, string])[]) {
  test(`formatMilterCommand: ${why}`, () => {
    const packet = Buffer.from(formatMilterCommand(command, protocol));
    assert.equal(packet.readUInt32BE(0), packet.length - 4);
    assert.equal(packet.toString("latin1", 4).replaceAll("\0", "|"), want);
  });
}
