import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { PROXY_HEADER_OCTETS_MAX, type ProxyHeader, parseProxyHeader } from "./proxy-header.ts";

const SUITE = join(import.meta.dirname, "../../../shared/suites/proxy-protocol/vectors.json");

interface Vector {
  readonly v: number;
  readonly hex: string;
  readonly expect: "accept" | "reject";
  readonly client?: string;
  readonly why?: string;
}

function parse(text: string): ProxyHeader {
  return parseProxyHeader(Buffer.from(text, "latin1"));
}

/** `fc::1|123`, or a port behind a colon in words. */
function clientOf(header: ProxyHeader): string | undefined {
  assert.ok(header.kind === "header");
  return header.client && `${header.client.address}|${header.client.port}`;
}

const vectors: readonly Vector[] = existsSync(SUITE)
  ? JSON.parse(readFileSync(SUITE, "utf8")).cases
  : [];

test("published headers are taken and refused as they should be", (t) => {
  if (vectors.length === 0) {
    t.diagnostic("../shared/suites is not there: nothing compared");
    return;
  }
  for (const vector of vectors) {
    const bytes = Buffer.from(vector.hex, "hex");
    const header = parseProxyHeader(bytes);
    const what = `${vector.hex} (${vector.why ?? ""})`;
    // One that is not complete is refused when nothing more comes.
    assert.equal(header.kind === "header", vector.expect === "accept", what);
    if (header.kind !== "header") continue;
    assert.equal(header.octets, bytes.length, what);
    const words = /(\S+):(\d{4,5})(?= ->|$)/.exec(vector.why ?? "");
    const want = vector.client ?? (words === null ? undefined : `${words[1]}|${words[2]}`);
    if (want !== undefined) assert.equal(clientOf(header), want, what);
    if (/real peer/.test(vector.why ?? "")) assert.equal(clientOf(header), undefined, what);
  }
  assert.equal(vectors.length, 70);
});

const V2 = "\r\n\r\n\0\r\nQUIT\n";
const IPV4 = "\xc0\0\x02\x01\x7f\0\0\x01\x04\xd2\0\x19";

for (const [why, text, want] of [
  ["v1", "PROXY TCP4 192.0.2.1 127.0.0.1 1234 25\r\nEHLO", "192.0.2.1|1234"],
  ["v1: IPv6 in its shortest form", "PROXY TCP6 2001:DB8:0:0::1 ::1 1 25\r\n", "2001:db8::1|1"],
  ["v1: unknown, at the limit", `PROXY UNKNOWN ${"x".repeat(91)}\r\n`, undefined],
  ["v2", `${V2}\x21\x11\0\x0c${IPV4}EHLO`, "192.0.2.1|1234"],
  ["v2: extensions", `${V2}\x21\x11\0\x11${IPV4}\x04\0\x02ab`, "192.0.2.1|1234"],
  [
    "v2: mapped IPv4",
    `${V2}\x21\x21\0\x24${"\0".repeat(10)}\xff\xff\xc0\0\x02\x01${"\0".repeat(16)}\x04\xd2\0\x19`,
    "192.0.2.1|1234",
  ],
  ["v2: unspecified", `${V2}\x21\x00\0\x00`, undefined],
  ["v2: Unix", `${V2}\x21\x31\0\x00`, undefined],
  ["v2: UDP", `${V2}\x21\x12\0\x0c${IPV4}`, undefined],
  ["v2: local, whatever its family", `${V2}\x20\x99\0\x02ab`, undefined],
  ["v2: the largest", `${V2}\x21\x11\x10\x00${IPV4}${"x".repeat(4_084)}`, "192.0.2.1|1234"],
] as const) {
  test(`PROXY header, ${why}`, () => assert.equal(clientOf(parse(text)), want));
}

for (const [why, text, reason] of [
  ["nothing of the kind", "EHLO c\r\n", "no PROXY header"],
  ["a TLS handshake", "\x16\x03\x01", "no PROXY header"],
  ["v1 past the limit", `PROXY UNKNOWN ${"x".repeat(92)}\r\n`, "the line has no end"],
  ["v2 past the limit", `${V2}\x21\x11\x10\x01`, "too long"],
  ["v2: another version", `${V2}\x31`, "unknown version or command"],
] as const) {
  test(`no PROXY header: ${why}`, () => {
    assert.deepEqual(parse(text), { kind: "fault", reason });
  });
}

test("any bytes: no throw, and never incomplete once there could be no more", () => {
  const start = fc.constantFrom("", "PROXY ", "PROXY TCP4 ", V2, `${V2}\x21\x11`);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 200 }), (text, bytes) => {
      const all = Buffer.concat([Buffer.from(text, "latin1"), bytes]);
      parseProxyHeader(all);
      const full = Buffer.concat([all, Buffer.alloc(PROXY_HEADER_OCTETS_MAX)]);
      assert.notEqual(parseProxyHeader(full).kind, "incomplete");
    }),
    { numRuns: 2_000 },
  );
});

test("a header in pieces is incomplete until it is there, and then the same", () => {
  for (const vector of vectors) {
    const bytes = Buffer.from(vector.hex, "hex");
    const whole = parseProxyHeader(bytes);
    if (whole.kind !== "header") continue;
    for (let length = 0; length < bytes.length; length += 1) {
      assert.equal(parseProxyHeader(bytes.subarray(0, length)).kind, "incomplete", vector.hex);
    }
    assert.deepEqual(parseProxyHeader(Buffer.concat([bytes, Buffer.from("EHLO")])), whole);
  }
});
