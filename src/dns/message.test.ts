import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, decode, encode } from "dns-packet";
import fc from "fast-check";
import { parseHostName } from "./host-name.ts";
import { encodeQuery, isResponseTo, parseResponse } from "./message.ts";

const QUESTION = { id: 0x1234, name: "example.test", type: "MX" } as const;
const QUERY = encodeQuery(QUESTION, { edns: true });

function respond(answers: Answer[], change: { id?: number; name?: string; flags?: number } = {}) {
  return encode({
    type: "response",
    id: change.id ?? QUESTION.id,
    flags: change.flags ?? 0,
    questions: [{ type: "MX", name: change.name ?? QUESTION.name }],
    answers,
  });
}

test("a query wants recursion, AD and EDNS", () => {
  const packet = decode(Buffer.from(QUERY));
  assert.equal(packet.id, 0x1234);
  assert.equal(packet.flag_rd, true);
  assert.equal(packet.flag_ad, true);
  assert.equal(packet.additionals?.[0]?.type, "OPT");
  const plain = decode(Buffer.from(encodeQuery(QUESTION, { edns: false })));
  assert.equal(plain.additionals?.length, 0);
});

for (const [why, bytes, want] of [
  ["the same question", respond([]), true],
  ["the same name in other case", respond([], { name: "EXAMPLE.Test" }), true],
  ["another id", respond([], { id: 1 }), false],
  ["another name", respond([], { name: "example.tesu" }), false],
  ["a longer name", respond([], { name: "example.test.x" }), false],
  ["our own query come back", QUERY, false],
  ["an error without its question", Buffer.from("123480010000000000000000", "hex"), true],
  ["a success without its question", Buffer.from("123480000000000000000000", "hex"), false],
  ["nothing", Buffer.alloc(0), false],
] as const) {
  test(`isResponseTo: ${why}`, () => assert.equal(isResponseTo(QUERY, bytes), want));
}

test("records are read, hostile names and foreign types left out", () => {
  const response = parseResponse(
    QUERY,
    respond([
      {
        type: "MX",
        name: "example.test",
        ttl: 60,
        data: { preference: 5, exchange: "MX.Example.test" },
      },
      { type: "MX", name: "example.test", ttl: 2 ** 31, data: { preference: 6, exchange: "." } },
      { type: "MX", name: "example.test", ttl: 60, data: { exchange: "evil\r\nRCPT.test" } },
      { type: "CNAME", name: "a.test", ttl: 60, data: "b.test" },
      { type: "A", name: "a.test", ttl: 60, data: "192.0.2.1" },
      { type: "AAAA", name: "a.test", ttl: 60, data: "2001:db8::1" },
      { type: "HINFO", name: "a.test", ttl: 60, data: { cpu: "x", os: "y" } },
      { type: "TXT", name: "a.test", ttl: 60, data: ["v=STSv1; ", "id=1\xff"] },
      {
        type: "TLSA",
        name: "a.test",
        ttl: 60,
        data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from([1, 2]) },
      },
    ]),
  );
  assert.ok(response.ok);
  assert.deepEqual(response.value.answers, [
    {
      owner: "example.test",
      data: { type: "MX", ttlSeconds: 60, preference: 5, exchange: "mx.example.test" },
    },
    { owner: "example.test", data: { type: "MX", ttlSeconds: 0, preference: 6, exchange: "." } },
    { owner: "a.test", data: { type: "CNAME", ttlSeconds: 60, target: "b.test" } },
    { owner: "a.test", data: { type: "A", ttlSeconds: 60, address: "192.0.2.1" } },
    { owner: "a.test", data: { type: "AAAA", ttlSeconds: 60, address: "2001:db8::1" } },
    { owner: "a.test", data: { type: "TXT", ttlSeconds: 60, text: "v=STSv1; id=1\u00c3\u00bf" } },
    {
      owner: "a.test",
      data: {
        type: "TLSA",
        ttlSeconds: 60,
        usage: 3,
        selector: 1,
        matchingType: 1,
        data: Uint8Array.of(1, 2),
      },
    },
  ]);
});

test("more records than anybody needs are refused", () => {
  const record = { type: "A", name: "a.test", ttl: 1, data: "192.0.2.1" } as const;
  const many = (count: number) => parseResponse(QUERY, respond(new Array(count).fill(record)));
  assert.equal(many(512).ok, true);
  assert.deepEqual(many(513), { ok: false, fault: "too many records" });
});

test("no bytes make it throw, however a good answer is cut or bent", () => {
  const good = respond([
    {
      type: "MX",
      name: "example.test",
      ttl: 60,
      data: { preference: 5, exchange: "mx.example.test" },
    },
    { type: "A", name: "mx.example.test", ttl: 60, data: "192.0.2.1" },
  ]);
  fc.assert(
    fc.property(
      fc.nat(good.length),
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
      (length, changes) => {
        const bytes = Buffer.from(good.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const response = parseResponse(QUERY, bytes);
        if (!response.ok) return;
        for (const { owner, data } of response.value.answers) {
          assert.match(owner, /^[a-z0-9_.-]+$/);
          if (data.type === "A" || data.type === "AAAA")
            assert.match(data.address, /^[0-9a-f.:]+$/);
        }
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void parseResponse(QUERY, bytes)),
  );
});

test("a long chain of compression pointers ends soon", () => {
  // Each of 512 records names the end of a chain of pointers, each pointing two bytes back.
  const start = QUERY.length;
  const bytes = Buffer.alloc(60_000);
  respond([]).copy(bytes);
  bytes.writeUInt16BE(512, 6);
  for (let at = 40; at < 16_000; at += 2) bytes.writeUInt16BE(0xc000 | (at - 2), at);
  for (let at = 16_000; at < 16_000 + 512 * 12; at += 12) bytes.writeUInt16BE(0xc000 | 15_998, at);
  assert.ok(start < 60);
  assert.equal(parseResponse(QUERY, bytes).ok, false);
});

for (const [text, want] of [
  ["Mail.Example.TEST.", "mail.example.test"],
  ["_dmarc.x", "_dmarc.x"],
  ["a".repeat(63), "a".repeat(63)],
  ["a".repeat(64), undefined],
  [`${"a.".repeat(126)}a`, `${"a.".repeat(126)}a`],
  [`${"a.".repeat(127)}a`, undefined],
  ["", undefined],
  [".", undefined],
  ["a..b", undefined],
  ["a b", undefined],
  ["a\r\nb", undefined],
  ["münchen.test", undefined],
] as const) {
  test(`parseHostName ${JSON.stringify(text).slice(0, 40)}`, () => {
    assert.equal(parseHostName(text), want);
  });
}
