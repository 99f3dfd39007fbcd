import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HttpAnswerReader } from "./http-answer.ts";
import { formatRspamdRequest, scanByRspamd } from "./rspamd.ts";
import { parseRspamdAnswer } from "./rspamd-answer.ts";
import { contentOf, readInPieces, startPeer } from "./scan-peer.fake.ts";

const ANSWER = {
  is_skipped: false,
  score: 1234.5,
  required_score: 15,
  action: "reject",
  symbols: {
    GTUBE: { name: "GTUBE", score: 0, description: "Generic Test for Unsolicited Bulk Email" },
    ARC_NA: { name: "ARC_NA", score: -0.1, options: ["x"] },
    BAD: "no symbol",
  },
  messages: { smtp_message: "Gtube\r\npattern" },
  milter: {
    add_headers: {
      "X-Spam": { value: "Yes", order: 0 },
      "X-Several": ["one", { value: "two\n three", order: -1 }],
      "X bad": "name",
      "X-Number": 5,
    },
    remove_headers: { "X-Spam": 0, "X-Second": 2, "X-Bad": "all" },
  },
};

test("parseRspamdAnswer: every part", () => {
  const read = parseRspamdAnswer(Buffer.from(JSON.stringify(ANSWER)));
  assert.deepEqual(read, {
    ok: true,
    value: {
      isSkipped: false,
      action: "reject",
      score: 1234.5,
      requiredScore: 15,
      symbols: [
        { name: "GTUBE", score: 0 },
        { name: "ARC_NA", score: -0.1 },
      ],
      smtpMessage: "Gtube?pattern",
      subject: undefined,
      addFields: [
        { name: "X-Spam", value: "Yes", position: 0 },
        { name: "X-Several", value: "one", position: undefined },
        { name: "X-Several", value: "two\n three", position: undefined },
      ],
      removeFields: [
        { name: "X-Spam", index: 0 },
        { name: "X-Second", index: 2 },
      ],
    },
  });
});

for (const [why, text, want] of [
  ["no JSON", "<html>", "protocol"],
  ["a list", "[]", "protocol"],
  ["no action", '{"score":1}', "protocol"],
  ["no score", '{"action":"reject"}', "protocol"],
  ["a score that is no number", '{"action":"reject","score":"5"}', "protocol"],
  ["an error", '{"error":"Message is malformed"}', "refused"],
  ["skipped without a score", '{"action":"no action","is_skipped":true}', "no action"],
  ["an action of the operator's", '{"action":"tag","score":1}', "other"],
  ["fields of a wrong form", '{"action":"reject","score":1,"milter":[],"symbols":5}', "reject"],
] as const) {
  test(`parseRspamdAnswer: ${why}`, () => {
    const read = parseRspamdAnswer(Buffer.from(text));
    assert.equal(read.ok ? read.value.action : read.fault.kind, want);
  });
}

test("parseRspamdAnswer: any JSON and any bytes give a rating or a fault", () => {
  const part = fc.jsonValue({ maxDepth: 3 });
  const record = fc.record(
    { action: part, score: part, symbols: part, milter: part, messages: part },
    { noNullPrototype: true, requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        record.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      (text) => {
        const read = parseRspamdAnswer(Buffer.from(text));
        assert.ok(read.ok || read.fault.text.length < 300);
      },
    ),
  );
});

test("formatRspamdRequest: what is known, each on its line, and nothing besides", () => {
  const text = formatRspamdRequest(
    {
      clientAddress: "192.0.2.1",
      clientName: undefined,
      helo: "evil\r\nUser: admin",
      sender: "",
      recipients: ["a@b.test", "ä@b.test"],
    },
    { host: "127.0.0.1:11333", bytes: 5 },
  );
  assert.equal(
    text,
    [
      ...["POST /checkv2 HTTP/1.1", "Host: 127.0.0.1:11333", "Content-Length: 5"],
      ...["Connection: close", "IP: 192.0.2.1", "Helo: evil User: admin", "From: <>"],
      ...["Rcpt: a@b.test", "Rcpt: ä@b.test", "", ""],
    ].join("\r\n"),
  );
});

const PLAIN = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const CODED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

for (const [why, text, want] of [
  ["by length", PLAIN, "200 hello"],
  ["in chunks", CODED, "200 hello"],
  ["to the end of the connection", "HTTP/1.0 503 no\r\n\r\nhello", "503 hello"],
  ["empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 "],
  ["cut off", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "protocol"],
  ["cut off in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nh", "protocol"],
  ["longer than allowed", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "protocol"],
  ["longer than allowed, unsaid", "HTTP/1.1 200 OK\r\n\r\n0123456789a", "protocol"],
  ["compressed", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", "protocol"],
  ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx", "protocol"],
  ["another protocol", "SPAMD/1.1 0 EX_OK\r\n\r\n", "protocol"],
  ["a line that is no field", "HTTP/1.1 200 OK\r\nhello\r\n\r\n", "protocol"],
] as const) {
  test(`HttpAnswerReader: ${why}, however it is cut`, () => {
    for (const pieceBytes of [1, 2, 5, 10_000]) {
      const read = readInPieces(new HttpAnswerReader(10), Buffer.from(text), pieceBytes);
      const got = read.ok
        ? `${read.value.status} ${Buffer.from(read.value.body)}`
        : read.fault.kind;
      assert.equal(got, want, `in pieces of ${pieceBytes}`);
    }
  });
}

test("HttpAnswerReader: any bytes give an answer or a fault", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string().map((tail) => `HTTP/1.1 200 OK\r\n${tail}\r\n\r\n`),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 5 }), (said, cut) => {
      const bytes = Buffer.from(said);
      const whole = readInPieces(new HttpAnswerReader(100), bytes, 10_000);
      assert.equal(readInPieces(new HttpAnswerReader(100), bytes, cut).ok, whole.ok);
    }),
  );
});

test("scanByRspamd: asks and reads; another status is a refusal", async (t) => {
  const body = JSON.stringify(ANSWER);
  const peer = await startPeer(t, async (talk) => {
    await talk.until((bytes) => bytes.toString("latin1").endsWith("\r\n\r\nhello"));
    talk.say(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  });
  const message = { content: contentOf("hello"), facts: { recipients: ["a@b.test"] } };
  const scanned = await scanByRspamd(peer, message);
  assert.equal(scanned.ok && scanned.value.score, 1234.5);
  const busy = await startPeer(t, (talk) =>
    talk.say("HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n"),
  );
  const refused = await scanByRspamd(busy, message);
  assert.equal(refused.ok ? "" : refused.fault.kind, "refused");
});
