import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHead } from "./message-head.ts";
import { contentOf, startPeer } from "./scan-peer.fake.ts";
import { formatSpamdRequest, parseSpamdAnswer, scanBySpamd } from "./spamd.ts";

function read(head: string, body = ""): unknown {
  const parsed = parseHead(head);
  if (!parsed.ok) return parsed.fault;
  const answer = parseSpamdAnswer(parsed.value, body);
  return answer.ok ? answer.value : answer.fault.kind;
}

test("parseSpamdAnswer: score, threshold and names", () => {
  assert.deepEqual(
    read("SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1000.0 / 5.0", "GTUBE,NO_RECEIVED,NO_RELAYS\r\n"),
    {
      isSpam: true,
      score: 1000,
      threshold: 5,
      symbols: ["GTUBE", "NO_RECEIVED", "NO_RELAYS"],
    },
  );
  assert.deepEqual(read("SPAMD/1.5 0 EX_OK\nspam: False ; -0.9 / 5"), {
    isSpam: false,
    score: -0.9,
    threshold: 5,
    symbols: [],
  });
});

for (const [head, want] of [
  ["SPAMD/1.0 76 Bad header line: (EOF during headers)", "refused"],
  ["SPAMD/1.1 0 EX_OK", "protocol"],
  ["SPAMD/1.1 0 EX_OK\r\nSpam: True ; x / 5", "protocol"],
  ["SPAMD/1.1 0 EX_OK\r\nSpam: True ; 5", "protocol"],
  ["HTTP/1.1 200 OK\r\nSpam: True ; 5 / 5", "protocol"],
  ["", "protocol"],
] as const) {
  test(`parseSpamdAnswer: no rating in ${JSON.stringify(head)}`, () => {
    assert.equal(read(head), want);
  });
}

test("parseSpamdAnswer: any text gives a rating or a fault", () => {
  const field = fc.tuple(fc.constantFrom("Spam", "Content-length"), fc.string());
  fc.assert(
    fc.property(fc.string(), field, fc.string(), (start, [name, value], body) => {
      const parsed = parseHead(`${start}\r\n${name}: ${value}`);
      if (!parsed.ok) return;
      const answer = parseSpamdAnswer(parsed.value, body);
      if (answer.ok) assert.ok(Number.isFinite(answer.value.score));
    }),
  );
});

test("formatSpamdRequest: a user's name cannot become a field", () => {
  assert.equal(
    formatSpamdRequest(5, "al"),
    "SYMBOLS SPAMC/1.5\r\nContent-length: 5\r\nUser: al\r\n\r\n",
  );
  assert.doesNotMatch(formatSpamdRequest(5, "a\r\nX: y"), /X:/);
});

test("scanBySpamd: asks, and reads an answer in any pieces", async (t) => {
  const answer =
    "SPAMD/1.1 0 EX_OK\r\nContent-length: 7\r\nSpam: False ; 1.5 / 5.0\r\n\r\nA_B,C\r\n";
  const request = "SYMBOLS SPAMC/1.5\r\nContent-length: 5\r\n\r\nhello";
  const peer = await startPeer(t, async (talk) => {
    await talk.until((bytes) => bytes.toString("latin1") === request);
    talk.dribble(answer);
  });
  const scanned = await scanBySpamd(peer, { content: contentOf("hello", 2) });
  assert.deepEqual(scanned.ok && scanned.value.symbols, ["A_B", "C"]);
});

test("scanBySpamd: without a length the answer ends with the connection", async (t) => {
  const peer = await startPeer(t, (talk) => {
    talk.say("SPAMD/1.1 0 EX_OK\r\nSpam: True ; 6 / 5.0\r\n\r\n");
    talk.hangUp();
  });
  const scanned = await scanBySpamd(peer, { content: contentOf("hello") });
  assert.equal(scanned.ok && scanned.value.isSpam, true);
});

for (const [why, said, want] of [
  ["the first line alone, when it could not scan", "SPAMD/1.0 75 EX_TEMPFAIL\r\n", "refused"],
  ["cut off in the head", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 6 / 5.0\r\n", "protocol"],
  [
    "cut off in the body",
    "SPAMD/1.1 0 OK\r\nContent-length: 9\r\nSpam: No ; 1 / 5\r\n\r\nA",
    "protocol",
  ],
  ["a body without end", `SPAMD/1.1 0 OK\r\n\r\n${"x".repeat(100_000)}`, "protocol"],
  ["a head without end", `SPAMD/1.1 0 OK\r\nX: ${"x".repeat(100_000)}`, "protocol"],
  ["nothing", "", "protocol"],
] as const) {
  test(`scanBySpamd: ${why}`, async (t) => {
    const peer = await startPeer(t, (talk) => {
      talk.say(said);
      talk.hangUp();
    });
    const scanned = await scanBySpamd(peer, { content: contentOf("hello") });
    assert.equal(scanned.ok ? "ok" : scanned.fault.kind, want);
  });
}
